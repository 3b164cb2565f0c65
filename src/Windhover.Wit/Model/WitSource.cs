namespace Windhover.Wit.Model;

/// <summary>One WIT file as it was given to the resolver. Immutable.</summary>
public sealed class WitSource
{
    private readonly int[] _lineStarts;

    /// <summary>Wraps the text of one file.</summary>
    /// <param name="path">The path to show in diagnostics; it is never opened.</param>
    /// <param name="text">The whole text.</param>
    public WitSource(string path, string text)
    {
        Path = path ?? throw new ArgumentNullException(nameof(path));
        Text = text ?? throw new ArgumentNullException(nameof(text));
        var starts = new List<int> { 0 };
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
                starts.Add(i + 1);
        }
        _lineStarts = starts.ToArray();
    }

    /// <summary>The path as given, used only for display.</summary>
    public string Path { get; }

    /// <summary>The text as given.</summary>
    public string Text { get; }

    /// <summary>Turns an offset into a line and a column, both counted from 1; the column counts UTF-16 code units.</summary>
    /// <param name="offset">An offset into <see cref="Text"/>; its length stands for the end of the file.</param>
    public (int Line, int Column) GetPosition(int offset)
    {
        var index = Array.BinarySearch(_lineStarts, offset);
        if (index < 0)
            index = ~index - 1;
        return (index + 1, offset - _lineStarts[index] + 1);
    }

    /// <summary>The text of a line (counted from 1) without its line break; empty when there is no such line.</summary>
    public string GetLine(int line)
    {
        if (line < 1 || line > _lineStarts.Length)
            return "";
        var start = _lineStarts[line - 1];
        var end = line < _lineStarts.Length ? _lineStarts[line] - 1 : Text.Length;
        return Text.Substring(start, end - start).TrimEnd('\r');
    }

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>A range of a WIT file. The default value means "not from a file" (built by code, or read from a binary).</summary>
/// <param name="Source">The file, or <see langword="null"/>.</param>
/// <param name="Start">The offset of the first UTF-16 code unit.</param>
/// <param name="Length">The number of UTF-16 code units; 0 at the end of a file.</param>
public readonly record struct WitSpan(WitSource? Source, int Start, int Length)
{
    /// <summary>The line of the start, counted from 1; 0 without a source.</summary>
    public int Line => Source is null ? 0 : Source.GetPosition(Start).Line;

    /// <summary>The column of the start, counted from 1 in UTF-16 code units; 0 without a source.</summary>
    public int Column => Source is null ? 0 : Source.GetPosition(Start).Column;

    /// <inheritdoc/>
    public override string ToString() => Source is null ? "(no source)" : $"{Source.Path}:{Line}:{Column}";
}
