using Microsoft.Extensions.Logging;
using Windhover.Apps.Manifest;
using Windhover.Apps.Operation;

namespace Windhover.Apps.Dashboard;

/// <summary>Pieces that several pages have.</summary>
internal static class Parts
{
    public static HtmlText AppLink(string app) => HtmlText.Of($"<a href=\"/_windhover/apps/{Uri.EscapeDataString(app)}\">{app}</a>");

    public static string Route(string app, HttpTrigger trigger) => trigger.IsPrivate ? $"{app}.internal{trigger.Route.Path}" : trigger.Route.ToString();

    public static string Time(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 1 => FormattableString.Invariant($"{time.TotalMicroseconds:0} µs"),
        < 100 => FormattableString.Invariant($"{time.TotalMilliseconds:0.0} ms"),
        < 1000 => FormattableString.Invariant($"{time.TotalMilliseconds:0} ms"),
        < 100_000 => FormattableString.Invariant($"{time.TotalSeconds:0.0} s"),
        _ => FormattableString.Invariant($"{time.TotalMinutes:0} min"),
    };

    public static HtmlText Status(LiveRequest request) => request.IsOver
        ? HtmlText.Of($"<span class=\"tag {(request.Status >= 500 ? "err" : request.Status >= 400 ? "warn" : "ok")}\">{request.Status}</span>")
        : HtmlText.Of($"<span class=\"tag on\">under way</span>");

    public static HtmlText Requests(IEnumerable<LiveRequest> requests, TimeProvider time, string nothing, bool showApp = true)
    {
        LiveRequest[] shown = [.. requests];
        if (shown.Length == 0)
            return HtmlText.Of($"<p class=\"dim\">{nothing}</p>");
        HtmlText text = HtmlText.Of(
            $"<div class=\"wide\"><table class=\"stack\"><thead><tr><th scope=\"col\">Request</th><th scope=\"col\">{(showApp ? "App" : "Component")}</th><th scope=\"col\">Status</th><th class=\"n\" scope=\"col\">Took</th><th scope=\"col\">Began</th></tr></thead><tbody>");
        foreach (LiveRequest request in shown)
        {
            text.Add($"<tr><th scope=\"row\"><a href=\"/_windhover/requests/{request.Number}\"><code>{request.Method} {request.Path}</code></a></th><td data-h=\"{(showApp ? "App" : "Component")}\">");
            if (showApp)
                text.Add($"<span>{AppLink(request.App)}<span class=\"dim\">/{request.Component}</span></span>");
            else
                text.Add($"<span>{request.Component}</span>");
            text.Add($"</td><td data-h=\"Status\">{Status(request)}</td><td class=\"n\" data-h=\"Took\">{Time(request.Elapsed)}</td><td data-h=\"Began\"><time>{time.GetUtcNow() - request.Age:HH:mm:ss.fff}</time></td></tr>");
        }

        return text.Add($"</tbody></table></div>");
    }

    /// <summary>Lines, the newest first; those of one request as they came.</summary>
    public static HtmlText Lines(IReadOnlyList<LogLine> lines, bool showApp = true, bool ofOneRequest = false)
    {
        if (lines.Count == 0)
            return HtmlText.Of($"<p class=\"dim\">No lines.</p>");
        HtmlText text = HtmlText.Of($"<div class=\"wide\"><table class=\"lines stack\"><thead><tr><th scope=\"col\">Time</th><th scope=\"col\">From</th><th scope=\"col\">Line</th></tr></thead><tbody>");
        foreach (LogLine line in ofOneRequest ? lines : lines.Reverse())
        {
            string css = line.Level >= LogLevel.Error ? "bad" : line.Level == LogLevel.Warning ? "warnline" : "";
            text.Add($"<tr><td class=\"dim small nowrap\"><time>{line.Time:HH:mm:ss.fff}</time></td><td class=\"small nowrap\">");
            if (showApp && line.App.Length > 0)
                text.Add($"{AppLink(line.App)}");
            text.Add($"<span class=\"dim\">{(line.Component is null ? "" : (showApp ? "/" : "") + line.Component)} {line.Source}</span></td><td><pre class=\"{css}\">{line.Message}</pre>");
            if (line.Request is { } number && !ofOneRequest)
                text.Add($"<a class=\"small\" href=\"/_windhover/requests/{number}\">request {number}</a>");
            text.Add($"</td></tr>");
        }

        return text.Add($"</tbody></table></div>");
    }
}
