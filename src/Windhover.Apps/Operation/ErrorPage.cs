using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Dashboard;
using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Operation;

// What a developer sees of a request that failed: the guest's backtrace, what it wrote, and where to look next. Only with AppsOptions.Development: it shows what is the
// developer's business and not the client's. In a browser with the dashboard's style and policy (what a guest wrote stays text), elsewhere as plain text.
internal static class ErrorPage
{
    private const string OnlyHere = "This page is shown by --watch only; otherwise the client gets an empty answer.";

    public static Task WriteAsync(HttpContext context, AppManifest app, HttpTrigger trigger, LiveRequest request, IReadOnlyList<LogLine> lines)
    {
        int status = context.Response.StatusCode;
        LogLine? failure = lines.LastOrDefault(l => l.Source == "host" && l.Level >= LogLevel.Error) ?? lines.LastOrDefault(l => l.Source == "host");
        LogLine[] others = [.. lines.Where(l => l != failure)];
        string what = failure?.Message ?? $"The component answered {status} without a body, and nothing was written about it.";
        string title = $"{status} from {app.Name}";
        if (!WantsHtml(context))
        {
            var text = new StringBuilder();
            text.Append($"{title}/{trigger.Component} answering {request.Method} {request.Path}\nroute {trigger.Route} ({trigger.Place})\n\n{what}\n");
            foreach (LogLine line in others)
                text.Append($"\n{line.Time:HH:mm:ss.fff} {line.Source} {line.Message}");
            return TextAsync(context, text.Append('\n').ToString());
        }

        HtmlText body = HtmlText.Of($"<h1><span class=\"tag err\">{status}</span> {app.Name} failed answering <code>{request.Method} {request.Path}</code></h1>");
        body.Add($"<div class=\"card pad\"><dl><dt>Component</dt><dd>{trigger.Component} <code class=\"dim\">{app.Components[trigger.Component].Source}</code></dd><dt>Route</dt><dd><code>{trigger.Route}</code> <code class=\"dim\">{trigger.Place}</code></dd><dt>Took</dt><dd>{Parts.Time(request.Elapsed)}</dd></dl></div>");
        body.Add($"<h2>What happened</h2><pre class=\"trap\" id=\"failure\">{what}</pre>");
        if (Advice(status, what) is { } advice)
            body.Add($"<p>{advice}</p>");
        if (others.Length > 0)
            body.Add($"<h2>What it wrote</h2>{Parts.Lines(others, showApp: false, ofOneRequest: true)}");
        body.Add($"<p class=\"dim small\">{OnlyHere} More in the <a href=\"/_windhover/requests/{request.Number}\">dashboard</a>.</p>");
        return HtmlAsync(context, title, body);
    }

    /// <summary>No route matches: which there are, and what is wrong with apps that are not served.</summary>
    public static Task WriteNoRouteAsync(HttpContext context, AppServer server)
    {
        string[] routes = [.. server.Apps.OrderBy(a => a.Name, StringComparer.Ordinal).SelectMany(a => a.Manifest.Http.Where(t => !t.IsPrivate).Select(t => $"{t.Route}   {a.Name}")).Take(100)];
        if (!WantsHtml(context))
        {
            return TextAsync(
                context,
                $"404: no route matches {AppServer.HostOf(context)}{context.Request.Path}\n\n{string.Join('\n', server.Problems.Select(p => p.Message + "\n"))}{string.Join('\n', routes)}\n");
        }

        HtmlText body = HtmlText.Of($"<h1><span class=\"tag warn\">404</span> No route matches <code>{context.Request.Path.Value}</code></h1>");
        foreach (AppProblem problem in server.Problems)
            body.Add($"<div class=\"problem\" role=\"alert\"><pre>{problem.Message}</pre></div>");
        body.Add($"<h2>Routes</h2><div class=\"card pad\"><pre>{(routes.Length == 0 ? "No app has one." : string.Join('\n', routes))}</pre></div>");
        body.Add($"<p class=\"dim small\">{OnlyHere} <a href=\"/_windhover/\">Dashboard</a></p>");
        return HtmlAsync(context, "404", body);
    }

    private static bool WantsHtml(HttpContext context) => context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static string? Advice(int status, string what) => status switch
    {
        504 => "It took longer than its budget `wall` allows; `budget = { wall = \"…\" }` in the manifest sets it.",
        503 => "A budget or the server was full (docs/budgets.md).",
        _ when what.Contains("<module>!<function", StringComparison.Ordinal) => "The frames have no names, because the file has none: leave out what strips it (`--strip-all`, `-s`).",
        _ => null,
    };

    private static Task HtmlAsync(HttpContext context, string title, HtmlText body) =>
        Layout.WriteBareAsync(
            context,
            context.Response.StatusCode,
            HtmlText.Of($"<!doctype html><html lang=\"en\"><head>{Layout.Head(title)}</head><body><main id=\"main\">{body}</main></body></html>"));

    private static async Task TextAsync(HttpContext context, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }
}
