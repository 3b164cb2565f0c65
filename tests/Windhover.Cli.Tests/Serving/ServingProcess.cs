using System.Collections.Concurrent;
using System.Diagnostics;

namespace Windhover.Cli.Tests.Serving;

/// <summary><c>windhover serve</c>, or <c>up</c>, as a child process, from the moment it listens.</summary>
internal sealed class ServingProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Task _reading;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServingProcess(Process process)
    {
        _process = process;
        _reading = ReadLog();
    }

    public HttpClient Client { get; } = new();

    public Uri Address => Client.BaseAddress!;

    /// <summary>What was written to standard error so far, after the line that says where it listens.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    /// <summary>The line that said where it listens.</summary>
    public string Banner { get; private set; } = "";

    /// <summary>Starts on a free port of the loopback.</summary>
    public static Task<ServingProcess> Start(params string[] arguments) => StartAs("serve", [], arguments);

    /// <summary>The same with a folder of apps.</summary>
    public static Task<ServingProcess> StartUp(params string[] arguments) => StartAs("up", [], arguments);

    public static async Task<ServingProcess> StartAs(string command, (string Name, string? Value)[] environment, params string[] arguments)
    {
        var serving = new ServingProcess(Cli.Start(environment, [command, "--listen", "127.0.0.1:0", .. arguments]));
        serving.Client.BaseAddress = await serving._address.Task;
        return serving;
    }

    /// <summary>Waits for a line of the log that holds a text.</summary>
    public Task<string> LineAsync(string text) => LineAsync(l => l.Contains(text, StringComparison.Ordinal));

    public async Task<string> LineAsync(Func<string, bool> wanted)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(string line)
        {
            if (wanted(line))
                found.TrySetResult(line);
        }

        Written += Look;
        foreach (string line in Log)
            Look(line);
        return await found.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> Stop(string signal = "TERM")
    {
        using (var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _reading;
        _process.Dispose();
    }

    private event Action<string>? Written;

    private async Task ReadLog()
    {
        const string Listening = "listening on ";
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(Listening + "http://unix:", StringComparison.Ordinal))
                continue;
            if (line.StartsWith(Listening, StringComparison.Ordinal))
            {
                Banner = line;
                _address.TrySetResult(new Uri(line[Listening.Length..].Split(' ')[0]));
            }
            else
            {
                _log.Enqueue(line);
                Written?.Invoke(line);
            }
        }

        _address.TrySetException(new InvalidOperationException($"It ended before it listened:\n{string.Join('\n', _log)}"));
    }
}
