using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Dashboard;

// The dashboard: plain pages made here, no script, one small style sheet in the page. It works with the keyboard and on a narrow screen because it is
// headings, links and tables. The Content-Security-Policy lets nothing else in, so that what a guest wrote into its log stays text.
internal sealed class DashboardPages(AppServer server, LogStore logs, MessageTopics topics)
{
    private const string Style = """
        :root{color-scheme:light dark;--line:#d4d4d8;--dim:#52525b;--bad:#b42318;--good:#067647;--back:#fff;--soft:#f4f4f5}
        @media(prefers-color-scheme:dark){:root{--line:#3f3f46;--dim:#a1a1aa;--bad:#fda29b;--good:#75e0a7;--back:#18181b;--soft:#27272a}}
        *{box-sizing:border-box}body{margin:0 auto;max-width:70rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;background:var(--back)}
        nav{display:flex;gap:1rem;flex-wrap:wrap;border-bottom:1px solid var(--line);padding-bottom:.5rem}nav b{margin-right:auto}
        h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
        th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;font-size:.85rem}.bad{color:var(--bad)}.good{color:var(--good)}.dim{color:var(--dim)}
        .problem{border-left:4px solid var(--bad);background:var(--soft);padding:.5rem 1rem;margin:.5rem 0}a:focus-visible{outline:3px solid currentColor;outline-offset:2px}
        .skip{position:absolute;left:-100rem}.skip:focus{position:static}
        """;

