using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Cli.Serving;
using Windhover.Components.Binary;
using Windhover.Engine;
using Windhover.Hosting.Apps;

namespace Windhover.Cli.Commands;

/// <summary>
/// <c>windhover serve FILE</c>: answers HTTP requests with a component: one of 0.2 in an instance for each, one of 0.3 in a few that are shared. SIGINT and SIGTERM let the requests
/// under way finish, for ten seconds, and end with status 0.
/// </summary>
internal static class ServeCommand
{
    private const string DefaultAddress = "127.0.0.1:8080";
    private const int DefaultConcurrency = 1000;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A component that exports wasi:http/incoming-handler (0.2) or wasi:http/handler (0.3); .wasm or .wat" };
        var listen = new Option<string[]>("--listen", "-l")
        {
            Description = $"Where to listen: PORT, HOST:PORT or unix:PATH; port 0 takes a free one. Repeatable. [default: {DefaultAddress}]",
            HelpName = "ADDRESS",
        };
        var http2 = new Option<bool>("--http2") { Description = "Speak HTTP/2 without TLS, with prior knowledge, instead of HTTP/1.1." };
        var concurrency = new Option<int?>("--max-concurrency")
        {
            Description = $"Requests answered at a time; more wait, and then get 429: the budget `requests`. [default: {DefaultConcurrency}]",
            HelpName = "N",
        };
        var isolation = new Option<IsolationLevel>("--isolation")
        {
            Description = "Serve in this process, or in one that only the component's requests are lost with. [default: instance]",
            HelpName = "instance|process",
        };
        var middleware = new Option<string[]>("--middleware", "-m")
        {
            Description = "A component in front of a 0.3 service: it exports wasi:http/handler and imports it. Repeatable, the outermost first.",
            HelpName = "FILE",
        };
        var grants = new GrantOptions();
        var limits = new LimitOptions(Budget.Default, "End a request after this time, with 504. [default: 30s]", "The most that a linear memory of an instance may grow to. [default: 256MiB]");
        var cache = CacheOption.Create();
        var keep = KeepResidentOption.Create();
        var command = new Command("serve", "Answer HTTP requests with a component.") { file, listen, http2, middleware };
        grants.AddTo(command);
        limits.AddTo(command);
        command.Options.Add(concurrency);
        command.Options.Add(isolation);
        command.Options.Add(cache);
        command.Options.Add(keep);
        command.SetAction((parsed, cancellation) =>
        {
            var given = limits.Read(parsed);
            if (parsed.GetValue(concurrency) is { } wanted)
                given = new Limits(given.Budget with { Requests = wanted is >= 1 and <= 1_000_000 ? wanted : throw CliException.Usage($"--max-concurrency {wanted}: expected a number from 1") });
            var many = (int)Math.Min(1_000_000, given.Budget.Requests);
            var addresses = parsed.GetValue(listen) is { Length: > 0 } some ? some : [DefaultAddress];
            var serving = new Serve(
                Load(parsed.GetRequiredValue(file)),
                [.. addresses.Select(ListenAddress.Parse)],
                parsed.GetValue(http2),
                grants.Read(parsed),
                given,
                many,
                parsed.GetValue(middleware) ?? [],
                CacheOption.Open(parsed.GetValue(cache))?.Directory,
                KeepResidentOption.Read(parsed.GetValue(keep)),
                parsed.GetValue(isolation));
            return Server.Run(serving, cancellation);
        });
        return command;
    }

    private static GuestFile Load(string path)
    {
        var file = GuestFile.Load(path);
        return file.Kind == WasmKind.Component
            ? file
            : throw CliException.Failure($"{path} is a core module, and only components answer HTTP requests", $"if it is a command, `windhover run {path}` runs it");
    }
}

/// <summary>What <c>windhover serve</c> was asked for. Without a folder there is no cache.</summary>
internal sealed record Serve(
    GuestFile File, IReadOnlyList<ListenAddress> Addresses, bool Http2, Grants Grants, Limits Limits, int Concurrency, IReadOnlyList<string> Middleware, string? CacheDirectory, int? KeepResidentBytes,
    IsolationLevel Isolation);
