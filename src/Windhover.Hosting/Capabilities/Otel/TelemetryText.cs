using System.Globalization;
using System.Text.Json;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Clocks.WallClock;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Types;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>Attributes, names and times that guests give: JSON to values of .NET, cut to what one item may have.</summary>
internal ref struct TelemetryText(int bytes)
{
    public const int MaxName = 256;
    public const int MaxItems = 128;
    private const int MaxValue = 4096;
    private const int ItemCost = 32;
    private const long LastSecond = 253402300799; // of the year 9999

    private int _left = bytes;

    /// <summary>Items that there was no room for, or that are no attributes.</summary>
    public int Dropped { get; private set; }

    /// <summary>A name or a description; what is too long is cut.</summary>
    public string Take(string text, int most = MaxName)
    {
        string cut = Cut(text, Math.Min(most, Math.Max(0, _left)));
        _left -= cut.Length;
        return cut;
    }

    /// <summary>The attributes that may be kept.</summary>
    public List<KeyValuePair<string, object?>> Take(IReadOnlyList<KeyValue> attributes)
    {
        var taken = new List<KeyValuePair<string, object?>>(Math.Min(attributes.Count, MaxItems));
        foreach (KeyValue attribute in attributes)
        {
            if (taken.Count == MaxItems || IsReserved(attribute.Key) || attribute.Key.Length > MaxName || !TryTakeItem(attribute.Key.Length + Math.Min(attribute.Value.Length, MaxValue)))
                Dropped++;
            else
                taken.Add(new(attribute.Key, Read(attribute.Value)));
        }

        return taken;
    }

    /// <summary>Takes the room of one item with so much text.</summary>
    public bool TryTakeItem(int text)
    {
        if (_left < text + ItemCost)
            return false;
        _left -= text + ItemCost;
        return true;
    }

    /// <summary>Counts items that were left out.</summary>
    public void Drop(int count) => Dropped += count;

    /// <summary>What the host says of a guest, no guest says of itself.</summary>
    public static bool IsReserved(string key) =>
        key is "" or "app" or "component" || key.StartsWith("guest.", StringComparison.OrdinalIgnoreCase) || key.StartsWith("windhover", StringComparison.OrdinalIgnoreCase);

    /// <summary>A value, which is JSON; what is none is taken as text, and so is an object or a list of several types.</summary>
    public static object? Read(string json)
    {
        if (json.Length > MaxValue)
            return Cut(json, MaxValue) + "…";
        switch (json)
        {
            case "":
                return "";
            case "null":
                return null;
            case "true":
                return true;
            case "false":
                return false;
        }

        return json[0] switch
        {
            '"' => ReadString(json),
            '[' => ReadList(json),
            '-' or (>= '0' and <= '9') => ReadNumber(json),
            _ => json,
        };
    }

    /// <summary>The first characters, none of them half.</summary>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(most > 0 && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>A time of day, kept within what is possible.</summary>
    public static DateTime ToDateTime(Datetime time, DateTime earliest, DateTime latest)
    {
        DateTime said = DateTime.UnixEpoch.AddTicks(((long)Math.Min(time.Seconds, LastSecond) * TimeSpan.TicksPerSecond) + (Math.Min(time.Nanoseconds, 999_999_999) / 100));
        return said < earliest ? earliest : said > latest ? latest : said;
    }

    private static object ReadString(string json)
    {
        if (json.Length >= 2 && json[^1] == '"' && json.AsSpan(1, json.Length - 2).IndexOfAny('\\', '"') < 0)
            return json[1..^1];
        return Parse(json, static element => element.ValueKind == JsonValueKind.String ? element.GetString() : null) ?? json;
    }

    private static object ReadNumber(string json)
    {
        if (long.TryParse(json, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return whole;
        return double.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : json;
    }

    private static object ReadList(string json) => Parse(json, ToArray) ?? json;

    // Lists of one type are lists everywhere; what exporters do with others differs.
    private static object? ToArray(JsonElement list)
    {
        JsonElement[] items = [.. list.EnumerateArray()];
        if (Array.TrueForAll(items, i => i.ValueKind == JsonValueKind.String))
            return Array.ConvertAll(items, i => i.GetString()!);
        if (Array.TrueForAll(items, i => i.ValueKind is JsonValueKind.True or JsonValueKind.False))
            return Array.ConvertAll(items, i => i.GetBoolean());
        if (Array.TrueForAll(items, i => i.ValueKind == JsonValueKind.Number && i.TryGetInt64(out _)))
            return Array.ConvertAll(items, i => i.GetInt64());
        if (Array.TrueForAll(items, i => i.ValueKind == JsonValueKind.Number && i.TryGetDouble(out _)))
            return Array.ConvertAll(items, i => i.GetDouble());
        return null;
    }

    private static object? Parse(string json, Func<JsonElement, object?> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            return read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null; // a lone surrogate among them
        }
    }
}
