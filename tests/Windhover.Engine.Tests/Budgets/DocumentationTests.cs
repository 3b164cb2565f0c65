namespace Windhover.Engine.Tests.Budgets;

/// <summary>docs/budgets.md says what the table of budgets says.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void The_table_is_as_documented()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
            folder = folder.Parent;
        var text = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "budgets.md"));
        foreach (var entry in Budget.Entries)
            Assert.Contains(Row(entry), text, StringComparison.Ordinal);
    }

    private static string Row(BudgetEntry entry)
    {
        var scope = entry.Scope switch
        {
            BudgetScope.Total => "the app",
            BudgetScope.Run => "a run",
            _ => "a load",
        };
        return $"| `{entry.Key}` | {scope} | {entry.Format(entry.Default)} | {entry.Format(entry.Minimum)} – {entry.Format(entry.Maximum)} | {entry.AtLimit} |\n";
    }
}
