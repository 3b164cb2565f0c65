using System.Globalization;
using Microsoft.AspNetCore.Http;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Dashboard;

/// <summary>What the pages are made from.</summary>
internal sealed record DashboardSources(AppServer Server, LogStore Logs, MessageTopics Topics, TraceStore Traces, LoadHistory History, TimeProvider Time)
{
    public RequestLedger Requests => Server.Services.Requests;
}

// The dashboard: pages made here, read with a browser and nothing else. No script: headings, links, forms and tables, which the keyboard reaches and a narrow screen
// shows; a page that is to follow what happens loads itself again.
//
//   /                 apps, with their routes and numbers     /errors           failed requests and errors, with backtraces
//   /apps/NAME        one app: triggers, grants, budgets      /traces[/ID]      what happened within a request
//   /requests[/N]     under way and lately                    /logs             lines of all apps
internal sealed class DashboardPages(DashboardSources sources)
{
    public Task HandleAsync(HttpContext context, string below, bool canLogOut)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        IQueryCollection query = context.Request.Query;
        return Layout.WriteAsync(context, Find(below.TrimEnd('/'), query) with { IsLive = query["live"] == "1", CanLogOut = canLogOut });
    }

    private Page Find(string path, IQueryCollection query) => path switch
    {
        "" => OverviewPage.Make(sources, query),
        "requests" => RequestPages.List(sources),
        ['r', 'e', 'q', 'u', 'e', 's', 't', 's', '/', .. string text]
            when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && sources.Requests.Find(number) is { } request => RequestPages.One(sources, request),
        "errors" => ErrorsPage.Make(sources),
        "traces" => TracePages.List(sources),
        ['t', 'r', 'a', 'c', 'e', 's', '/', .. string id] when sources.Traces.Find(id) is { } trace => TracePages.One(sources, trace),
        "logs" => LogsPage.Make(sources, query),
        ['a', 'p', 'p', 's', '/', .. string name] when sources.Server.Find(name) is { } app => AppPage.Make(sources, app),
        _ => new Page("Not found", HtmlText.Of($"<h1>Not found</h1><p>There is no such page; or what it showed is gone: the server keeps the last requests, traces and lines only.</p><p><a href=\"/_windhover/\">All apps</a></p>"))
        {
            Status = StatusCodes.Status404NotFound,
        },
    };
}
