using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Cli.Environment;
using Windhover.Wasi.Bindings.Wasi.Cli.Exit;
using Windhover.Wasi.Bindings.Wasi.Cli.Stderr;
using Windhover.Wasi.Bindings.Wasi.Cli.Stdin;
using Windhover.Wasi.Bindings.Wasi.Cli.Stdout;
using Windhover.Wasi.Bindings.Wasi.Cli.TerminalInput;
using Windhover.Wasi.Bindings.Wasi.Cli.TerminalOutput;
using Windhover.Wasi.Bindings.Wasi.Cli.TerminalStderr;
using Windhover.Wasi.Bindings.Wasi.Cli.TerminalStdin;
using Windhover.Wasi.Bindings.Wasi.Cli.TerminalStdout;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Wasi.P2;

/// <summary><c>wasi:cli</c>.</summary>
internal sealed partial class P2Host : IEnvironment, IExit, IStdin, IStdout, IStderr, ITerminalStdin, ITerminalStdout, ITerminalStderr
{
    IReadOnlyList<(string, string)> IEnvironment.GetEnvironment() => [.. context.Options.Environment.Select(pair => (pair.Key, pair.Value))];

    IReadOnlyList<string> IEnvironment.GetArguments() => context.Options.Arguments;

    string? IEnvironment.InitialCwd() => context.Options.InitialDirectory;

    void IExit.Exit(Result<Unit, Unit> status) => throw new GuestExitException(status.IsOk ? 0 : 1);

    void IExit.ExitWithCode(byte statusCode) => throw new GuestExitException(statusCode);

    IInputStream IStdin.GetStdin() => context.Streams.GetStdin();

    IOutputStream IStdout.GetStdout() => context.Streams.GetStdout();

    IOutputStream IStderr.GetStderr() => context.Streams.GetStderr();

    ITerminalInput? ITerminalStdin.GetTerminalStdin() => context.Options.Stdin.IsTerminal ? new Terminal() : null;

    ITerminalOutput? ITerminalStdout.GetTerminalStdout() => context.Options.Stdout.IsTerminal ? new Terminal() : null;

    ITerminalOutput? ITerminalStderr.GetTerminalStderr() => context.Options.Stderr.IsTerminal ? new Terminal() : null;

    /// <summary>That it exists is all it says.</summary>
    private sealed class Terminal : ITerminalInput, ITerminalOutput
    {
        public void Dispose()
        {
        }
    }
}
