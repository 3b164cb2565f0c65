using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Windhover.Hosting.Messaging;

/// <summary>
/// A message as bytes, for backends that keep one value for each: the length of a header (four bytes, little-endian), the header as JSON
/// (<c>a</c> attempt, <c>t</c> milliseconds since 1970, <c>h</c> headers), the body.
/// </summary>
public static class MessageEnvelope
{
    /// <summary>Writes one.</summary>
    public static byte[] Write(Message message, int attempt, DateTimeOffset sentAt)
    {
        ArgumentNullException.ThrowIfNull(message);
        var header = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(header))
        {
            writer.WriteStartObject();
            writer.WriteNumber("a", attempt);
            writer.WriteNumber("t", sentAt.ToUnixTimeMilliseconds());
            WriteHeaders(writer, "h", message.Headers);
            writer.WriteEndObject();
        }

        byte[] bytes = new byte[sizeof(int) + header.WrittenCount + message.Body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, header.WrittenCount);
        header.WrittenSpan.CopyTo(bytes.AsSpan(sizeof(int)));
        message.Body.Span.CopyTo(bytes.AsSpan(sizeof(int) + header.WrittenCount));
        return bytes;
    }

    /// <summary>Reads one. Bytes that are none of ours are the body of a message without headers.</summary>
    public static (Message Message, int Attempt, DateTimeOffset SentAt) Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            int length = bytes.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(bytes.Span) : -1;
            if (length > 1 && length <= bytes.Length - sizeof(int))
            {
                using JsonDocument header = JsonDocument.Parse(bytes.Slice(sizeof(int), length));
                return (
                    new Message(bytes[(sizeof(int) + length)..], ReadHeaders(header.RootElement.GetProperty("h"))),
                    header.RootElement.GetProperty("a").GetInt32(),
                    DateTimeOffset.FromUnixTimeMilliseconds(header.RootElement.GetProperty("t").GetInt64()));
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            // Written by somebody else.
        }

        return (new Message(bytes), 1, default);
    }

    /// <summary>Writes headers as an object.</summary>
    public static string HeadersToJson(IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            WriteHeaders(writer, "h", headers);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="HeadersToJson"/> wrote.</summary>
    public static IReadOnlyDictionary<string, string> HeadersFromJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return ReadHeaders(document.RootElement.GetProperty("h"));
    }

    private static void WriteHeaders(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string> headers)
    {
        writer.WriteStartObject(name);
        foreach ((string key, string value) in headers)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static Dictionary<string, string> ReadHeaders(JsonElement element)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in element.EnumerateObject())
            headers[property.Name] = property.Value.GetString() ?? "";
        return headers;
    }
}
