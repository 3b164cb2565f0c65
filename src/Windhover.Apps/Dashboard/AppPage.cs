using Windhover.Apps.Manifest;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Engine;

namespace Windhover.Apps.Dashboard;

/// <summary>One app: what calls it, what it may, what it uses, what it said.</summary>
internal static class AppPage
{
    public static Page Make(DashboardSources sources, RunningApp app)
    {
        AppManifest manifest = app.Manifest;
        LiveRequest[] last = [.. sources.Requests.Last().Where(r => r.App == app.Name)];
        var body = new HtmlText();
        body.Add($"<h1>{app.Name} <span class=\"tag {(app.IsLoaded ? "ok" : "")}\">{(app.IsLoaded ? "loaded" : "idle")}</span></h1>");
        if (manifest.Description is { } description)
            body.Add($"<p>{description}</p>");
        body.Add($"<p class=\"dim small\">version {app.Version}{(manifest.Tenant is null ? "" : $" · tenant {manifest.Tenant}")} · <code>{manifest.File}</code></p>");
        foreach (AppProblem problem in sources.Server.Problems.Where(p => p.File == manifest.File))
            body.Add($"<div class=\"problem\" role=\"alert\"><pre>{problem.Message}</pre><p>The version before serves on.</p></div>");
        body.Add($"{Tiles(app, last)}<h2>Called by</h2>{Triggers(manifest)}<h2>Components and grants</h2><div class=\"parts\">");
        foreach (ComponentManifest component in manifest.Components.Values)
            body.Add($"{Component(component)}");
        body.Add($"</div><h2>Budget</h2>{Budgets(app.Meter)}");
        LiveRequest[] live = [.. sources.Requests.Live().Where(r => r.App == app.Name)];
        if (live.Length > 0)
            body.Add($"<h2>Under way</h2>{Parts.Requests(live, sources.Time, "", showApp: false)}");
        LiveRequest[] failed = [.. sources.Requests.Failed().Where(r => r.App == app.Name).Take(10)];
        if (failed.Length > 0)
            body.Add($"<h2>Failed</h2>{Parts.Requests(failed, sources.Time, "", showApp: false)}");
        body.Add($"<h2>Lately</h2>{Parts.Requests(last.Take(10), sources.Time, "No request yet.", showApp: false)}");
        body.Add($"<h2>Log</h2>{Parts.Lines(sources.Logs.Read(app.Name, most: 50), showApp: false)}<p><a href=\"/_windhover/logs?app={Uri.EscapeDataString(app.Name)}\">All lines of {app.Name}</a></p>");
        return new Page(app.Name, body) { Address = $"/_windhover/apps/{Uri.EscapeDataString(app.Name)}" };
    }

    private static HtmlText Tiles(RunningApp app, LiveRequest[] last)
    {
        AppStats stats = app.Stats;
        TimeSpan[] times = [.. last.Select(r => r.Elapsed).Order()];
        return HtmlText.Of($"""
            <div class="tiles">
            <div class="card tile"><b>{stats.Requests}</b><span>requests</span></div>
            <div class="card tile"><b class="{(stats.Failures > 0 ? "bad" : "")}">{stats.Failures}</b><span>failed</span></div>
            <div class="card tile"><b>{stats.Running}</b><span>under way</span></div>
            <div class="card tile"><b>{(times.Length == 0 ? "–" : Parts.Time(times[times.Length / 2]))}</b><span>median of the last {times.Length}</span></div>
            <div class="card tile"><b>{(times.Length == 0 ? "–" : Parts.Time(times[times.Length * 19 / 20]))}</b><span>95 of 100 are faster</span></div>
            <div class="card tile"><b class="{(stats.FailedRuns > 0 ? "bad" : "")}">{stats.Runs}</b><span>runs, {stats.FailedRuns} failed, {stats.DeadLetters} dead letters</span></div>
            </div>
            """);
    }

