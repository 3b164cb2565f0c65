namespace Windhover.Apps.Toml;

/// <summary>A place in a file, as editors count: both numbers from 1.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Line">The line.</param>
/// <param name="Column">The column, in UTF-16 units.</param>
public readonly record struct Place(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A manifest is wrong. The message begins with <c>file:line:column</c>.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>Makes one.</summary>
    public ManifestException(Place place, string message, Exception? inner = null) : base($"{place}: {message}", inner) => Place = place;

    /// <summary>Where.</summary>
    public Place Place { get; }
}
