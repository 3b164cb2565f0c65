using System.Text.Json;

namespace Windhover.Capabilities.Messaging;

/// <summary>Headers of a message as backends that have none keep them: one JSON object.</summary>
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
}
