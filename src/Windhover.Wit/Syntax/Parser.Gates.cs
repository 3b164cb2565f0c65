using System.Globalization;
using System.Text;
using Windhover.Wit.Model;

namespace Windhover.Wit.Syntax;

internal sealed partial class Parser
{
    private ItemHead ParseHead(string? docs)
    {
        if (!Is("@"))
            return docs is null ? ItemHead.Empty : ItemHead.Empty with { Docs = docs };
        WitVersion? since = null;
        WitVersion? deprecated = null;
        string? feature = null;
        string? externalId = null;
        var gate = default(WitSpan);
        while (Accept("@"))
        {
            var name = ParseName();
            gate = name.Span;
            object? known = name.Text switch
            {
                "since" => since,
                "deprecated" => deprecated,
                "unstable" => feature,
                "external-id" => externalId,
                _ => null,
            };
            if (known is not null)
                throw Error(name.Span, $"`@{name.Text}` stands here twice", "remove one of them");
            switch (name.Text)
            {
                case "since":
                    since = ParseVersionGate();
                    break;
                case "deprecated":
                    deprecated = ParseVersionGate();
                    break;
                case "unstable":
                    Expect("(");
                    ExpectField("feature");
                    feature = ParseName().Text;
                    Expect(")");
                    break;
                case "external-id":
                    Expect("(");
                    externalId = ParseString();
                    Expect(")");
                    break;
                default:
                    throw Error(name.Span, $"there is no attribute `@{name.Text}`",
                        "known are `@since`, `@unstable`, `@deprecated` and `@external-id`");
            }
            if (since is not null && feature is not null)
                throw Error(name.Span, "an item is either `@since` a version or `@unstable`, not both", "remove one of them");
        }
        if (deprecated is not null && since is null && feature is null)
            throw Error(gate, "`@deprecated` stands alone", "say also since when the item exists: `@since(version = …)`");
        return new ItemHead(docs, new WitStability(since, feature, deprecated), externalId, gate);
    }

    private WitVersion ParseVersionGate()
    {
        Expect("(");
        ExpectField("version");
        var version = ParseVersion();
        Expect(")");
        return version;
    }

    private void ExpectField(string field)
    {
        var name = ParseName();
        if (name.Text != field)
            throw Error(name.Span, $"expected `{field}`, found `{name.Text}`", $"write `{field} = …`");
        Expect("=");
    }

    // A version is cut out of the raw text: its letters, dashes and dots would come as tokens that mean nothing alone. A dot belongs to it
    // only when an identifier follows, since `use a:b/c@1.0.0.{d}` goes on with a dot of its own.
    private WitVersion ParseVersion()
    {
        if (Current.Kind != TokenKind.Integer)
            throw Unexpected("a version");
        var text = _source.Text;
        var start = Current.Start;
        var end = start;
        while (end < text.Length && (IsVersionPart(text[end]) || text[end] == '+'
            || (text[end] == '.' && end + 1 < text.Length && IsVersionPart(text[end + 1]))))
            end++;
        if (end > start && end < text.Length && text[end - 1] == '-' && text[end] == '>')
            end--;
        var span = new WitSpan(_source, start, end - start);
        if (!WitVersion.TryParse(text.Substring(start, end - start), out var version))
            throw Error(span, $"`{text.Substring(start, Math.Min(end - start, 60))}` is not a version",
                "write a semantic version such as `1.2.3` or `0.2.0-rc.1`");
        while (Current.Kind is not (TokenKind.End or TokenKind.Bad) && Current.Start < end)
            _index++;
        if (_lexer.Tokens[_index - 1].End > end)
            throw Error(new WitSpan(_source, end, 1), $"`{text[end]}` cannot stand there in a version", null);
        return version;

        static bool IsVersionPart(char c) => c is (>= '0' and <= '9') or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '-';
    }

    /// <summary>
    /// A string with the escapes of the core text format: <c>\t \n \r \" \' \\ \hh \u{h…}</c>. Bytes given as <c>\hh</c> must form UTF-8.
    /// </summary>
    private string ParseString()
    {
        var token = Current;
        if (token.Kind != TokenKind.String)
            throw Unexpected("a string");
        _index++;
        var bytes = new List<byte>();
        var text = token.Text;
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] != '\\')
            {
                var length = char.IsSurrogatePair(text, i) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
                continue;
            }
            i++;
            var escape = "tnr\"'\\".IndexOf(text[i]);
            if (escape >= 0)
                bytes.Add((byte)"\t\n\r\"'\\"[escape]);
            else if (text[i] == 'u')
                i = UnicodeEscape(token, i, bytes);
            else if (TryHex(text.Substring(i, Math.Min(2, text.Length - i)), out var value))
            {
                bytes.Add((byte)value);
                i++;
            }
            else
                throw Error(new WitSpan(_source, token.Start + i - 1, 2), $"there is no escape `\\{text[i]}`",
                    "write a backslash as `\\\\`");
        }
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.ToArray());
        }
        catch (ArgumentException)
        {
            throw Error(Span(token), "the bytes of this string are not UTF-8", null);
        }
    }

    private static bool TryHex(string digits, out int value) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private int UnicodeEscape(Token token, int at, List<byte> bytes)
    {
        var text = token.Text;
        var close = text.IndexOf('}', at);
        var digits = close > at + 1 && text[at + 1] == '{' ? text.Substring(at + 2, close - at - 2).Replace("_", "") : "";
        if (!TryHex(digits, out var value) || value is < 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF))
            throw Error(new WitSpan(_source, token.Start + at - 1, 2), "this is not a Unicode scalar value", "write `\\u{1F600}`");
        bytes.AddRange(Encoding.UTF8.GetBytes(char.ConvertFromUtf32(value)));
        return close;
    }

    // ── documentation ──

    private WitSpan DocsSpan(Token token)
    {
        if (token.CommentCount == 0)
            return default;
        var start = _lexer.Comments[token.FirstComment].Start;
        return new WitSpan(_source, start, _lexer.Comments[token.FirstComment + token.CommentCount - 1].End - start);
    }

    /// <summary>The documentation before a token: <c>///</c> lines and <c>/** */</c> blocks, unindented together.</summary>
    private string? Docs(Token token)
    {
        List<string>? lines = null;
        for (var i = token.FirstComment; i < token.FirstComment + token.CommentCount; i++)
        {
            var (start, end) = _lexer.Comments[i];
            var comment = _source.Text.Substring(start, end - start).TrimEnd();
            var isBlock = comment.StartsWith("/**", StringComparison.Ordinal) && comment.Length >= 5;
            if (!isBlock && !_plainCommentsAreDocs && !comment.StartsWith("///", StringComparison.Ordinal))
                continue;
            var body = isBlock ? comment.Substring(3, comment.Length - 5) : comment.TrimStart('/');
            foreach (var line in body.Split('\n'))
                (lines ??= []).Add(line.TrimEnd());
        }
        if (lines is null)
            return null;
        var indent = lines.Where(l => l.Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join("\n", lines.Select(l => l.Length == 0 ? l : l.Substring(indent))).TrimEnd('\n');
    }
}
