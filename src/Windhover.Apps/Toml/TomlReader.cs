using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Windhover.Apps.Toml;

// From text to a tree of nodes that know their places. The parser's syntax tree is kept instead of its object model, because an error must name a
// line; it also needs no reflection. The parser checks the document's own rules (a key twice, a table defined twice).
internal static class TomlReader
{
    private const int MaxDepth = 64;

    // A manifest is a few KiB.
    private const int MaxLength = 1 << 20;

    /// <summary>Reads a document.</summary>
    /// <exception cref="ManifestException">It is not TOML.</exception>
    public static TomlTable Read(string file, string text)
    {
        if (text.Length > MaxLength)
            throw new ManifestException(new Place(file, 1, 1), $"the file has {text.Length} characters; the limit is {MaxLength}");
        CheckDepth(file, text);
        DocumentSyntax document = SyntaxParser.Parse(text, file, validate: true);
        if (document.HasErrors)
        {
            DiagnosticMessage first = document.Diagnostics.First(d => d.Kind == DiagnosticMessageKind.Error);
            throw new ManifestException(PlaceOf(file, first.Span), first.Message.TrimEnd('.', ' '));
        }

        var root = new TomlTable(new Place(file, 1, 1));
        foreach (KeyValueSyntax pair in document.KeyValues)
            Add(file, root, pair);
        foreach (TableSyntaxBase table in document.Tables)
        {
            TomlTable target = Open(file, root, table);
            foreach (KeyValueSyntax pair in table.Items)
                Add(file, target, pair);
        }

        return root;
    }

    // The parser recurses. Brackets within strings count too: a manifest has not 64 of them open either.
    private static void CheckDepth(string file, string text)
    {
        int depth = 0, line = 1, start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '[' or '{':
                    if (++depth > MaxDepth)
                        throw new ManifestException(new Place(file, line, i - start + 1), $"values are nested more than {MaxDepth} deep");
                    break;
                case ']' or '}':
                    depth = Math.Max(0, depth - 1);
                    break;
                case '\n':
                    line++;
                    start = i + 1;
                    break;
            }
        }
    }

    private static TomlTable Open(string file, TomlTable root, TableSyntaxBase table)
    {
        List<(string Name, Place Place)> path = Path(file, table.Name!);
        TomlTable at = root;
        foreach ((string name, Place place) in path[..^1])
            at = Enter(at, name, place);
        (string last, Place lastPlace) = path[^1];
        if (table is not TableArraySyntax)
            return Enter(at, last, lastPlace);
        if (!at.Entries.TryGetValue(last, out TomlEntry? entry))
            at.Entries.Add(last, entry = new TomlEntry(lastPlace, new TomlArray(lastPlace, [])));
        if (entry.Value is not TomlArray array)
            throw new ManifestException(lastPlace, $"`{last}` is {entry.Value.Kind} already");
        var item = new TomlTable(PlaceOf(file, table.Span));
        array.Items.Add(item);
        return item;
    }

    private static TomlTable Enter(TomlTable at, string name, Place place)
    {
        if (!at.Entries.TryGetValue(name, out TomlEntry? entry))
            at.Entries.Add(name, entry = new TomlEntry(place, new TomlTable(place)));
        return entry.Value switch
        {
            TomlTable table => table,
            TomlArray { Items: [.., TomlTable last] } => last,
            _ => throw new ManifestException(place, $"`{name}` is {entry.Value.Kind} already"),
        };
    }

    private static void Add(string file, TomlTable table, KeyValueSyntax pair)
    {
        List<(string Name, Place Place)> path = Path(file, pair.Key!);
        TomlTable at = table;
        foreach ((string name, Place place) in path[..^1])
            at = Enter(at, name, place);
        (string last, Place lastPlace) = path[^1];
        if (!at.Entries.TryAdd(last, new TomlEntry(lastPlace, Value(file, pair.Value!))))
            throw new ManifestException(lastPlace, $"`{last}` is set twice");
    }

    private static TomlNode Value(string file, ValueSyntax value)
    {
        Place place = PlaceOf(file, value.Span);
        switch (value)
        {
            case StringValueSyntax text:
                return new TomlScalar(place, text.Value ?? "");
            case IntegerValueSyntax number:
                return new TomlScalar(place, number.Value);
            case FloatValueSyntax number:
                return new TomlScalar(place, number.Value);
            case BooleanValueSyntax flag:
                return new TomlScalar(place, flag.Value);
            case DateTimeValueSyntax date:
                return new TomlScalar(place, date.Value);
            case ArraySyntax array:
                return new TomlArray(place, [.. array.Items.Select(i => Value(file, i.Value!))]);
            case InlineTableSyntax inline:
                var table = new TomlTable(place);
                foreach (InlineTableItemSyntax item in inline.Items)
                    Add(file, table, item.KeyValue!);
                return table;
            default:
                throw new ManifestException(place, "this value cannot be read");
        }
    }

    private static List<(string Name, Place Place)> Path(string file, KeySyntax key)
    {
        List<(string, Place)> path = [(Name(key.Key!), PlaceOf(file, key.Key!.Span))];
        foreach (DottedKeyItemSyntax part in key.DotKeys)
            path.Add((Name(part.Key!), PlaceOf(file, part.Key!.Span)));
        return path;
    }

    private static string Name(BareKeyOrStringValueSyntax key) => key switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? "",
        StringValueSyntax text => text.Value ?? "",
        _ => key.ToString() ?? "",
    };

    private static Place PlaceOf(string file, SourceSpan span) => new(file, span.Start.Line + 1, span.Start.Column + 1);
}
