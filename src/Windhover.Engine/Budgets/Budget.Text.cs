namespace Windhover.Engine;

public sealed partial record Budget
{
    /// <summary>This budget with one kind set as text says: <c>With("memory", "64MiB")</c>.</summary>
    /// <exception cref="BudgetFormatException">There is no such name (the message tells the nearest), or the value does not parse or is out of range.</exception>
    public Budget With(string key, string text)
    {
        var entry = FindEntry(key);
        return With(entry.Kind, entry.Parse(text));
    }

    /// <summary>This budget with what a list says: <c>memory=64MiB,cpu=2s</c>. Spaces around names and values do not count.</summary>
    /// <exception cref="BudgetFormatException">A part is no <c>name=value</c>, or a name comes twice, or as for <see cref="With(string, string)"/>.</exception>
    public Budget With(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        var budget = this;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw new BudgetFormatException($"budget: `{BudgetEntry.Clip(part)}` is not name=value; for instance memory=64MiB,cpu=2s");
            var key = part[..equals].TrimEnd();
            if (!seen.Add(key))
                throw new BudgetFormatException($"budget: `{BudgetEntry.Clip(key)}` is set twice");
            budget = budget.With(key, part[(equals + 1)..].TrimStart());
        }

        return budget;
    }

    /// <summary><see cref="Default"/> with what a list says; see <see cref="With(string)"/>.</summary>
    /// <exception cref="BudgetFormatException">As <see cref="With(string)"/>.</exception>
    public static Budget Parse(string list) => Default.With(list);

    /// <summary>
    /// A tenant's totals: <see cref="None"/> with what a list says. Only budgets of <see cref="BudgetScope.Total"/> can be totals of a tenant.
    /// </summary>
    /// <exception cref="BudgetFormatException">As <see cref="With(string)"/>, or a budget has no total.</exception>
    public static Budget ParseTenant(string list)
    {
        var budget = None.With(list);
        foreach (var entry in Entries)
        {
            if (entry.Scope != BudgetScope.Total && budget[entry.Kind] != Unlimited)
                throw new BudgetFormatException($"budget `{entry.Key}` is for each app, not for a tenant; totals are: {Names(e => e.Scope == BudgetScope.Total)}");
        }

        return budget;
    }

    /// <summary>What a name stands for.</summary>
    /// <exception cref="BudgetFormatException">There is no such name; the message tells the nearest.</exception>
    public static BudgetEntry FindEntry(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (BudgetTable.Find(key) is { } entry)
            return entry;
        var nearest = BudgetTable.Nearest(key);
        throw new BudgetFormatException(nearest is null
            ? $"there is no budget `{BudgetEntry.Clip(key)}`; the budgets are: {Names(_ => true)}"
            : $"there is no budget `{BudgetEntry.Clip(key)}`; the nearest is `{nearest}`");
    }

    /// <summary>What differs from <see cref="Default"/>, so that <see cref="Parse"/> reads it back: <c>memory=64MiB,cpu=2s</c>.</summary>
    public override string ToString() =>
        string.Join(',', Entries.Where(e => this[e.Kind] != e.Default).Select(e => $"{e.Key}={e.Format(this[e.Kind])}"));

    private static string Names(Func<BudgetEntry, bool> which) => string.Join(", ", Entries.Where(which).Select(e => e.Key));
}
