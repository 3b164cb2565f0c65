using System.Globalization;

namespace Windhover.Apps.Toml;

// A table that is read to the last key. Each reading names the key it wants, and so teaches the table which keys there are; Finish() refuses the
// first that nobody asked for and names the nearest that somebody did. A reader cannot forget to check.
internal sealed class StrictTable(TomlTable table, string what)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public Place Place => table.Place;

    public string What => what;

    public IEnumerable<string> Keys => table.Entries.Keys;

    public Place PlaceOf(string key) => table.Entries.TryGetValue(key, out TomlEntry? entry) ? entry.Key : table.Place;

    public Place ValuePlace(string key) => table.Entries.TryGetValue(key, out TomlEntry? entry) ? entry.Value.Place : table.Place;

    public bool Has(string key)
    {
        _known.Add(key);
        return table.Entries.ContainsKey(key);
    }

    public TomlNode? Node(string key)
    {
        _known.Add(key);
        return table.Entries.TryGetValue(key, out TomlEntry? entry) ? entry.Value : null;
    }

    public string? Text(string key) => Scalar<string>(key, "a string");

    public string RequiredText(string key) => Text(key) ?? throw new ManifestException(table.Place, $"{what} has no `{key}`");

    public bool Flag(string key, bool otherwise) => Scalar(key, "a boolean") is { } value
        ? value is bool flag ? flag : throw Wrong(key, "true or false")
        : otherwise;

    public int Number(string key, int otherwise, int least, int most)
    {
        object? value = Scalar(key, "a number");
        if (value is null)
            return otherwise;
        return value is long number && number >= least && number <= most
            ? (int)number
            : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
    }

    /// <summary>A time with its unit: <c>"500ms"</c>, <c>"5s"</c>, <c>"2m"</c>, <c>"1h"</c>.</summary>
    public TimeSpan? Time(string key)
    {
        object? value = Scalar(key, "a time");
        if (value is null)
            return null;
        return value is string text && ParseTime(text) is { } time
            ? time
            : throw Wrong(key, "a time with a unit such as \"500ms\", \"5s\", \"2m\" or \"1h\"");
    }

    /// <summary>A time within a range.</summary>
    public TimeSpan? Time(string key, TimeSpan least, TimeSpan most) => Time(key) is not { } time || (time >= least && time <= most)
        ? Time(key)
        : throw Wrong(key, $"a time from {Text(least)} to {Text(most)}");

    /// <summary>One of a few words.</summary>
    public string Choice(string key, string otherwise, params string[] words)
    {
        string? value = Text(key);
        if (value is null)
            return otherwise;
        return words.Contains(value, StringComparer.Ordinal)
            ? value
            : throw new ManifestException(ValuePlace(key), $"`{key}` cannot be `{value}`{Nearest.Hint(value, words)}");
    }

    public List<(string Text, Place Place)> Texts(string key)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case TomlArray array:
                return [.. array.Items.Select(item => item is TomlScalar { Value: string text }
                    ? (text, item.Place)
                    : throw new ManifestException(item.Place, $"`{key}` takes strings, and this is {item.Kind}"))];
            default:
                throw Wrong(key, "an array of strings");
        }
    }

    public StrictTable? Table(string key) => Node(key) switch
    {
        null => null,
        TomlTable inner => new StrictTable(inner, $"`{key}`"),
        _ => throw Wrong(key, "a table"),
    };

    /// <summary>The tables below a key, by name: <c>[component.front]</c>.</summary>
    public IEnumerable<(string Name, Place Place, StrictTable Table)> NamedTables(string key)
    {
        if (Node(key) is not { } node)
            yield break;
        if (node is not TomlTable all)
            throw Wrong(key, $"tables of the form [{key}.NAME]");
        foreach ((string name, TomlEntry entry) in all.Entries)
        {
            yield return entry.Value is TomlTable inner
                ? (name, entry.Key, new StrictTable(inner, $"{key} `{name}`"))
                : throw new ManifestException(entry.Value.Place, $"`{key}.{name}` is {entry.Value.Kind}; write a table [{key}.{name}]");
        }
    }

    /// <summary>An array of tables: <c>[[http]]</c>.</summary>
    public IEnumerable<StrictTable> Tables(string key)
    {
        switch (Node(key))
        {
            case null:
                yield break;
            case TomlArray array:
                foreach (TomlNode item in array.Items)
                {
                    yield return item is TomlTable inner
                        ? new StrictTable(inner, $"[[{key}]]")
                        : throw new ManifestException(item.Place, $"`{key}` takes tables, and this is {item.Kind}");
                }

                break;
            case TomlTable:
                throw new ManifestException(PlaceOf(key), $"`{key}` is an array of tables: write [[{key}]]");
            default:
                throw Wrong(key, $"tables of the form [[{key}]]");
        }
    }

    /// <summary>Refuses the first key that was not asked for.</summary>
    public void Finish()
    {
        foreach ((string key, TomlEntry entry) in table.Entries)
        {
            if (!_known.Contains(key))
                throw new ManifestException(entry.Key, $"{what} has no key `{key}`{Nearest.Hint(key, _known)}");
        }
    }

    public ManifestException Wrong(string key, string expected) => new(ValuePlace(key), $"`{key}` is not {expected}");

    public static TimeSpan? ParseTime(string text)
    {
        (string Suffix, double Seconds)[] units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];
        foreach ((string suffix, double seconds) in units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            {
                double total = value * seconds;
                return total is > 0 and <= 365 * 86400.0 ? TimeSpan.FromSeconds(total) : null;
            }
        }

        return null;
    }

    private static string Text(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{time.TotalHours:0}h" : time.TotalSeconds >= 1 ? $"{time.TotalSeconds:0}s" : $"{time.TotalMilliseconds:0}ms";

    private object? Scalar(string key, string expected) => Node(key) switch
    {
        null => null,
        TomlScalar scalar => scalar.Value,
        _ => throw Wrong(key, expected),
    };

    private T? Scalar<T>(string key, string expected)
        where T : class => Scalar(key, expected) is { } value ? value as T ?? throw Wrong(key, expected) : null;
}
