using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Windhover.Apps.Dashboard;
using Windhover.Apps.Runtime;
using Windhover.Engine;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Operation;

// The server's own paths:
//
//   /healthz                      the process lives
//   /readyz                       the apps are loaded and no shutdown has begun; problems are listed, but do not make it unready: the other apps serve
//   /_windhover/                  the dashboard
//   /_windhover/login, logout     POST: a browser's session, where a token is set
//   /_windhover/api/apps          what `windhover ps` and `top` show
//   /_windhover/api/logs          ?app=&after=    lines as JSON
//   /_windhover/api/topics/NAME   POST: sends a message
//
// AdminAccess says who is let in below /_windhover.
internal sealed class AdminEndpoints(AppServer server, AppsOptions options, LogStore logs, MessageTopics topics, TraceStore traces, LoadHistory history, TimeProvider time)
{
    private const string Prefix = "/_windhover";

    private readonly DashboardPages _dashboard = new(new DashboardSources(server, logs, topics, traces, history, time));
    private readonly AdminAccess _access = new(options, time);

    /// <summary>Whether a request is for here, and not for an app: by its path, or by its port where there is one for this alone.</summary>
    public bool IsFor(HttpContext context) => Matches(context.Request.Path) || (options.AdminPort is { } port && context.Connection.LocalPort == port);

    private static bool Matches(PathString path)
    {
        string value = path.Value ?? "";
        return value.Length > 1 && value[1] is '_' or 'h' or 'r' && (value is "/healthz" or "/readyz" || IsBelow(value));
    }

    private static bool IsBelow(string path) => path == Prefix || path.StartsWith(Prefix + "/", StringComparison.Ordinal);

    public async Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        context.Response.Headers.CacheControl = "no-store";
        switch (path)
        {
            case "/healthz":
                await TextAsync(context, 200, "ok\n").ConfigureAwait(false);
                return;
            case "/readyz":
                IReadOnlyList<string> away = await server.Backends.ProblemsAsync().ConfigureAwait(false);
                await JsonAsync(context, server.IsReady ? 200 : 503, writer => WriteReadiness(writer, away)).ConfigureAwait(false);
                return;
        }

        if (!IsBelow(path) || (options.AdminPort is { } port && context.Connection.LocalPort != port))
        {
            if (path == "/")
                context.Response.Redirect(Prefix + "/");
            else
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        string below = path.Length > Prefix.Length ? path[(Prefix.Length + 1)..] : "";
        if (_access.NeedsToken && HttpMethods.IsPost(context.Request.Method) && below is "login" or "logout")
        {
            await SessionAsync(context, below).ConfigureAwait(false);
            return;
        }

        AdminDecision decision = _access.Decide(context);
        bool isApi = below.StartsWith("api/", StringComparison.Ordinal);
        if (decision is not (AdminDecision.Allowed or AdminDecision.Session) || (isApi && decision == AdminDecision.Session))
            await RefuseAsync(context, isApi && decision == AdminDecision.Session ? AdminDecision.TokenNeeded : decision, isApi).ConfigureAwait(false);
        else if (below == "api/apps")
            await JsonAsync(context, 200, WriteApps).ConfigureAwait(false);
        else if (below == "api/logs")
            await JsonAsync(context, 200, writer => WriteLogs(context, writer)).ConfigureAwait(false);
        else if (below.StartsWith("api/topics/", StringComparison.Ordinal))
            await SendAsync(context, below["api/topics/".Length..]).ConfigureAwait(false);
        else
            await _dashboard.HandleAsync(context, below, canLogOut: decision == AdminDecision.Session).ConfigureAwait(false);
    }

