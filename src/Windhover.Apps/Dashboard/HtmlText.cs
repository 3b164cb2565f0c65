using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Windhover.Apps.Operation;

namespace Windhover.Apps.Dashboard;

// Markup, in which whatever is put in is text. A page is written as $"<td>{line.Message}</td>": the compiler hands each hole to the handler below, which encodes it, so
// that leaving the encoding out is not possible. Only another HtmlText goes in as it is.
internal sealed class HtmlText
{
    private readonly StringBuilder _text = new();

    public static HtmlText Of(ref Handler markup) => markup.Into;

    /// <summary>Appends markup.</summary>
    public HtmlText Add([InterpolatedStringHandlerArgument("")] ref Handler markup)
    {
        Debug.Assert(markup.Into == this, "the handler writes here");
        return this;
    }

    /// <summary>Appends markup of the program itself, as it is.</summary>
    public void AddOwn(string markup) => _text.Append(markup);

    public override string ToString() => _text.ToString();

    private void AppendText(string? text)
    {
        if (!string.IsNullOrEmpty(text))
            _text.Append(WebUtility.HtmlEncode(Printable.Of(text)));
    }

    [InterpolatedStringHandler]
    internal readonly ref struct Handler
    {
        public Handler(int literalLength, int formattedCount) : this(literalLength, formattedCount, new HtmlText())
        {
        }

        public Handler(int literalLength, int formattedCount, HtmlText into)
        {
            Into = into;
            into._text.EnsureCapacity(into._text.Length + literalLength + (formattedCount * 16));
        }

        public HtmlText Into { get; }

        public void AppendLiteral(string literal) => Into._text.Append(literal);

        public void AppendFormatted(HtmlText? markup) => Into._text.Append(markup?._text);

        public void AppendFormatted<T>(T value) => AppendFormatted(value, null);

        public void AppendFormatted<T>(T value, string? format) =>
            Into.AppendText(value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : value?.ToString());
    }
}
