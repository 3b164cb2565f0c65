namespace Windhover.Engine;

/// <summary>A budget has no such name, or cannot have such a value; the message names the value, the allowed range, or the nearest name.</summary>
public sealed class BudgetFormatException(string message) : FormatException(message);

/// <summary>
/// A budget is used up. Thrown by a host function it ends the guest (a <see cref="TrapException"/> of <see cref="TrapKind.Host"/> with this
/// inside); before a guest runs it means: not now.
/// </summary>
public sealed class BudgetExceededException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="owner">The app or tenant whose budget it is.</param>
    /// <param name="kind">Which budget.</param>
    /// <param name="limit">Its limit.</param>
    public BudgetExceededException(string owner, BudgetKind kind, long limit)
        : base($"the budget `{Budget.Entry(kind).Key}` of {owner} is used up ({Budget.Entry(kind).Format(limit)})")
    {
        Kind = kind;
        Limit = limit;
    }

    /// <summary>Which budget.</summary>
    public BudgetKind Kind { get; }

    /// <summary>Its limit: bytes, ticks of 100 ns, or a count.</summary>
    public long Limit { get; }

    /// <summary>Finds the budget that ended a guest, however deep it lies inside; null when it was something else.</summary>
    public static BudgetExceededException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is BudgetExceededException found)
                return found;
        }

        return null;
    }
}