    public async Task HandleAsync(HttpContext context, string below)
    {
        (int status, string page) = below.TrimEnd('/') switch
        {
            "" => (200, Overview()),
            "logs" => (200, Logs()),
            ['a', 'p', 'p', 's', '/', .. string name] when server.Find(name) is { } app => (200, App(app)),
            _ => (404, Page("Not found", "<h1>Not found</h1><p>There is no such page, or the app is gone.</p>")),
        };
        byte[] bytes = Encoding.UTF8.GetBytes(page);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private string Overview()
    {
        var text = new StringBuilder("<h1>Apps</h1>");
        foreach (AppProblem problem in server.Problems)
            text.Append($"<div class=\"problem\" role=\"alert\"><pre>{Encode(problem.Message)}</pre></div>");
        text.Append(
            "<div class=\"wide\"><table><thead><tr><th scope=\"col\">App</th><th scope=\"col\">State</th><th scope=\"col\">Routes</th><th class=\"n\" scope=\"col\">Requests</th><th class=\"n\" scope=\"col\">Failed</th><th class=\"n\" scope=\"col\">Now</th><th class=\"n\" scope=\"col\">Mean</th><th class=\"n\" scope=\"col\">Runs</th><th class=\"n\" scope=\"col\">Dead letters</th></tr></thead><tbody>");
        RunningApp[] apps = [.. server.Apps.OrderBy(a => a.Name, StringComparer.Ordinal)];
        foreach (RunningApp app in apps.Take(1000))
        {
            AppStats stats = app.Stats;
            string routes = string.Join("<br>", app.Manifest.Http.Select(t => $"<code>{Encode(t.IsPrivate ? app.Name + ".internal" + t.Route.Path : t.Route.ToString())}</code>"));
            text.Append($"<tr><th scope=\"row\"><a href=\"/_windhover/apps/{app.Name}\">{app.Name}</a></th><td class=\"{(app.IsLoaded ? "good" : "dim")}\">{(app.IsLoaded ? "loaded" : "idle")}</td><td>{routes}</td><td class=\"n\">{stats.Requests}</td><td class=\"n{(stats.Failures > 0 ? " bad" : "")}\">{stats.Failures}</td><td class=\"n\">{stats.Running}</td><td class=\"n\">{Mean(stats)}</td><td class=\"n\">{stats.Runs}</td><td class=\"n{(stats.DeadLetters > 0 ? " bad" : "")}\">{stats.DeadLetters}</td></tr>");
        }

        text.Append("</tbody></table></div>");
        if (apps.Length > 1000)
            text.Append($"<p class=\"dim\">and {apps.Length - 1000} more; <code>windhover ps</code> lists all</p>");
        text.Append($"<p class=\"dim\">{apps.Length} apps · {server.Services.Host.Engine.LiveInstances} instances · {Environment.WorkingSet >> 20} MiB resident · process {Environment.ProcessId}</p>");
        return Page("Apps", text.ToString());
    }

    private string App(RunningApp app)
    {
        var text = new StringBuilder($"<h1>{app.Name}</h1>");
        if (app.Manifest.Description is { } description)
            text.Append($"<p>{Encode(description)}</p>");
        text.Append($"<p class=\"dim\">version {app.Version} · <code>{Encode(app.Manifest.File)}</code></p>");
        text.Append("<h2>Triggers</h2><ul>");
        foreach (Manifest.HttpTrigger trigger in app.Manifest.Http)
            text.Append($"<li>HTTP <code>{Encode(trigger.Route.ToString())}</code> → {Encode(trigger.Component)}{(trigger.IsPrivate ? " (within the server)" : "")}</li>");
        foreach (Manifest.CronTrigger trigger in app.Manifest.Cron)
            text.Append($"<li>cron <code>{Encode(trigger.ScheduleText)}</code> {Encode(trigger.Zone.Id)} → {Encode(trigger.Component)}</li>");
        foreach (Manifest.QueueTrigger trigger in app.Manifest.Queues)
            text.Append($"<li>queue <code>{Encode(trigger.Topic)}</code> → {Encode(trigger.Component)}</li>");
        text.Append("</ul><h2>Components</h2><ul>");
        foreach (Manifest.ComponentManifest component in app.Manifest.Components.Values)
        {
            string grants = string.Join(", ", component.Capabilities.Select(c => $"{c.Key} ({string.Join(", ", c.Value.Resources.Select(r => r.Name))})")
                .Concat(component.AllowedHosts.Select(h => "HTTP to " + h))
                .Concat(component.Directories.Select(d => $"{d.Guest}{(d.Writable ? "" : " (read)")}"))
                .Concat(component.Environment.Count > 0 ? [$"{component.Environment.Count} variables"] : []));
            text.Append($"<li><b>{Encode(component.Name)}</b> <code>{Encode(component.Source)}</code><br>granted: {(grants.Length == 0 ? "nothing" : Encode(grants))}</li>");
        }

        text.Append("</ul><h2>Budget</h2><div class=\"wide\"><table><thead><tr><th scope=\"col\">What</th><th class=\"n\" scope=\"col\">Used</th><th class=\"n\" scope=\"col\">Peak</th><th class=\"n\" scope=\"col\">Limit</th></tr></thead><tbody>");
        foreach (Engine.BudgetEntry entry in Engine.Budget.Entries.Where(e => e.Scope == Engine.BudgetScope.Total))
            text.Append($"<tr><th scope=\"row\">{entry.Key}</th><td class=\"n\">{entry.Format(app.Meter.Used(entry.Kind))}</td><td class=\"n\">{entry.Format(app.Meter.Peak(entry.Kind))}</td><td class=\"n\">{entry.Format(app.Meter.Budget[entry.Kind])}</td></tr>");
        text.Append("</tbody></table></div><h2>Log</h2>");
        Append(text, logs.Read(app.Name, most: 100));
        return Page(app.Name, text.ToString());
    }

    private string Logs()
    {
        var text = new StringBuilder("<h1>Logs</h1>");
        if (topics.Open() is { Count: > 0 } open)
            text.Append($"<p class=\"dim\">topics: {Encode(string.Join(", ", open.Select(t => t.Key).Order(StringComparer.Ordinal)))}</p>");
        Append(text, logs.Read(null, most: 200));
        return Page("Logs", text.ToString());
    }

    private static void Append(StringBuilder text, IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0)
        {
            text.Append("<p class=\"dim\">Nothing yet.</p>");
            return;
        }

        text.Append("<div class=\"wide\"><table><thead><tr><th scope=\"col\">Time</th><th scope=\"col\">From</th><th scope=\"col\">Line</th></tr></thead><tbody>");
        foreach (LogLine line in lines.Reverse())
            text.Append($"<tr><td class=\"dim\"><time>{line.Time:HH:mm:ss.fff}</time></td><td>{Encode(line.App)}{(line.Component is null ? "" : "/" + Encode(line.Component))} <span class=\"dim\">{line.Source}</span></td><td class=\"{(line.Level >= Microsoft.Extensions.Logging.LogLevel.Error ? "bad" : "")}\"><pre>{Encode(line.Message)}</pre>{(line.Trace is null ? "" : $"<span class=\"dim\">trace {line.Trace}</span>")}</td></tr>");
        text.Append("</tbody></table></div>");
    }

    private static string Mean(AppStats stats) => stats.Requests == 0 ? "" : $"{stats.Busy.TotalMilliseconds / stats.Requests:0.00} ms";

    private static string Page(string title, string body) =>
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{Encode(title)} · Windhover</title><style>{Style}</style></head><body><a class=\"skip\" href=\"#main\">Skip to content</a><nav aria-label=\"Main\"><b>Windhover</b><a href=\"/_windhover/\">Apps</a><a href=\"/_windhover/logs\">Logs</a></nav><main id=\"main\">{body}</main></body></html>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
