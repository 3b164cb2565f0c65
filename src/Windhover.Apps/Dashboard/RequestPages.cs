using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;

namespace Windhover.Apps.Dashboard;

/// <summary>Requests under way and lately; one request with its lines, its backtrace and its trace.</summary>
internal static class RequestPages
{
    public static Page List(DashboardSources sources)
    {
        IReadOnlyList<LiveRequest> live = sources.Requests.Live();
        HtmlText body = HtmlText.Of($"<h1>Requests</h1><h2>Under way <span class=\"tag\">{live.Count}</span></h2>{Parts.Requests(live.Take(200), sources.Time, "None at this moment.")}");
        body.Add($"<h2>Lately</h2>{Parts.Requests(sources.Requests.Last().Take(100), sources.Time, "None yet.")}");
        return new Page("Requests", body) { Section = "requests", Address = "/_windhover/requests" };
    }

    public static Page One(DashboardSources sources, LiveRequest request)
    {
        IReadOnlyList<LogLine> lines = sources.Logs.Read(request.App, where: l => l.Request == request.Number);
        string address = $"/_windhover/requests/{request.Number}";
        HtmlText body = HtmlText.Of($"<h1><code>{request.Method} {request.Path}</code> {Parts.Status(request)}</h1><div class=\"card pad\"><dl><dt>App</dt><dd>{Parts.AppLink(request.App)}/{request.Component}</dd>");
        if (request.Caller is { } caller)
            body.Add($"<dt>Called by</dt><dd>{Parts.AppLink(caller)}</dd>");
        body.Add($"<dt>Began</dt><dd><time>{sources.Time.GetUtcNow() - request.Age:yyyy-MM-dd HH:mm:ss.fff}</time> UTC</dd><dt>{(request.IsOver ? "Took" : "Running for")}</dt><dd>{Parts.Time(request.Elapsed)}</dd></dl></div>");
        foreach (LogLine failure in lines.Where(l => l.Source == "host" && l.Level >= LogLevel.Error))
            body.Add($"<h2>What happened</h2><pre class=\"trap\">{failure.Message}</pre>");
        if (request.Trace is { } id && sources.Traces.Find(id) is { } trace)
            body.Add($"<h2>Trace <a class=\"small mono\" href=\"/_windhover/traces/{id}\">{id}</a></h2>{TracePages.Spans(trace)}");
        body.Add($"<h2>Lines</h2>{Parts.Lines(lines, showApp: false, ofOneRequest: true)}");
        if (lines.Count == 0)
            body.Add($"<p class=\"dim small\">An instance that answers several requests at a time writes for all of them: <a href=\"/_windhover/logs?app={Uri.EscapeDataString(request.App)}\">all lines of the app</a>.</p>");
        return new Page($"{request.Method} {request.Path}", body) { Section = "requests", Address = address };
    }
}
