using Windhover.Apps.Runtime;
using Windhover.Apps.Triggers;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Operation;

/// <summary>
/// Asks the backends of what is loaded whether they can serve, for <c>/readyz</c>. Anybody may ask that, as often as he likes: an answer is good for a second, and all who come while
/// the backends are asked wait for the same one.
/// </summary>
internal sealed class BackendChecks(AppServer server, TimeProvider time)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    // A probe gives up after some seconds, and a server is not to be taken for dead because a backend hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<string>>? _answer;
    private long _asked;

    /// <summary>What is away, each a line; empty when all serve.</summary>
    public Task<IReadOnlyList<string>> ProblemsAsync()
    {
        lock (_lock)
        {
            if (_answer is null || (_answer.IsCompleted && time.GetElapsedTime(_asked) >= s_fresh))
            {
                _asked = time.GetTimestamp();
                _answer = AskAsync();
            }

            return _answer;
        }
    }

    private async Task<IReadOnlyList<string>> AskAsync()
    {
        var checks = new List<Task<IEnumerable<string>>>();
        foreach (RunningApp app in server.Apps)
        {
            if (app.IsLoaded && app.TryEnter())
                checks.Add(AskAsync(app));
        }

        foreach (RunningApp app in server.Apps)
        {
            foreach (WatchQueue watch in app.Watching)
                checks.Add(AskAsync(app.Name, watch));
        }

        foreach ((string name, IMessageTopic topic) in server.Services.Topics.Open())
            checks.Add(AskAsync(name, topic));
        return [.. (await Task.WhenAll(checks).ConfigureAwait(false)).SelectMany(p => p).Distinct().Order(StringComparer.Ordinal)];
    }

    // Inside of the app, so that it does not fall asleep meanwhile; but probes come all the time, and must not keep it awake.
    private async Task<IEnumerable<string>> AskAsync(RunningApp app)
    {
        try
        {
            var checks = new List<Task<string?>>();
            foreach (ComponentUnit unit in app.Units)
            {
                foreach (CapabilityGrant grant in unit.Loaded?.Grants ?? [])
                    checks.Add(AskAsync(unit.LogName, grant.CheckAsync));
            }

            return (await Task.WhenAll(checks).ConfigureAwait(false)).OfType<string>();
        }
        finally
        {
            app.LeaveUnused();
        }
    }

    // Changes are to wake an app that sleeps, so this is asked for all.
    private async Task<IEnumerable<string>> AskAsync(string name, WatchQueue watch) =>
        await AskAsync($"{name}, watch", watch.Resource.StartAsync).ConfigureAwait(false) is { } problem ? [problem] : [];

    private async Task<IEnumerable<string>> AskAsync(string name, IMessageTopic topic) =>
        await AskAsync($"topic {name}", async cancellation => await topic.CountAsync(cancellation).ConfigureAwait(false)).ConfigureAwait(false) is { } problem ? [problem] : [];

    private async Task<string?> AskAsync(string whose, Func<CancellationToken, ValueTask> check)
    {
        using var late = new CancellationTokenSource(s_patience, time);
        try
        {
            await Task.Run(async () => await check(late.Token).ConfigureAwait(false), late.Token).WaitAsync(late.Token).ConfigureAwait(false);
            return null;
        }
        catch (CapabilityException error)
        {
            return $"{whose}: {error.Message}";
        }
        catch (OperationCanceledException)
        {
            return $"{whose}: a backend did not answer within {s_patience.TotalSeconds} s";
        }
        catch (ObjectDisposedException)
        {
            return null; // The app went away meanwhile.
        }
    }
}
