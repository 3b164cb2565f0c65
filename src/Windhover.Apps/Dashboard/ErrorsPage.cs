using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Dashboard;

/// <summary>What went wrong: apps that cannot be served as they are, errors with their backtraces, requests that failed.</summary>
internal static class ErrorsPage
{
    public static Page Make(DashboardSources sources)
    {
        HtmlText body = HtmlText.Of($"<h1>Errors</h1>");
        foreach (AppProblem problem in sources.Server.Problems)
            body.Add($"<div class=\"problem\" role=\"alert\"><pre>{problem.Message}</pre></div>");
        IReadOnlyList<LogLine> errors = sources.Logs.Read(null, most: 100, where: l => l.Level >= LogLevel.Error);
        if (errors.Count > 0)
        {
            body.Add($"<div class=\"card\">");
            foreach (LogLine line in errors.Reverse())
            {
                string[] parts = line.Message.Split('\n', 2);
                body.Add($"<details><summary><time class=\"dim small\">{line.Time:HH:mm:ss.fff}</time> <b>{line.App}{(line.Component is null ? "" : "/" + line.Component)}</b> <span class=\"bad\">{parts[0]}</span></summary><pre>{line.Message}</pre>");
                if (line.Request is { } number)
                    body.Add($"<p class=\"pad small\"><a href=\"/_windhover/requests/{number}\">The request</a></p>");
                body.Add($"</details>");
            }

            body.Add($"</div>");
        }
        else
        {
            body.Add($"<p class=\"dim\">No error since the server started.</p>");
        }

        body.Add($"<h2>Failed requests</h2>{Parts.Requests(sources.Requests.Failed().Take(100), sources.Time, "None.")}");
        return new Page("Errors", body) { Section = "errors", Address = "/_windhover/errors" };
    }
}
