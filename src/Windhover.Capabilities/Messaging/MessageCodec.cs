using System.Buffers.Binary;
using System.Text.Json;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Messaging;

/// <summary>Headers of a message as backends that have none keep them: one JSON object; and a message in one piece, where there is only one.</summary>
public static class MessageCodec
{
    /// <summary>Headers as JSON; empty for none.</summary>
    public static byte[] Write(IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (headers.Count == 0)
            return [];
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, string value) in headers)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads headers back. What somebody else wrote and is no such object counts as none.</summary>
    public static IReadOnlyDictionary<string, string> Read(ReadOnlyMemory<byte> json)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (json.IsEmpty)
            return headers;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in document.RootElement.EnumerateObject())
                    headers[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            }
        }
        catch (JsonException)
        {
            headers.Clear();
        }

        return headers;
    }

    /// <summary>A whole message: the length of its headers in four bytes (little-endian), its headers, its content.</summary>
    public static byte[] WriteWhole(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        byte[] headers = Write(message.Headers);
        byte[] whole = new byte[4 + headers.Length + message.Body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(whole, headers.Length);
        headers.CopyTo(whole, 4);
        message.Body.CopyTo(whole.AsMemory(4 + headers.Length));
        return whole;
    }

    /// <summary>Reads a whole message back, without copying its content; null when these bytes are none.</summary>
    public static Message? ReadWhole(ReadOnlyMemory<byte> whole)
    {
        if (whole.Length < 4)
            return null;
        int headers = BinaryPrimitives.ReadInt32LittleEndian(whole.Span);
        return headers < 0 || headers > whole.Length - 4 ? null : new Message(whole[(4 + headers)..], Read(whole.Slice(4, headers)));
    }
}
