using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Dashboard;

/// <summary>The server at a glance, and its apps.</summary>
internal static class OverviewPage
{
    private const int AppsPerPage = 100;

    public static Page Make(DashboardSources sources, IQueryCollection query)
    {
        AppServer server = sources.Server;
        RunningApp[] all = [.. server.Apps];
        string wanted = query["q"].ToString();
        string sort = query["sort"].ToString();
        RunningApp[] found = Sort(wanted.Length == 0 ? all : all.Where(a => IsMatch(a, wanted)), sort);
        _ = int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out int page);
        page = Math.Clamp(page, 0, Math.Max(0, (found.Length - 1) / AppsPerPage));

        var body = new HtmlText();
        body.Add($"<h1>Apps</h1>");
        foreach (AppProblem problem in server.Problems)
            body.Add($"<div class=\"problem\" role=\"alert\"><pre>{problem.Message}</pre></div>");
        body.Add($"{Tiles(sources, all)}{Graph(sources.History)}");
        if (all.Length > 10 || wanted.Length > 0)
            body.Add($"<form class=\"tools\" role=\"search\"><label>Name or route<input type=\"search\" name=\"q\" value=\"{wanted}\" size=\"24\"></label><label>First<select name=\"sort\">{Option("name", "by name", sort)}{Option("requests", "most requests", sort)}{Option("failures", "most failures", sort)}{Option("time", "most time", sort)}</select></label><button>Show</button></form>");
        body.Add($"{Table(found.Skip(page * AppsPerPage).Take(AppsPerPage))}");
        string rest = $"q={Uri.EscapeDataString(wanted)}&sort={Uri.EscapeDataString(sort)}";
        if (found.Length > AppsPerPage)
        {
            body.Add($"<p class=\"tools\"><span class=\"dim\">{(page * AppsPerPage) + 1} to {Math.Min(found.Length, (page + 1) * AppsPerPage)} of {found.Length}</span>");
            if (page > 0)
                body.Add($" <a rel=\"prev\" href=\"/_windhover/?{rest}&page={page - 1}\">Previous</a>");
            if ((page + 1) * AppsPerPage < found.Length)
                body.Add($" <a rel=\"next\" href=\"/_windhover/?{rest}&page={page + 1}\">Next</a>");
            body.Add($"</p>");
        }

