namespace Windhover.Components.Tests.Suite;

/// <summary>
/// What fails in the specification's suite and why. A place is <c>directory/file.wast:line</c>, or ends in <c>*</c> for all that starts so. A
/// failure that no entry names is an error, and so is an entry that nothing needs any more.
/// </summary>
internal static class ExpectedFailures
{
    /// <summary>Files whose guests turn in circles for ever where stacks are resumed last in, first out.</summary>
    public static IReadOnlySet<string> NotRun { get; } = new HashSet<string>(StringComparer.Ordinal) { "async-calls-sync.wast" };

    public static IReadOnlyList<(string Place, string Reason)> All { get; } =
    [
        ("validation/indicies.wast:251", "thread.new-indirect in a component without a memory: Wasmtime 50 cannot be told to allow it, and no stand-in has its type"),
        ("validation/kebab.wast:4", "Wasmtime 50 takes `a-1` and `a1` for the same name, the specification does not"),
        ("validation/max-value-size.wast:6", "lists of fixed length above 1024: Wasmtime 50 cannot be told to allow them"),
    ];

    /// <summary>The failures of a directory that are not expected, and the entries that expected one in vain.</summary>
    public static IEnumerable<string> Surprises(string directory, IReadOnlyList<WastFailure> failures)
    {
        var entries = All.Where(e => e.Place.StartsWith(directory + "/", StringComparison.Ordinal)).ToList();
        foreach (var failure in failures)
        {
            if (!entries.Any(e => Matches(e.Place, failure.Place)))
                yield return $"{failure.Place} {failure.Reason}";
        }

        foreach (var (place, _) in entries)
        {
            if (!failures.Any(f => Matches(place, f.Place)))
                yield return $"{place} is expected to fail and does not: remove it from {nameof(ExpectedFailures)}";
        }
    }

    private static bool Matches(string pattern, string place) =>
        pattern.EndsWith('*') ? place.StartsWith(pattern[..^1], StringComparison.Ordinal) : place == pattern;
}
