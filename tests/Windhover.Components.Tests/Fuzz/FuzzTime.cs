using System.Globalization;

namespace Windhover.Components.Tests.Fuzz;

/// <summary>How long tests on random input run: a fixed number of inputs, or WINDHOVER_FUZZ_MINUTES (bench/fuzz.sh).</summary>
internal static class FuzzTime
{
    /// <summary>Seconds; -1 when the number of inputs decides.</summary>
    public static int Seconds { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("WINDHOVER_FUZZ_MINUTES"), CultureInfo.InvariantCulture, out var minutes) ? (int)(minutes * 60) : -1;

    /// <summary>0, 1, 2 … for as long as it is to last; random numbers, where the time decides, so that each run sees others.</summary>
    public static IEnumerable<int> Seeds(int count)
    {
        if (Seconds < 0)
            return Enumerable.Range(0, count);
        var end = Environment.TickCount64 + (Seconds * 1000L);
        return Enumerable.Repeat(0, int.MaxValue).TakeWhile(_ => Environment.TickCount64 < end).Select(_ => Random.Shared.Next());
    }
}
