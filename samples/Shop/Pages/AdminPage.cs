using System.Globalization;
using System.Text;
using static Shop.Pages.Html;

namespace Shop.Pages;

/// <summary>What the administrator sees: the rules, what they run on, and what plug-ins wrote.</summary>
internal static class AdminPage
{
    public static IResult Show(Admin admin, string message)
    {
        var body = new StringBuilder(message.Length == 0 ? "<p class=\"soft\" id=\"message\">Choose another plug-in for a rule. Customers notice nothing but the new rule.</p>" : $"<p class=\"note\" id=\"message\">{E(message)}</p>");
        body.Append("<div class=\"cards\">");
        foreach (RuleState rule in admin.Rules)
        {
            string options = string.Concat(Admin.Files.Select(f => $"<option{(f == rule.Plugin ? " selected" : "")}>{E(f)}</option>"));
            body.Append(CultureInfo.InvariantCulture, $"""
                <section class="card"><h2>{E(rule.Name)}</h2><div><b id="{E(rule.Name)}">{E(rule.Plugin)}</b> <span class="soft" title="SHA-256">{E(rule.Digest)}</span></div>
                <div><span class="good">{rule.Calls} calls</span>, <span class="{(rule.Failures == 0 ? "soft" : "bad")}" id="{E(rule.Name)}-failures">{rule.Failures} failed</span></div>
                <form action="/admin" method="post" class="row"><input type="hidden" name="rule" value="{E(rule.Name)}">
                <select name="file" id="{E(rule.Name)}-file" aria-label="Plug-in">{options}</select><button id="{E(rule.Name)}-swap">Swap</button></form></section>
                """);
        }

        body.Append("</div><h2>What plug-ins wrote, and what went wrong</h2><pre id=\"log\">").Append(E(string.Join('\n', admin.Log))).Append("</pre>");
        return Page("Rules", body.ToString());
    }
}
