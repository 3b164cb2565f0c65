using Windhover.Engine;

namespace Windhover.Apps.Commands;

/// <summary>What a command may print and read, since both are held in memory.</summary>
internal static class Limits
{
    private const long Most = 256 << 20;

    public static long Output(Budget budget) => Math.Min(Math.Min(budget.Output, budget.ResponseBody), Most);

    public static long Input(Budget budget) => Math.Min(budget.RequestBody, Most);
}
