namespace Windhover.Components.Tests.Suite;

/// <summary>
/// What fails in the specification's suite and why. A place is <c>directory/file.wast:line</c>, or ends in <c>*</c> for all that starts so. A
/// failure that no entry names is an error, and so is an entry that nothing needs any more.
/// </summary>
internal static class ExpectedFailures
{
    private const string LastInFirstOut = "a callee that blocks its stack cannot return STARTED below it: stacks are resumed last in, first out (RATIONALE.md)";
    private const string NoThreads = "threads of components are not hosted (RATIONALE.md)";

    public static IReadOnlyList<(string Place, string Reason)> All { get; } =
    [
        ("async/async-calls-sync.wast:250", LastInFirstOut),
        ("async/async-calls-sync.wast:251", "the instance of line 250"),
        ("async/big-interleaving-test.wast:1603", LastInFirstOut),
        ("async/big-interleaving-test.wast:1614", "the instance of line 1603"),
        ("async/big-interleaving-test.wast:1633", "the instance of line 1603"),
        ("async/big-interleaving-test.wast:1644", "the instance of line 1603"),
        ("async/cancel-subtask.wast:201", LastInFirstOut),
        ("async/cancellable.wast:322", LastInFirstOut),
        ("async/during-sync-call-may-block-if-other-ready-threads.wast:*", NoThreads),
        ("async/during-sync-call-no-exclusive-resume.wast:8", NoThreads),
        ("async/during-sync-call-no-exclusive-resume.wast:11*", NoThreads),
        ("async/during-sync-call-no-sibling-resume.wast:*", NoThreads),
        ("async/sync-barges-in.wast:323", LastInFirstOut),
        ("async/sync-streams.wast:208", LastInFirstOut),
        ("async/trap-if-block-and-sync.wast:309", NoThreads),
        ("async/trap-if-block-and-sync.wast:311", NoThreads),
        ("async/trap-if-block-and-sync.wast:313", NoThreads),
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

    /// <summary>Why a place fails; null when it is not expected to.</summary>
    public static string? ReasonOf(string place) => All.FirstOrDefault(e => Matches(e.Place, place)).Reason;

    private static bool Matches(string pattern, string place) =>
        pattern.EndsWith('*') ? place.StartsWith(pattern[..^1], StringComparison.Ordinal) : place == pattern;
}
