namespace Windhover.Wit.Resolution;

/// <summary>Orders things so that each comes after what it needs, and otherwise stays where it was declared.</summary>
internal static class DependencyOrder
{
    /// <summary>
    /// Repeatedly takes the earliest declared node whose needs have all been taken. Linear but for a factor log n; no recursion.
    /// </summary>
    /// <param name="needs">For each node the nodes it needs; repetitions are allowed.</param>
    /// <param name="cycle">When there is no order: a node, and the position in its needs of another that keeps it from its place.</param>
    public static List<int>? Sort(IReadOnlyList<IReadOnlyList<int>> needs, out (int Node, int Need) cycle)
    {
        cycle = default;
        var missing = new int[needs.Count];
        var neededBy = new List<int>?[needs.Count];
        var ready = new SortedSet<int>();
        for (var i = 0; i < needs.Count; i++)
        {
            missing[i] = needs[i].Count;
            foreach (var need in needs[i])
                (neededBy[need] ??= []).Add(i);
            if (missing[i] == 0)
                ready.Add(i);
        }
        var order = new List<int>(needs.Count);
        while (ready.Count > 0)
        {
            var node = ready.Min;
            ready.Remove(node);
            order.Add(node);
            foreach (var user in neededBy[node] ?? [])
            {
                if (--missing[user] == 0)
                    ready.Add(user);
            }
        }
        if (order.Count == needs.Count)
            return order;
        for (var i = 0; i < needs.Count; i++)
        {
            for (var j = 0; missing[i] > 0 && j < needs[i].Count; j++)
            {
                if (missing[needs[i][j]] > 0)
                {
                    cycle = (i, j);
                    return null;
                }
            }
        }
        throw new InvalidOperationException("A graph without order has a cycle.");
    }
}
