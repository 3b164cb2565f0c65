using System.Collections.Immutable;

namespace Windhover.Engine;

/// <summary>All budgets, in the order of <see cref="BudgetKind"/>. <c>docs/budgets.md</c> is this table, and a test holds the two together.</summary>
internal static class BudgetTable
{
    private const long KiB = 1L << 10;
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;
    private const long TiB = 1L << 40;
    private const long Page = 64 * KiB;
    private const long Second = TimeSpan.TicksPerSecond;
    private const long Day = TimeSpan.TicksPerDay;

    public static readonly ImmutableArray<BudgetEntry> Entries =
    [
        Bytes(BudgetKind.Memory, BudgetScope.Total, 4 * GiB, Page, 64 * TiB, "`memory.grow` and `table.grow` answer -1; a request that finds no room to start: 503 with Retry-After"),
        Bytes(BudgetKind.MemoryPerInstance, BudgetScope.Run, 256 * MiB, Page, 64 * GiB, "`memory.grow` and `table.grow` answer -1; a module that needs more is refused at load"),
        Bytes(BudgetKind.HostMemory, BudgetScope.Total, 256 * MiB, Page, TiB, "the call that asks for more traps; a stream takes no more bytes until others have left"),
        Time(BudgetKind.Cpu, BudgetScope.Run, 10 * Second, "the guest is stopped: 503"),
        Time(BudgetKind.Wall, BudgetScope.Run, 30 * Second, "the guest is stopped: 504"),
        Count(BudgetKind.Instances, BudgetScope.Total, 1000, 1, 1_000_000, "503 with Retry-After"),
        Count(BudgetKind.Requests, BudgetScope.Total, 1000, 1, 1_000_000, "the request waits in the queue"),
        Count(BudgetKind.QueuedRequests, BudgetScope.Total, 256, 0, 1_000_000, "429 with Retry-After"),
        Count(BudgetKind.Handles, BudgetScope.Total, 100_000, 16, (1 << 28) - 1, "the call that needs another handle traps"),
        Count(BudgetKind.Files, BudgetScope.Total, 1024, 0, 1_000_000, "`insufficient-memory`"),
        Count(BudgetKind.OutboundRequests, BudgetScope.Total, 256, 0, 1_000_000, "`connection-limit-reached`"),
        Count(BudgetKind.Connections, BudgetScope.Total, 256, 0, 1_000_000, "`new-socket-limit`; an accepted connection waits"),
        Bytes(BudgetKind.Headers, BudgetScope.Run, 64 * KiB, 256, 16 * MiB, "`header-error`, or a trap where WIT has no error"),
        Bytes(BudgetKind.RequestBody, BudgetScope.Run, GiB, 0, 64 * TiB, "413, or reading fails when the length was not announced"),
        Bytes(BudgetKind.ResponseBody, BudgetScope.Run, GiB, 0, 64 * TiB, "`last-operation-failed`; the connection is broken off"),
        Bytes(BudgetKind.Output, BudgetScope.Run, 64 * MiB, 0, 64 * TiB, "`last-operation-failed`"),
        Bytes(BudgetKind.Log, BudgetScope.Run, MiB, 0, 64 * TiB, "the rest is dropped, with one line that says so"),
        new(BudgetKind.LogLines, Key(BudgetKind.LogLines), BudgetUnit.PerSecond, BudgetScope.Total, 1000, 1, 1_000_000, "lines are dropped, with one line that counts them"),
        Bytes(BudgetKind.ComponentSize, BudgetScope.Load, 64 * MiB, 8, 4 * GiB, "the component is refused at load"),
        Time(BudgetKind.CompileTime, BudgetScope.Load, 120 * Second, "the component is refused at load"),
        Bytes(BudgetKind.CompileMemory, BudgetScope.Load, 2 * GiB, 64 * MiB, 256 * GiB, "the component is refused at load"),
    ];

    private static BudgetEntry Bytes(BudgetKind kind, BudgetScope scope, long value, long min, long max, string atLimit) =>
        new(kind, Key(kind), BudgetUnit.Bytes, scope, value, min, max, atLimit);

    private static BudgetEntry Count(BudgetKind kind, BudgetScope scope, long value, long min, long max, string atLimit) =>
        new(kind, Key(kind), BudgetUnit.Count, scope, value, min, max, atLimit);

    private static BudgetEntry Time(BudgetKind kind, BudgetScope scope, long value, string atLimit) =>
        new(kind, Key(kind), BudgetUnit.Time, scope, value, TimeSpan.TicksPerMillisecond, Day, atLimit);

    // MemoryPerInstance → memory-per-instance.
    private static string Key(BudgetKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => !char.IsUpper(c) ? $"{c}" : i == 0 ? $"{char.ToLowerInvariant(c)}" : $"-{char.ToLowerInvariant(c)}"));

    public static BudgetEntry? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key == key)
                return entry;
        }

        return null;
    }

    /// <summary>The longest key within a name (<c>max-memory</c>), else the one fewest letters away (Levenshtein); null when none is near.</summary>
    public static string? Nearest(string name)
    {
        if (name.Length > 40)
            return null;
        if (Entries.Where(e => name.Contains(e.Key, StringComparison.OrdinalIgnoreCase)).MaxBy(e => e.Key.Length) is { } within)
            return within.Key;
        var (distance, key) = Entries.Select(e => (Distance(name.ToLowerInvariant(), e.Key), e.Key)).Min();
        return distance <= Math.Max(2, name.Length / 2) ? key : null;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 0; i < a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < b.Length; j++)
            {
                var above = row[j + 1];
                row[j + 1] = Math.Min(Math.Min(row[j], above) + 1, diagonal + (a[i] == b[j] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
