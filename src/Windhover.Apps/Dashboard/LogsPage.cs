using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;

namespace Windhover.Apps.Dashboard;

/// <summary>The lines of all apps, or of one; all, or what is worth a look; with a word in them.</summary>
internal static class LogsPage
{
    private const int Shown = 300;

    public static Page Make(DashboardSources sources, IQueryCollection query)
    {
        string app = query["app"].ToString(), level = query["level"].ToString(), wanted = query["q"].ToString();
        LogLevel least = level switch { "warning" => LogLevel.Warning, "error" => LogLevel.Error, _ => LogLevel.Trace };
        IReadOnlyList<LogLine> lines = sources.Logs.Read(
            app.Length == 0 ? null : app, most: Shown, where: l => l.Level >= least && (wanted.Length == 0 || l.Message.Contains(wanted, StringComparison.OrdinalIgnoreCase)));
        HtmlText body = HtmlText.Of(
            $"<h1>Logs</h1><form class=\"tools\" role=\"search\"><label>App<input name=\"app\" value=\"{app}\" size=\"14\"></label><label>Level<select name=\"level\">{Option("", "all", level)}{Option("warning", "warnings and errors", level)}{Option("error", "errors", level)}</select></label><label>Holds<input type=\"search\" name=\"q\" value=\"{wanted}\" size=\"18\"></label><button>Show</button></form>{Parts.Lines(lines)}");
        if (lines.Count == Shown)
            body.Add($"<p class=\"dim small\">The last {Shown} lines. <code>windhover logs -f</code> follows all.</p>");
        if (sources.Topics.Open() is { Count: > 0 } open)
            body.Add($"<p class=\"dim small\">topics: {string.Join(", ", open.Select(t => t.Key).Order(StringComparer.Ordinal))}</p>");
        string address = app.Length + level.Length + wanted.Length == 0
            ? "/_windhover/logs"
            : $"/_windhover/logs?app={Uri.EscapeDataString(app)}&level={Uri.EscapeDataString(level)}&q={Uri.EscapeDataString(wanted)}";
        return new Page("Logs", body) { Section = "logs", Address = address };
    }

    private static HtmlText Option(string value, string text, string chosen) =>
        value == chosen ? HtmlText.Of($"<option value=\"{value}\" selected>{text}</option>") : HtmlText.Of($"<option value=\"{value}\">{text}</option>");
}
