namespace Windhover.Apps.Toml;

/// <summary>A value of a TOML document, with its place.</summary>
internal abstract record TomlNode(Place Place)
{
    /// <summary>What it is, for errors: <c>a string</c>.</summary>
    public abstract string Kind { get; }
}

/// <summary>A string, number, boolean or date.</summary>
internal sealed record TomlScalar(Place Place, object Value) : TomlNode(Place)
{
    public override string Kind => Value switch
    {
        string => "a string",
        long => "a whole number",
        double => "a number",
        bool => "a boolean",
        _ => "a date",
    };
}

/// <summary>An array of anything.</summary>
internal sealed record TomlArray(Place Place, List<TomlNode> Items) : TomlNode(Place)
{
    public override string Kind => "an array";
}

/// <summary>A table, inline or not; its entries in the order of the file.</summary>
internal sealed record TomlTable(Place Place) : TomlNode(Place)
{
    public override string Kind => "a table";

    public OrderedDictionary<string, TomlEntry> Entries { get; } = new(StringComparer.Ordinal);
}

/// <summary>A key and its value.</summary>
internal sealed record TomlEntry(Place Key, TomlNode Value);