    private static HtmlText Triggers(AppManifest manifest)
    {
        HtmlText text = HtmlText.Of($"<div class=\"wide\"><table class=\"stack\"><tbody>");
        foreach (HttpTrigger trigger in manifest.Http)
            text.Add($"<tr><td><span class=\"tag on\">HTTP</span></td><th scope=\"row\"><code>{Parts.Route(manifest.Name, trigger)}</code></th><td>{trigger.Component}{(trigger.IsPrivate ? ", for other apps only" : "")}</td></tr>");
        foreach (HttpTrigger trigger in manifest.Services.Where(s => manifest.Http.All(t => t.Component != s.Component)))
            text.Add($"<tr><td><span class=\"tag on\">HTTP</span></td><th scope=\"row\"><code>{trigger.Component}{Services.ServiceCalls.ComponentDomain}</code></th><td>{trigger.Component}, for this app only</td></tr>");
        foreach (CronTrigger trigger in manifest.Cron)
            text.Add($"<tr><td><span class=\"tag on\">cron</span></td><th scope=\"row\"><code>{trigger.ScheduleText}</code> <span class=\"dim\">{trigger.Zone.Id}</span></th><td>{trigger.Component}</td></tr>");
        foreach (QueueTrigger trigger in manifest.Queues)
            text.Add($"<tr><td><span class=\"tag on\">queue</span></td><th scope=\"row\"><code>{trigger.Topic}</code></th><td>{trigger.Component}, {trigger.Concurrency} at a time, {trigger.Attempts} attempts</td></tr>");
        foreach (WatchTrigger trigger in manifest.Watches)
            text.Add($"<tr><td><span class=\"tag on\">watch</span></td><th scope=\"row\"><code>{trigger.Keys}</code> of <code>{trigger.Store}</code></th><td>{trigger.Component}</td></tr>");
        foreach (StartTrigger trigger in manifest.Start)
            text.Add($"<tr><td><span class=\"tag on\">start</span></td><th scope=\"row\">once before it serves</th><td>{trigger.Component}</td></tr>");
        return text.Add($"</tbody></table></div>");
    }

    // Names of variables and not their values: those may be secrets.
    private static HtmlText Component(ComponentManifest component)
    {
        HtmlText text = HtmlText.Of($"<div class=\"card pad\"><h3>{component.Name}</h3><p class=\"small\"><code>{component.Source}</code></p><dl class=\"small\">");
        foreach ((string name, Hosting.Capabilities.CapabilityRequest request) in component.Capabilities)
            text.Add($"<dt>{name}</dt><dd>{string.Join(", ", request.Resources.Select(r => r.Name))}</dd>");
        if (component.AllowedHosts.Count > 0)
            text.Add($"<dt>HTTP to</dt><dd>{string.Join(", ", component.AllowedHosts)}</dd>");
        if (component.Network.Count > 0)
            text.Add($"<dt>sockets</dt><dd>{string.Join(", ", component.Network)}</dd>");
        if (component.Directories.Count > 0)
            text.Add($"<dt>files</dt><dd>{string.Join(", ", component.Directories.Select(d => d.Guest + (d.Writable ? "" : " (to read)")))}</dd>");
        if (component.Environment.Count > 0)
            text.Add($"<dt>variables</dt><dd>{string.Join(", ", component.Environment.Select(v => v.Key))}</dd>");
        if (component.Capabilities.Count + component.AllowedHosts.Count + component.Network.Count + component.Directories.Count + component.Environment.Count == 0)
            text.Add($"<dt>granted</dt><dd>nothing</dd>");
        return text.Add($"</dl></div>");
    }

    private static HtmlText Budgets(BudgetMeter meter)
    {
        HtmlText text = HtmlText.Of(
            $"<div class=\"wide\"><table class=\"stack\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Peak of limit</th><th class=\"n\" scope=\"col\">Used</th><th class=\"n\" scope=\"col\">Peak</th><th class=\"n\" scope=\"col\">Limit</th><th class=\"n\" scope=\"col\">Refused</th></tr></thead><tbody>");
        foreach (BudgetEntry entry in Budget.Entries.Where(e => e.Scope == BudgetScope.Total))
        {
            long limit = meter.Budget[entry.Kind], peak = meter.Peak(entry.Kind), refused = meter.Rejected(entry.Kind);
            text.Add($"<tr><th scope=\"row\">{entry.Key}</th><td>");
            if (limit != Budget.Unlimited && limit > 0)
                text.Add($"<meter min=\"0\" max=\"1\" high=\"0.8\" optimum=\"0\" value=\"{Math.Min(1.0, (double)peak / limit):0.000}\" aria-label=\"{entry.Key}: peak {entry.Format(peak)} of {entry.Format(limit)}\"></meter>");
            text.Add($"</td><td class=\"n\" data-h=\"Used\">{entry.Format(meter.Used(entry.Kind))}</td><td class=\"n\" data-h=\"Peak\">{entry.Format(peak)}</td><td class=\"n\" data-h=\"Limit\">{entry.Format(limit)}</td><td class=\"n{(refused > 0 ? " bad" : "")}\" data-h=\"Refused\">{refused}</td></tr>");
        }

        return text.Add($"</tbody></table></div>");
    }
}