    private async Task SessionAsync(HttpContext context, string below)
    {
        if (below == "logout")
            AdminAccess.LogOut(context);
        else if (!await _access.LogInAsync(context).ConfigureAwait(false))
        {
            await LoginPage.WriteAsync(context, wasWrong: true).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = Prefix + "/";
    }

    private static async Task RefuseAsync(HttpContext context, AdminDecision decision, bool isApi)
    {
        switch (decision)
        {
            case AdminDecision.NotFromHere:
                await TextAsync(context, 403, "only from this machine, by its loopback address, or with a token (--admin-token)\n").ConfigureAwait(false);
                return;
            case AdminDecision.NotByPages:
                await TextAsync(
                    context,
                    403,
                    "A browser is let in when a person goes to a page, not for what a page fetches. It tells the two apart over HTTPS or on the server's own machine (`ssh -L` brings the port there); programs send the token as `Authorization: Bearer`.\n").ConfigureAwait(false);
                return;
        }

        // Not Basic: a browser would bring that to all apps on this origin.
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"windhover\"";
        if (!isApi && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            await LoginPage.WriteAsync(context, wasWrong: false).ConfigureAwait(false);
        else
            await TextAsync(context, 401, "a token is needed: Authorization: Bearer TOKEN\n").ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, string topic)
    {
        // A form of another site can make a POST, but not with this header.
        if (!HttpMethods.IsPost(context.Request.Method) || (options.AdminToken is null && !context.Request.Headers.ContainsKey("windhover-admin")))
        {
            await TextAsync(context, 405, "POST with the header windhover-admin: 1\n").ConfigureAwait(false);
            return;
        }

        KeyValuePair<string, IMessageTopic> found = topics.Open().FirstOrDefault(t => t.Key == topic);
        if (found.Value is null)
        {
            await TextAsync(context, 404, $"no app has a topic {topic}\n").ConfigureAwait(false);
            return;
        }

        byte[]? body = await Commands.RequestBodies.ReadAsync(context, 16 << 20).ConfigureAwait(false);
        if (body is null)
        {
            context.Response.StatusCode = 413;
            return;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (context.Request.ContentType is { } type)
            headers[Message.ContentType] = type;
        await found.Value.SendAsync(MessageTrace.Stamp(new Message(body, headers)), context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = 202;
    }

    private void WriteReadiness(Utf8JsonWriter writer, IReadOnlyList<string> away)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("ready", server.IsReady);
        writer.WriteNumber("apps", server.Apps.Count);
        writer.WriteStartArray("problems");
        foreach (AppProblem problem in server.Problems)
            writer.WriteStringValue(problem.Message);
        foreach (string backend in away)
            writer.WriteStringValue(backend);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteApps(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("pid", Environment.ProcessId);
        writer.WriteNumber("memory", Environment.WorkingSet);
        writer.WriteNumber("instances", server.Services.Host.Engine.LiveInstances);
        writer.WriteStartArray("apps");
        foreach (RunningApp app in server.Apps.OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            AppStats stats = app.Stats;
            writer.WriteStartObject();
            writer.WriteString("name", app.Name);
            writer.WriteNumber("version", app.Version);
            writer.WriteString("state", app.IsLoaded ? "loaded" : "idle");
            writer.WriteNumber("requests", stats.Requests);
            writer.WriteNumber("failures", stats.Failures);
            writer.WriteNumber("running", stats.Running);
            writer.WriteNumber("seconds", Math.Round(stats.Busy.TotalSeconds, 6));
            writer.WriteNumber("runs", stats.Runs);
            writer.WriteNumber("failedRuns", stats.FailedRuns);
            writer.WriteNumber("deadLetters", stats.DeadLetters);
            if (app.Manifest.Tenant is { } tenant)
                writer.WriteString("tenant", tenant);
            WriteUse(writer, app.Meter.Snapshot());
            writer.WriteStartArray("routes");
            foreach (Manifest.HttpTrigger trigger in app.Manifest.Http)
                writer.WriteStringValue(trigger.IsPrivate ? $"{app.Name}.internal{trigger.Route.Path}" : trigger.Route.ToString());
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("tenants");
        foreach (BudgetMeter tenant in server.Apps.Select(a => a.Meter.Parent).OfType<BudgetMeter>().Distinct().OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("name", tenant.Name);
            WriteUse(writer, tenant.Snapshot());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("problems");
        foreach (AppProblem problem in server.Problems)
            writer.WriteStringValue(problem.Message);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // Of all runs since the app's version was loaded, or the tenant's first app was.
    private static void WriteUse(Utf8JsonWriter writer, BudgetSnapshot use)
    {
        writer.WriteStartObject("use");
        writer.WriteNumber("runs", use.Runs);
        writer.WriteNumber("cpuSeconds", Math.Round(use.Cpu.TotalSeconds, 6));
        writer.WriteNumber("memoryByteSeconds", Math.Round(use.MemoryByteSeconds));
        writer.WriteNumber("bytesOut", use.BytesOut);
        writer.WriteNumber("bytesIn", use.BytesIn);
        writer.WriteEndObject();
    }

    private void WriteLogs(HttpContext context, Utf8JsonWriter writer)
    {
        _ = long.TryParse(context.Request.Query["after"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long after);
        string? app = context.Request.Query["app"].ToString() is { Length: > 0 } name ? name : null;
        writer.WriteStartArray();
        foreach (LogLine line in logs.Read(app, after))
            LogStore.Write(writer, line);
        writer.WriteEndArray();
    }

    private static async Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            write(writer);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task TextAsync(HttpContext context, int status, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }
}