        if (all.Length == 0)
            body.Add($"<p class=\"dim\">No app is served yet: <code>windhover new http</code> makes one.</p>");
        return new Page("Apps", body) { Address = wanted.Length + sort.Length + page == 0 ? "/_windhover/" : $"/_windhover/?{rest}&page={page}" };
    }

    private static HtmlText Tiles(DashboardSources sources, RunningApp[] apps)
    {
        (long requests, long failures)[] slots = sources.History.Read();
        double rate = slots[^5..].Sum(s => s.requests) / (5 * LoadHistory.Slot.TotalSeconds);
        long failed = apps.Sum(a => a.Stats.Failures);
        return HtmlText.Of($"""
            <div class="tiles">
            <div class="card tile"><b>{rate:0.#}</b><span>requests/s</span></div>
            <div class="card tile"><b>{apps.Sum(a => a.Stats.Running)}</b><span>under way</span></div>
            <div class="card tile"><b class="{(failed > 0 ? "bad" : "")}">{failed}</b><span>failed of {apps.Sum(a => a.Stats.Requests)}</span></div>
            <div class="card tile"><b>{apps.Length}</b><span>apps, {apps.Count(a => a.IsLoaded)} loaded</span></div>
            <div class="card tile"><b>{sources.Server.Services.Host.Engine.LiveInstances}</b><span>instances</span></div>
            <div class="card tile"><b>{Environment.WorkingSet >> 20} MiB</b><span>resident, process {Environment.ProcessId}</span></div>
            </div>
            """);
    }

    private static HtmlText Graph(LoadHistory history)
    {
        (long Requests, long Failures)[] slots = history.Read();
        long most = Math.Max(1, slots.Max(s => s.Requests));
        var line = new StringBuilder();
        HtmlText fails = new();
        for (int i = 0; i < slots.Length; i++)
        {
            line.Append(CultureInfo.InvariantCulture, $"{i},{60 - (56.0 * slots[i].Requests / most):0.#} ");
            if (slots[i].Failures > 0)
                fails.Add($"<rect class=\"fails\" x=\"{i - 0.4:0.0}\" width=\"0.8\" y=\"{60 - Math.Max(3, 56.0 * slots[i].Failures / most):0.#}\" height=\"{Math.Max(3, 56.0 * slots[i].Failures / most):0.#}\"/>");
        }

        int last = slots.Length - 1;
        return HtmlText.Of($"""
            <div class="card graph"><p><span>requests/s, the last {LoadHistory.Slots * LoadHistory.Slot.TotalMinutes:0} minutes</span><span>peak {most / LoadHistory.Slot.TotalSeconds:0.#}</span></p>
            <svg viewBox="0 0 {last} 61" preserveAspectRatio="none" role="img" aria-label="Requests over the last minutes, at most {most / LoadHistory.Slot.TotalSeconds:0.#} a second"><polygon class="area" points="0,60 {line.ToString()} {last},60"/><polyline class="stroke" points="{line.ToString()}"/>{fails}</svg></div>
            """);
    }

    private static HtmlText Table(IEnumerable<RunningApp> apps)
    {
        HtmlText text = HtmlText.Of(
            $"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Apps\"><table class=\"stack\"><thead><tr><th scope=\"col\">App</th><th scope=\"col\">Routes</th><th class=\"n\" scope=\"col\">Requests</th><th class=\"n\" scope=\"col\">Failed</th><th class=\"n\" scope=\"col\">Under way</th><th class=\"n\" scope=\"col\">Mean</th><th class=\"n\" scope=\"col\">Runs</th><th class=\"n\" scope=\"col\">Dead letters</th></tr></thead><tbody>");
        foreach (RunningApp app in apps)
        {
            AppStats stats = app.Stats;
            text.Add($"<tr><th scope=\"row\">{Parts.AppLink(app.Name)} <span class=\"tag {(app.IsLoaded ? "ok" : "")}\">{(app.IsLoaded ? "loaded" : "idle")}</span></th><td>");
            foreach (Manifest.HttpTrigger trigger in app.Manifest.Http.Take(5))
                text.Add($"<code>{Parts.Route(app.Name, trigger)}</code><br>");
            foreach (Manifest.CronTrigger trigger in app.Manifest.Cron.Take(3))
                text.Add($"<span class=\"dim\">cron</span> <code>{trigger.ScheduleText}</code><br>");
            foreach (Manifest.QueueTrigger trigger in app.Manifest.Queues.Take(3))
                text.Add($"<span class=\"dim\">queue</span> <code>{trigger.Topic}</code><br>");
            foreach (Manifest.WatchTrigger trigger in app.Manifest.Watches.Take(3))
                text.Add($"<span class=\"dim\">watch</span> <code>{trigger.Store}</code><br>");
            text.Add($"</td><td class=\"n\" data-h=\"Requests\">{stats.Requests}</td><td class=\"n{(stats.Failures > 0 ? " bad" : "")}\" data-h=\"Failed\">{stats.Failures}</td><td class=\"n\" data-h=\"Under way\">{stats.Running}</td>");
            text.Add($"<td class=\"n\" data-h=\"Mean\">{Mean(stats)}</td><td class=\"n{(stats.FailedRuns > 0 ? " bad" : "")}\" data-h=\"Runs\">{Runs(stats)}</td><td class=\"n{(stats.DeadLetters > 0 ? " bad" : "")}\" data-h=\"Dead letters\">{Count(stats.DeadLetters)}</td></tr>");
        }

        return text.Add($"</tbody></table></div>");
    }

    private static HtmlText Option(string value, string text, string chosen) =>
        value == chosen ? HtmlText.Of($"<option value=\"{value}\" selected>{text}</option>") : HtmlText.Of($"<option value=\"{value}\">{text}</option>");

    private static string Mean(AppStats stats) => stats.Requests == 0 ? "" : Parts.Time(stats.Busy / stats.Requests);

    private static string Runs(AppStats stats) => stats.FailedRuns == 0 ? Count(stats.Runs) : $"{stats.Runs}, {stats.FailedRuns} failed";

    private static string Count(long count) => count == 0 ? "" : count.ToString(CultureInfo.InvariantCulture);

    private static bool IsMatch(RunningApp app, string wanted) =>
        app.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase) || app.Manifest.Http.Any(t => t.Route.ToString().Contains(wanted, StringComparison.OrdinalIgnoreCase));

    private static RunningApp[] Sort(IEnumerable<RunningApp> apps, string by)
    {
        IOrderedEnumerable<RunningApp> sorted = by switch
        {
            "requests" => apps.OrderByDescending(a => a.Stats.Requests),
            "failures" => apps.OrderByDescending(a => a.Stats.Failures),
            "time" => apps.OrderByDescending(a => a.Stats.Busy),
            _ => apps.OrderBy(a => 0),
        };
        return [.. sorted.ThenBy(a => a.Name, StringComparer.Ordinal)];
    }
}
