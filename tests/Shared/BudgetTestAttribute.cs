namespace Windhover.Tests;

/// <summary>The two sides of a budget's limit.</summary>
internal enum Edge
{
    /// <summary>All of the budget is used, and what uses it succeeds.</summary>
    Reached,

    /// <summary>One more (byte, line, handle, millisecond, page) is asked for, and what docs/budgets.md says happens.</summary>
    PassedByOne,
}

/// <summary>
/// Marks the test of one side of a budget's limit. Every budget has a test of each side: a test of Windhover.Engine.Tests reads the sources for these attributes.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class BudgetTestAttribute(string budget, Edge edge) : Attribute
{
    /// <summary>The budget's key: <c>memory-per-instance</c>.</summary>
    public string Budget => budget;

    /// <summary>Which side.</summary>
    public Edge Edge => edge;
}
