namespace Windhover.Engine;

/// <summary>
/// Where the totals of a meter really are: in another process, which is asked for each share. Thread-safe; asking blocks the caller for as long as a message there
/// and back takes.
/// </summary>
internal interface IBudgetLender
{
    /// <summary>Whether this kind has a total there; the others are not asked for.</summary>
    bool Lends(BudgetKind kind);

    /// <summary>Takes as much as there is room for.</summary>
    /// <returns>0, or from <paramref name="least"/> to <paramref name="wanted"/>.</returns>
    long Take(BudgetKind kind, long wanted, long least);

    /// <summary>Gives back.</summary>
    void GiveBack(BudgetKind kind, long amount);
}
