using System.Text;

namespace Windhover.Wit.Generator.Emit;

/// <summary>Writes indented C#; line ends are always LF, so that the output is the same on every machine.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public bool IsEmpty => _text.Length == 0;

    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0)
            _text.Append(' ', _depth * 4).Append(line);
        _text.Append('\n');
        return this;
    }

    /// <summary>Writes a header and an opening brace; disposing the answer closes it.</summary>
    public Scope Block(string header, string close = "}")
    {
        Line(header);
        Line("{");
        _depth++;
        return new Scope(this, close);
    }

    /// <summary>A documentation comment from WIT's text; <paramref name="extra"/> follows as a paragraph of its own.</summary>
    public CodeWriter Docs(string? docs, string? extra = null, string tag = "summary")
    {
        List<string> lines = [];
        foreach (string? part in new[] { docs, extra })
        {
            if (string.IsNullOrWhiteSpace(part))
                continue;
            if (lines.Count > 0)
                lines.Add("<para/>");
            lines.AddRange(part!.Trim().Split('\n').Select(l => Escape(l.TrimEnd())));
        }

        if (lines.Count == 0)
            return this;
        if (lines.Count == 1)
            return Line($"/// <{tag}>{lines[0]}</{tag}>");
        Line($"/// <{tag}>");
        foreach (string line in lines)
            Line(line.Length == 0 ? "///" : "/// " + line);
        return Line($"/// </{tag.Split(' ')[0]}>");
    }

    public void Append(CodeWriter other)
    {
        foreach (string line in other._text.ToString().TrimEnd('\n').Split('\n'))
            Line(line);
    }

    public override string ToString() => _text.ToString();

    public static string Literal(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("&lt;para/&gt;", "<para/>");

    internal readonly struct Scope(CodeWriter writer, string close) : IDisposable
    {
        public void Dispose()
        {
            writer._depth--;
            writer.Line(close);
        }
    }
}
