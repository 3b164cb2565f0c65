using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
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
//   /_windhover/api/apps          what `windhover ps` and `top` show
//   /_windhover/api/logs          ?app=&after=    lines as JSON
//   /_windhover/api/topics/NAME   POST: sends a message
//
// Below /_windhover only the loopback is let in, or who has the token. The Host header must then be a loopback name too: a page of some other site that a person
// looks at could otherwise talk to it under a name of its own that resolves to 127.0.0.1.
internal sealed class AdminEndpoints(AppServer server, AppsOptions options, LogStore logs, MessageTopics topics)
{
    private const string Prefix = "/_windhover";

    private readonly DashboardPages _dashboard = new(server, logs, topics);

    public static bool Matches(PathString path)
    {
        string value = path.Value ?? "";
        return value.Length > 1 && value[1] is '_' or 'h' or 'r'
            && (value is "/healthz" or "/readyz" || value == Prefix || value.StartsWith(Prefix + "/", StringComparison.Ordinal));
    }

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

        if (!IsAllowed(context))
        {
            if (options.AdminToken is not null)
            {
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"windhover\", charset=\"UTF-8\"";
                await TextAsync(context, 401, "a token is needed\n").ConfigureAwait(false);
            }
            else
            {
                await TextAsync(context, 403, "only from this machine, or with a token (--admin-token)\n").ConfigureAwait(false);
            }

            return;
        }

        string below = path.Length > Prefix.Length ? path[(Prefix.Length + 1)..] : "";
        await (below switch
        {
            "api/apps" => JsonAsync(context, 200, WriteApps),
            "api/logs" => JsonAsync(context, 200, writer => WriteLogs(context, writer)),
            _ when below.StartsWith("api/topics/", StringComparison.Ordinal) => SendAsync(context, below["api/topics/".Length..]),
            _ => _dashboard.HandleAsync(context, below),
        }).ConfigureAwait(false);
    }

    private bool IsAllowed(HttpContext context)
    {
        if (options.AdminToken is { Length: > 0 } token && Presents(context, token))
            return true;
        IPAddress? remote = context.Connection.RemoteIpAddress;
        return options.AdminToken is null
            && (remote is null || IPAddress.IsLoopback(remote))
            && AppServer.HostOf(context) is "localhost" or "127.0.0.1" or "[::1]" or "";
    }

    private static bool Presents(HttpContext context, string token)
    {
        string given = context.Request.Headers.Authorization.ToString();
        string? presented = null;
        if (given.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            presented = given[7..];
        }
        else if (given.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            byte[] buffer = new byte[given.Length];
            if (Convert.TryFromBase64String(given[6..], buffer, out int length) && Encoding.UTF8.GetString(buffer, 0, length) is var pair && pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon)
                presented = pair[(colon + 1)..];
        }

        return presented is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
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
