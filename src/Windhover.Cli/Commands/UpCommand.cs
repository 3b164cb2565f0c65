using System.CommandLine;
using Windhover.Apps;
using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Cli.Serving;
using Windhover.Cli.Terminal;

namespace Windhover.Cli.Commands;

/// <summary>
/// <c>windhover up [FOLDER]</c>: serves an app, or a folder of apps, by their manifests. SIGINT and SIGTERM let the requests under way finish, for <c>--drain</c>, and end with status 0.
/// </summary>
internal static class UpCommand
{
    private const string DefaultAddress = "127.0.0.1:8080";

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "An app's folder, or a folder of such folders", DefaultValueFactory = _ => "." };
        var listen = new Option<string[]>("--listen", "-l")
        {
            Description = $"Where to listen: PORT, HOST:PORT or unix:PATH; port 0 takes a free one. Repeatable. [default: {DefaultAddress}]",
            HelpName = "ADDRESS",
        };
        var watch = new Option<bool>("--watch", "-w") { Description = "Take over changes while serving; a failing request shows the guest's backtrace and logs." };
        var http2 = new Option<bool>("--http2") { Description = "Speak HTTP/2 without TLS, with prior knowledge, instead of HTTP/1.1." };
        var data = new Option<string?>("--data") { Description = "Folder for apps' embedded stores [default: FOLDER/.windhover/data]", HelpName = "DIR" };
        var secrets = new Option<string?>("--secrets") { Description = "Folder of secrets, a file each [default: FOLDER/.windhover/secrets]", HelpName = "DIR" };
        var token = new Option<string?>("--admin-token") { Description = "Opens /_windhover to whoever presents it; without it only this machine is let in.", HelpName = "TOKEN" };
        var admin = new Option<string?>("--admin-listen") { Description = "Where /_windhover is answered, alone and nowhere else: PORT or HOST:PORT", HelpName = "ADDRESS" };
        var drain = new Option<string?>("--drain") { Description = "How long requests under way may take at the end [default: 10s]", HelpName = "TIME" };
        var otlp = new Option<string?>("--otlp") { Description = "Send traces and metrics by OTLP to this address, such as http://127.0.0.1:4317", HelpName = "URL" };
        var sleep = new Option<string?>("--sleep-after")
        {
            Description = "Free what an app has loaded when nobody used it for so long; its next request loads it again. [default: 5m with more than 100 apps, else never]",
            HelpName = "TIME|never",
        };
        var cache = CacheOption.Create();
        var keep = KeepResidentOption.Create();
        var command = new Command("up", "Serve apps by their manifests: windhover.toml or spin.toml.") { folder, listen, watch, http2, data, secrets, token, admin, drain, otlp, sleep, cache, keep };
        command.SetAction((parsed, cancellation) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(folder)!);
            if (!Directory.Exists(path))
                throw CliException.Usage($"{parsed.GetValue(folder)}: there is no such folder", "`windhover new http` makes an app");
            var addresses = parsed.GetValue(listen) is { Length: > 0 } given ? given : [DefaultAddress];
            var isWatching = parsed.GetValue(watch);
            var adminAddress = parsed.GetValue(admin) is { } separate ? ListenAddress.Parse(separate) : null;
            if (adminAddress is { Port: 0 })
                throw CliException.Usage($"--admin-listen {adminAddress.Text}: expected PORT or HOST:PORT, the port not 0");
            TimeSpan? limit = null;
            if (parsed.GetValue(drain) is { } text)
                limit = Units.TryParseTime(text, out var time) ? time : throw CliException.Usage($"--drain {text}: expected a time such as 500ms, 5s or 2m");
            var sleepAfter = SleepAfter(parsed.GetValue(sleep));
            return AppsServing.Run(
                new Up(
                    [.. addresses.Select(ListenAddress.Parse)],
                    adminAddress,
                    parsed.GetValue(http2),
                    CacheOption.Open(parsed.GetValue(cache))?.Directory,
                    KeepResidentOption.Read(parsed.GetValue(keep)),
                    parsed.GetValue(otlp),
                    options =>
                    {
                        options.Folder = path;
                        options.DataFolder = parsed.GetValue(data) is { } d ? Path.GetFullPath(d) : null;
                        options.SecretsFolder = parsed.GetValue(secrets) is { } s ? Path.GetFullPath(s) : null;
                        options.Watch = isWatching;
                        options.Development = isWatching;
                        options.AdminToken = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable("WINDHOVER_ADMIN_TOKEN");
                        options.AdminPort = adminAddress?.Port;
                        options.DrainTimeout = limit ?? options.DrainTimeout;
                        options.SleepAfter = sleepAfter;
                    }),
                cancellation);
        });
        return command;
    }

    // Null where nothing was said: what is best is then the server's to know.
    private static TimeSpan? SleepAfter(string? text) => text switch
    {
        null => null,
        "never" => Timeout.InfiniteTimeSpan,
        _ => Units.TryParseTime(text, out var time) ? time : throw CliException.Usage($"--sleep-after {text}: expected a time such as 30s, 5m or 1h, or never"),
    };
}

/// <summary>What <c>windhover up</c> was asked for.</summary>
internal sealed record Up(IReadOnlyList<ListenAddress> Addresses, ListenAddress? Admin, bool Http2, string? CacheDirectory, int? KeepResidentBytes, string? Otlp, Action<AppsOptions> Configure);
