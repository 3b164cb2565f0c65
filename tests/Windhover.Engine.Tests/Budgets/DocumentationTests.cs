using System.Text.RegularExpressions;
using Windhover.Tests;

namespace Windhover.Engine.Tests.Budgets;

/// <summary>docs/budgets.md says what the table of budgets says.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_budget_has_a_test_that_reaches_it_and_one_that_passes_it_by_one()
    {
        var found = new HashSet<(string, string)>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root(), "tests"), "*.cs", SearchOption.AllDirectories))
        {
            foreach (Match match in Marks().Matches(File.ReadAllText(file)))
                found.Add((match.Groups[1].Value, match.Groups[2].Value));
        }

        var wanted = Budget.Entries.SelectMany(e => Enum.GetNames<Edge>(), (e, edge) => (e.Key, edge)).ToHashSet();
        Assert.Empty(wanted.Except(found));
        Assert.Empty(found.Except(wanted)); // of no budget, or misspelt
    }

    [GeneratedRegex("""^\s*\[BudgetTest\("([^"]*)", Edge\.(\w+)\)\]""", RegexOptions.Multiline)]
    private static partial Regex Marks();

    [Fact]
    public void The_table_is_as_documented()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs", "budgets.md"));
        foreach (var entry in Budget.Entries)
            Assert.Contains(Row(entry), text, StringComparison.Ordinal);
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
            folder = folder.Parent;
        return folder!.FullName;
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
