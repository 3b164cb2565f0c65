namespace Windhover.Components.Tests.Oracle;

/// <summary>
/// Where the two sides are not the same, by directory/file.wast:line, and why that is right. A difference that no entry names is an error, and
/// so is an entry without a difference.
/// </summary>
internal static class KnownDifferences
{
    public static IReadOnlyList<(string Place, string Reason)> All { get; } =
    [
    ];
}
