using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Windhover.Apps.Operation;
using Windhover.Cli.Errors;
using Windhover.Cli.Serving;
using Windhover.Cli.Terminal;

namespace Windhover.Cli.Commands;

/// <summary><c>windhover ps</c>, <c>top</c> and <c>logs</c>: what a running server says of itself.</summary>
internal static class ServerCommands
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    public static Command CreatePs()
    {
        var (folder, server, token) = (Folder(), Server(), Token());
        var json = new Option<bool>("--json") { Description = "As JSON, for scripts." };
        var command = new Command("ps", "List the apps of a running server.") { folder, server, token, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = Connect(parsed.GetValue(folder)!, parsed.GetValue(server), parsed.GetValue(token));
            using var apps = await Get(client, "api/apps", cancellation).ConfigureAwait(false);
            Streams.Output.Write(parsed.GetValue(json) ? apps.RootElement.GetRawText() + "\n" : Table(apps.RootElement, null, default));
            return ExitStatus.Success;
        });
        return command;
    }

    public static Command CreateTop()
    {
        var (folder, server, token) = (Folder(), Server(), Token());
        var command = new Command("top", "Watch the apps of a running server, busiest first.") { folder, server, token };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = Connect(parsed.GetValue(folder)!, parsed.GetValue(server), parsed.GetValue(token));
            JsonDocument? before = null;
            long seen = 0;
            try
            {
                while (true)
                {
                    var now = await Get(client, "api/apps", cancellation).ConfigureAwait(false);
                    long time = Stopwatch.GetTimestamp();
                    Streams.Output.Write((Console.IsOutputRedirected ? "" : "\e[H\e[2J") + Table(now.RootElement, before?.RootElement, Stopwatch.GetElapsedTime(seen, time)));
                    before?.Dispose();
                    (before, seen) = (now, time);
                    await Task.Delay(Refresh, cancellation).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException)
            {
                return ExitStatus.Success;
            }
            finally
            {
                before?.Dispose();
            }
        });
        return command;
    }

    public static Command CreateLogs()
    {
        var app = new Argument<string?>("APP") { Description = "Only this app's lines", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string>("--folder") { Description = "The folder that the server serves", DefaultValueFactory = _ => ".", HelpName = "FOLDER" };
        var (server, token) = (Server(), Token());
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with new lines." };
        var json = new Option<bool>("--json") { Description = "Each line as JSON." };
        var command = new Command("logs", "Show the logs of a running server's apps.") { app, folder, server, token, follow, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = Connect(parsed.GetValue(folder)!, parsed.GetValue(server), parsed.GetValue(token));
            if (parsed.GetValue(app) is { } wanted)
                await CheckApp(client, wanted, cancellation).ConfigureAwait(false);
            long after = 0;
            try
            {
                do
                {
                    using var lines = await Get(client, $"api/logs?after={after.ToString(CultureInfo.InvariantCulture)}&app={Uri.EscapeDataString(parsed.GetValue(app) ?? "")}", cancellation).ConfigureAwait(false);
                    foreach (var line in lines.RootElement.EnumerateArray())
                    {
                        after = line.GetProperty("number").GetInt64();
                        Streams.Output.WriteLine(parsed.GetValue(json) ? line.GetRawText() : Format(line));
                    }

                    if (parsed.GetValue(follow))
                        await Task.Delay(Refresh / 4, cancellation).ConfigureAwait(false);
                }
                while (parsed.GetValue(follow));
            }
            catch (OperationCanceledException)
            {
                // Told to stop following.
            }

            return ExitStatus.Success;
        });
        return command;
    }

    private static Argument<string> Folder() => new("FOLDER") { Description = "The folder that the server serves", DefaultValueFactory = _ => "." };

    private static Option<string?> Server() => new("--server") { Description = "The server's address, where it is not found by its folder", HelpName = "URL" };

    private static Option<string?> Token() => new("--admin-token") { Description = "The server's token, if it has one", HelpName = "TOKEN" };

    private static HttpClient Connect(string folder, string? server, string? token)
    {
        var address = server ?? ServerState.Find(folder)
            ?? throw CliException.Failure($"no server runs for {Path.GetFullPath(folder)}", $"`windhover up {folder}` starts one; --server URL names another");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw CliException.Usage($"--server {address}: expected an address such as http://127.0.0.1:8080");
        var client = new HttpClient { BaseAddress = new Uri(address.TrimEnd('/') + "/_windhover/"), Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Host = token is null ? "localhost" : null;
        if ((token ?? Environment.GetEnvironmentVariable("WINDHOVER_ADMIN_TOKEN")) is { Length: > 0 } presented)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", presented);
        return client;
    }

    private static async Task<JsonDocument> Get(HttpClient client, string path, CancellationToken cancellation)
    {
        try
        {
            using var answer = await client.GetAsync(path, cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw CliException.Failure($"{client.BaseAddress} answered {(int)answer.StatusCode}", "--admin-token TOKEN, as the server was given it");
            return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        }
        catch (HttpRequestException e)
        {
            throw CliException.Failure($"{client.BaseAddress} cannot be reached: {e.Message}");
        }
    }

    private static async Task CheckApp(HttpClient client, string wanted, CancellationToken cancellation)
    {
        using var apps = await Get(client, "api/apps", cancellation).ConfigureAwait(false);
        string[] names = [.. apps.RootElement.GetProperty("apps").EnumerateArray().Select(a => a.GetProperty("name").GetString()!)];
        bool isKnown = names.Contains(wanted, StringComparer.Ordinal)
            || apps.RootElement.GetProperty("problems").EnumerateArray().Any(p => p.GetString()!.Contains(wanted, StringComparison.Ordinal)); // Not served, but it may have said why.
        if (!isKnown)
            throw CliException.Failure($"no app is named {wanted}", names.Length == 0 ? [] : [$"the nearest is {names.MinBy(n => Distance.Between(n, wanted))}"]);
    }

    private static string Table(JsonElement now, JsonElement? before, TimeSpan between)
    {
        var text = new System.Text.StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"process {now.GetProperty("pid")} · {Units.Size(now.GetProperty("memory").GetInt64())} resident · {now.GetProperty("instances")} instances\n");
        foreach (var problem in now.GetProperty("problems").EnumerateArray())
            text.Append(Ansi.Output.Red("problem: ")).Append(Printable.Of(problem.GetString()!)).Append('\n');
        text.Append($"{"APP",-24} {"STATE",-7} {"REQUESTS",10} {"FAILED",7} {"NOW",5} {(before is null ? "MEAN ms" : "REQ/s"),9} {Used}  ROUTES\n");
        var rows = now.GetProperty("apps").EnumerateArray().Select(app => (App: app, Rate: Rate(app, before, between)));
        foreach (var (app, rate) in before is null ? rows : rows.OrderByDescending(r => r.Rate))
        {
            var requests = app.GetProperty("requests").GetInt64();
            var last = before is not null ? rate.ToString("0.0", CultureInfo.InvariantCulture)
                : requests == 0 ? "" : (app.GetProperty("seconds").GetDouble() * 1000 / requests).ToString("0.00", CultureInfo.InvariantCulture);
            text.Append($"{app.GetProperty("name").GetString(),-24} {app.GetProperty("state").GetString(),-7} {requests,10} {app.GetProperty("failures").GetInt64(),7} {app.GetProperty("running").GetInt64(),5} {last,9} {Use(app)}  {string.Join(' ', app.GetProperty("routes").EnumerateArray().Select(r => r.GetString()))}\n");
        }

        if (now.GetProperty("tenants").GetArrayLength() > 0)
            text.Append($"{"TENANT",-24} {"",-7} {"RUNS",10} {"",23} {Used}  APPS\n");
        foreach (var tenant in now.GetProperty("tenants").EnumerateArray())
        {
            var name = tenant.GetProperty("name").GetString();
            var apps = now.GetProperty("apps").EnumerateArray().Where(a => a.TryGetProperty("tenant", out var of) && of.GetString() == name).Select(a => a.GetProperty("name").GetString());
            text.Append($"{name,-24} {"",-7} {tenant.GetProperty("use").GetProperty("runs").GetInt64(),10} {"",23} {Use(tenant)}  {string.Join(' ', apps)}\n");
        }

        return text.ToString();
    }

    private static string Used { get; } = $"{"CPU s",9} {"MiB*s",9} {"OUT",10} {"IN",10}";

    private static string Use(JsonElement of)
    {
        var use = of.GetProperty("use");
        var (cpu, memory) = (use.GetProperty("cpuSeconds").GetDouble(), use.GetProperty("memoryByteSeconds").GetDouble() / (1 << 20));
        return string.Create(
            CultureInfo.InvariantCulture, $"{cpu,9:0.000} {memory,9:0.00} {Units.Size(use.GetProperty("bytesOut").GetInt64()),10} {Units.Size(use.GetProperty("bytesIn").GetInt64()),10}");
    }

    private static double Rate(JsonElement app, JsonElement? before, TimeSpan between)
    {
        if (before is not { } document)
            return 0;
        var name = app.GetProperty("name").GetString();
        foreach (var old in document.GetProperty("apps").EnumerateArray())
        {
            if (old.GetProperty("name").GetString() == name)
                return (app.GetProperty("requests").GetInt64() - old.GetProperty("requests").GetInt64()) / between.TotalSeconds;
        }

        return 0;
    }

    private static string Format(JsonElement line)
    {
        var from = line.TryGetProperty("app", out var app) ? app.GetString() : "server";
        if (line.TryGetProperty("component", out var component))
            from += "/" + component.GetString();
        return $"{line.GetProperty("time").GetDateTimeOffset():yyyy-MM-dd HH:mm:ss.fff} {line.GetProperty("level").GetString(),-11} {from} {line.GetProperty("source").GetString()}: {Printable.Of(line.GetProperty("message").GetString()!)}";
    }
}
