using System.Diagnostics;

namespace Windhover.Cli.Tests.Serving;

/// <summary>A command that goes on until it is interrupted, read line by line.</summary>
internal sealed class Following(string[] arguments) : IAsyncDisposable
{
    private readonly Process _process = Cli.Start([], arguments);

    /// <summary>The next line that holds a text.</summary>
    public async Task<string> LineAsync(string text)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"It ended before it wrote {text}: {await _process.StandardError.ReadToEndAsync(patience.Token)}");
    }

    /// <summary>Interrupts it, as Ctrl-C does.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> InterruptAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
