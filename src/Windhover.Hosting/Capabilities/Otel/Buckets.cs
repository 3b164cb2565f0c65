using System.Globalization;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Metrics;

namespace Windhover.Hosting.Capabilities.Otel;

// What a histogram tells for sure, as counts of values up to a bound (`le`), which add up over instances:
//
//   explicit bounds     each bound, and +Inf
//   exponential         one set of bounds for all, since scales follow the data: 4^-10, 4^-9 … 4^20, and +Inf. A bucket of scale -1 or more lies between two of them; of coarser ones, only the bounds that
//                       they have are told
//
// What was measured is not made up again: a value in the middle of each bucket would be a lie to whoever computes with it.

/// <summary>Counts of values up to a bound.</summary>
internal readonly record struct Bucket(string Bound, long Count)
{
    private const int MaxBounds = 100;
    private const int MaxExponential = 4096;
    private const int FirstPower = -20;
    private const int LastPower = 40;

    /// <summary>The buckets of explicit bounds; null: they are none.</summary>
    public static List<Bucket>? Of(ReadOnlySpan<double> bounds, ReadOnlySpan<ulong> counts)
    {
        if (bounds.Length > MaxBounds || (counts.Length != bounds.Length + 1 && counts.Length + bounds.Length > 0))
            return null;
        var buckets = new List<Bucket>(counts.Length);
        ulong sum = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (i < bounds.Length && (!double.IsFinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1])))
                return null;
            sum = Add(sum, counts[i]);
            buckets.Add(new(i < bounds.Length ? Text(bounds[i]) : "+Inf", ToCount(sum)));
        }

        return buckets;
    }

    /// <summary>The same of an exponential histogram.</summary>
    public static List<Bucket>? Of(ExponentialHistogramDataPoint point)
    {
        ReadOnlySpan<ulong> positive = point.PositiveBucket.Counts.Span, negative = point.NegativeBucket.Counts.Span;
        if (positive.Length > MaxExponential || negative.Length > MaxExponential || point.Scale is < -10 or > 20)
            return null;
        ulong sum = 0;
        foreach (ulong count in negative)
            sum = Add(sum, count);
        sum = Add(sum, point.ZeroCount);
        var buckets = new List<Bucket>();
        int next = 0;
        for (int power = FirstPower; power <= LastPower; power += 2)
        {
            while (next < positive.Length && Math.ScaleB((double)point.PositiveBucket.Offset + next + 1, -point.Scale) <= power)
                sum = Add(sum, positive[next++]);
            if (point.Scale >= -1 || power % (1 << -point.Scale) == 0)
                buckets.Add(new(Text(Math.ScaleB(1, power)), ToCount(sum)));
        }

        for (; next < positive.Length; next++)
            sum = Add(sum, positive[next]);
        buckets.Add(new("+Inf", ToCount(sum)));
        return buckets;
    }

    public static long ToCount(ulong count) => (long)Math.Min(count, long.MaxValue);

    private static ulong Add(ulong sum, ulong count) => sum + count < sum ? ulong.MaxValue : sum + count;

    private static string Text(double bound) => bound.ToString("R", CultureInfo.InvariantCulture);
}
