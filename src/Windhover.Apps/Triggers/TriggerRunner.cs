using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Commands;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Apps.Services;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Triggers;

// Runs a component for a trigger, in the way that it can be run:
//
//   it exports wasi:http           a POST with the trigger's headers; 2xx is success
//   it is a command                the headers as variables (windhover-cron-name → WINDHOVER_CRON_NAME), the content on standard input; status 0 is success
//   it exports a message handler   called with the message; an error, or a trap, is a failure
//   it exports a watcher           called with the change, whatever else it exports; a trap is a failure
internal static class TriggerRunner
{
    private const int ErrorLength = 2000;
    private const string TraceParent = "traceparent";

    public static async Task<RunOutcome> RunAsync(AppServer server, RunningApp app, string component, TriggerCall call, CancellationToken cancellationToken)
    {
        using Activity? activity = Telemetry.Source.StartActivity($"{call.Kind} {app.Name}", ActivityKind.Consumer, call.Trace, links: call.Links);
        activity?.SetTag("app", app.Name).SetTag("component", component);
        if (activity is { Id: { } trace })
            call = call with { Headers = [.. call.Headers.Where(h => !h.Key.Equals(TraceParent, StringComparison.OrdinalIgnoreCase)), new(TraceParent, trace)] };
        RunOutcome outcome;
        try
        {
            LoadedComponent loaded = await app.Unit(component).LoadAsync().ConfigureAwait(false);
            outcome = await RunAsync(server, app, component, loaded, call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ComponentLoadException or Components.Linking.LinkException || GuestFailure.Of(error) is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            outcome = RunOutcome.Failed(Cut(GuestFailure.Of(error)?.Message ?? error.Message));
        }

        Telemetry.Runs.Add(1, new("app", app.Name), new("trigger", call.Kind), new("ok", outcome.Ok));
        if (!outcome.Ok)
        {
            activity?.SetStatus(ActivityStatusCode.Error, outcome.Error);
            server.Services.Logs.Write(LogLevel.Error, app.Name, component, "host", $"{call.Kind}: {outcome.Error}");
        }

        return outcome;
    }

    /// <summary>Whether a component is handed messages one by one, by a function of its own.</summary>
    public static async ValueTask<bool> HandlesMessagesAsync(RunningApp app, string component)
    {
        try
        {
            LoadedComponent loaded = await app.Unit(component).LoadAsync().ConfigureAwait(false);
            return loaded is { Endpoint: null, Command: null, Guest: { } guest } && MessageHandler.Find(guest) is not null;
        }
        catch (Exception error) when (error is ComponentLoadException or Components.Linking.LinkException)
        {
            return false; // The run says what is wrong.
        }
    }

    private static async Task<RunOutcome> RunAsync(AppServer server, RunningApp app, string component, LoadedComponent loaded, TriggerCall call, CancellationToken cancellationToken)
    {
        AppServices services = server.Services;
        if (call.Change is { } change)
            return await TellAsync(services, app, component, loaded, change.Queue, change.Change, cancellationToken).ConfigureAwait(false);
        if (loaded.Endpoint is { } endpoint)
            return await PostAsync(endpoint, app, component, call, cancellationToken).ConfigureAwait(false);
        if (loaded.Command is { } command)
        {
            var input = new CommandInput(call.Arguments, [.. call.Headers.Select(h => new KeyValuePair<string, string>(h.Key.ToUpperInvariant().Replace('-', '_'), h.Value))], call.Body, new CallChain(app.Name, component, null));
            CommandResult result = await GuestWork<CommandResult>.RunAsync(services.Host.Threads, () => command.Run(input, cancellationToken)).ConfigureAwait(false);
            var lines = new LineCutter(text => services.Logs.Write(LogLevel.Information, app.Name, component, "stdout", text));
            lines.Add(result.Output.Span);
            lines.Flush();
            return result.ExitCode == 0 ? RunOutcome.Done : RunOutcome.Failed($"the command ended with status {result.ExitCode}");
        }

        if (loaded.Guest is { } guest && call.Message is not null && MessageHandler.Find(guest) is { } handler)
        {
            return await GuestWork<RunOutcome>.RunAsync(services.Host.Threads, () => handler.Run(call, new CallChain(app.Name, component, null), cancellationToken)).ConfigureAwait(false);
        }

        return RunOutcome.Failed("the component can be run by no trigger: it exports neither wasi:http, nor wasi:cli/run, nor a handler of messages");
    }

    private static async Task<RunOutcome> TellAsync(
        AppServices services, RunningApp app, string component, LoadedComponent loaded, WatchQueue queue, StoreChange change, CancellationToken cancellationToken)
    {
        if (loaded.Guest is not { } guest || queue.Capability.FindWatcher(guest.Prepared) is not { } watcher)
            return RunOutcome.Failed($"the component cannot be told of changes: it exports none of {string.Join(", ", queue.Capability.WatcherInterfaces)}");
        var chain = new CallChain(app.Name, component, null) { Watcher = queue.Id, Before = change.Origin?.Depth ?? 1 };
        return await GuestWork<RunOutcome>.RunAsync(services.Host.Threads, () => guest.Run(
            guest.Wasi,
            chain,
            (instance, context) =>
            {
                watcher(instance, context, queue.Resource, change);
                return RunOutcome.Done;
            },
            cancellationToken)).ConfigureAwait(false);
    }

    private static async Task<RunOutcome> PostAsync(RequestDelegate endpoint, RunningApp app, string component, TriggerCall call, CancellationToken cancellationToken)
    {
        PipeReader? body = call.Body.IsEmpty ? null : PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(call.Body));
        var exchange = new InProcessExchange("POST", call.Path, "", call.Path, app.Name + ServiceCalls.Domain, body, cancellationToken);
        foreach ((string name, string value) in call.Headers)
            exchange.Context.Request.Headers[name] = value;
        exchange.Context.Request.ContentLength = call.Body.Length;
        exchange.Context.Features.Set<ICallOrigin>(new CallChain(app.Name, component, null));
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Task finished = exchange.FinishAsync(endpoint(exchange.Context));
        await exchange.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        string text = await ReadTextAsync(exchange.Content, cancellationToken).ConfigureAwait(false);
        await finished.ConfigureAwait(false);
        return exchange.StatusCode is >= 200 and < 300 ? RunOutcome.Done : RunOutcome.Failed(Cut($"it answered {exchange.StatusCode}{(text.Length == 0 ? "" : ": " + text)}"));
    }

    // All of it is read, so that the guest is not held up; the beginning is kept.
    private static async Task<string> ReadTextAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var text = new System.Text.StringBuilder();
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                if (text.Length < ErrorLength)
                    text.Append(System.Text.Encoding.UTF8.GetString(segment.Span[..Math.Min(segment.Length, ErrorLength)]));
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return text.ToString();
        }
    }

    private static string Cut(string text) => text.Length <= ErrorLength ? text : text[..ErrorLength] + "…";
}
