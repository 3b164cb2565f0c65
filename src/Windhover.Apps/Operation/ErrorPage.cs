using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Windhover.Apps.Manifest;

namespace Windhover.Apps.Operation;

/// <summary>What a developer sees of a request that failed: the guest's backtrace and what it wrote. Only with <see cref="AppsOptions.Development"/>.</summary>
internal static class ErrorPage
{
    public static async Task WriteAsync(HttpContext context, AppManifest app, HttpTrigger trigger, IReadOnlyList<LogLine> lines)
    {
        LogLine? failure = lines.LastOrDefault(l => l.Source == "host");
        bool html = context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        var text = new StringBuilder();
        if (html)
            Html(text, context, app, trigger, failure, lines);
        else
            Text(text, context, app, trigger, failure, lines);
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        context.Response.ContentType = html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static void Text(StringBuilder text, HttpContext context, AppManifest app, HttpTrigger trigger, LogLine? failure, IReadOnlyList<LogLine> lines)
    {
        text.AppendLine($"{context.Response.StatusCode} from {app.Name}/{trigger.Component} answering {context.Request.Method} {context.Request.Path}");
        text.AppendLine($"route {trigger.Route} ({trigger.Place})").AppendLine();
        text.AppendLine(failure?.Message ?? "The guest said nothing about it.").AppendLine();
        foreach (LogLine line in lines.Where(l => l != failure))
            text.AppendLine($"{line.Time:HH:mm:ss.fff} {line.Source} {line.Message}");
    }

    private static void Html(StringBuilder text, HttpContext context, AppManifest app, HttpTrigger trigger, LogLine? failure, IReadOnlyList<LogLine> lines)
    {
        string title = $"{context.Response.StatusCode} from {app.Name}";
        text.Append($"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{Encode(title)}</title>
            <style>body{"{"}font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e;background:#fff{"}"}
            pre{"{"}background:#f4f4f5;padding:1rem;overflow-x:auto;border-left:4px solid #b42318{"}"}code{"{"}font-size:.9em{"}"}
            @media(prefers-color-scheme:dark){"{"}body{"{"}background:#18181b;color:#f4f4f5{"}"}pre{"{"}background:#27272a{"}"}{"}"}</style>
            <h1>{Encode(title)}</h1>
            <p>The component <b>{Encode(trigger.Component)}</b> failed answering <code>{Encode(context.Request.Method)} {Encode(context.Request.Path.Value ?? "/")}</code>,
            by the route <code>{Encode(trigger.Route.ToString())}</code> (<code>{Encode(trigger.Place.ToString())}</code>).</p>
            <h2>What happened</h2><pre>{Encode(failure?.Message ?? "The guest said nothing about it.")}</pre>
            """);
        LogLine[] others = [.. lines.Where(l => l != failure)];
        if (others.Length > 0)
        {
            text.Append("<h2>What it wrote</h2><pre>");
            foreach (LogLine line in others)
                text.Append(Encode($"{line.Time:HH:mm:ss.fff} {line.Source} {line.Message}\n"));
            text.Append("</pre>");
        }

        text.Append("<p>This page is shown in development only; in production the client gets an empty 500.</p></html>");
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
