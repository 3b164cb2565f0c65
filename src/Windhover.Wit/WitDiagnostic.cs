using System.Globalization;
using System.Text;
using Windhover.Wit.Model;

namespace Windhover.Wit;

/// <summary>One thing that is wrong with a WIT file, and where.</summary>
public sealed class WitDiagnostic
{
    /// <summary>The widest source line that is shown whole; a longer one is cut around the caret.</summary>
    private const int MaxShown = 160;

    /// <summary>Makes a diagnostic.</summary>
    /// <param name="span">Where; the default when no place can be named.</param>
    /// <param name="message">What is wrong, in one line.</param>
    /// <param name="help">What to do about it, or <see langword="null"/>.</param>
    public WitDiagnostic(WitSpan span, string message, string? help = null)
    {
        Span = span;
        Message = message ?? throw new ArgumentNullException(nameof(message));
        Help = help;
    }

    /// <summary>The range in the source; the default when no place can be named.</summary>
    public WitSpan Span { get; }

    /// <summary>The path of the file as it was given; empty when no place can be named.</summary>
    public string Path => Span.Source?.Path ?? "";

    /// <summary>The line, counted from 1; 0 when no place can be named.</summary>
    public int Line => Span.Line;

    /// <summary>The column, counted from 1 in UTF-16 code units; 0 when no place can be named.</summary>
    public int Column => Span.Column;

    /// <summary>The number of UTF-16 code units at fault; 0 at the end of a file.</summary>
    public int Length => Span.Length;

    /// <summary>What is wrong, in one line.</summary>
    public string Message { get; }

    /// <summary>What to do about it, or <see langword="null"/>.</summary>
    public string? Help { get; }

    /// <summary>The message, the place, the source line with carets under the range, and the help.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("error: ").Append(Message);
        if (Span.Source is { } source)
        {
            var (line, column) = source.GetPosition(Span.Start);
            var number = line.ToString(CultureInfo.InvariantCulture);
            var margin = new string(' ', number.Length);
            var shown = source.GetLine(line).Replace('\t', ' ');
            var start = Math.Min(column - 1, shown.Length);
            var length = Math.Max(1, Math.Min(Span.Length, shown.Length - start));
            if (shown.Length > MaxShown)
                (shown, start, length) = Cut(shown, start, length);
            var place = string.Format(CultureInfo.InvariantCulture, "{0}:{1}:{2}", source.Path, line, column);
            text.Append('\n').Append(margin).Append("--> ").Append(place)
                .Append('\n').Append(margin).Append(" |")
                .Append('\n').Append(number).Append(" | ").Append(shown)
                .Append('\n').Append(margin).Append(" | ").Append(' ', start).Append('^', length);
            if (Help is not null)
                text.Append('\n').Append(margin).Append(" = help: ").Append(Help);
        }
        else if (Help is not null)
        {
            text.Append("\n = help: ").Append(Help);
        }
        return text.ToString();
    }

    private static (string Shown, int Start, int Length) Cut(string line, int start, int length)
    {
        var from = Math.Max(0, Math.Min(start - (MaxShown / 2), line.Length - MaxShown));
        var part = line.Substring(from, Math.Min(MaxShown, line.Length - from));
        return (part, start - from, Math.Max(1, Math.Min(length, part.Length - (start - from))));
    }
}

/// <summary>WIT that cannot be used; <see cref="Diagnostics"/> says why, <see cref="Exception.Message"/> is their text.</summary>
public sealed class WitException : Exception
{
    /// <summary>Makes the exception from at least one diagnostic.</summary>
    public WitException(IReadOnlyList<WitDiagnostic> diagnostics)
        : base(string.Join("\n\n", (diagnostics ?? throw new ArgumentNullException(nameof(diagnostics))).Select(d => d.ToString()))) =>
        Diagnostics = diagnostics;

    /// <summary>What is wrong, in the order found; never empty. At most 50 are collected.</summary>
    public IReadOnlyList<WitDiagnostic> Diagnostics { get; }
}
