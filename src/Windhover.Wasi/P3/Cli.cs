using Windhover.Components.Async;
using Windhover.Engine;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Environment;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Exit;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Stderr;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Stdin;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Stdout;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalInput;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalOutput;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalStderr;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalStdin;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalStdout;
using Windhover.Wasi.Io;
using CliError = Windhover.Wasi.Bindings.P3.Wasi.Cli.Types.ErrorCode;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:cli</c>.</summary>
internal sealed partial class P3Host : IEnvironment, IExit, IStdin, IStdout, IStderr, ITerminalStdin, ITerminalStdout, ITerminalStderr
{
    IReadOnlyList<(string, string)> IEnvironment.GetEnvironment() => [.. context.Options.Environment.Select(pair => (pair.Key, pair.Value))];

    IReadOnlyList<string> IEnvironment.GetArguments() => context.Options.Arguments;

    string? IEnvironment.GetInitialCwd() => context.Options.InitialDirectory;

    void IExit.Exit(Result<Unit, Unit> status) => throw new GuestExitException(status.IsOk ? 0 : 1);

    void IExit.ExitWithCode(byte statusCode) => throw new GuestExitException(statusCode);

    (HostStream, HostFuture<Result<Unit, CliError>>) IStdin.ReadViaStream() =>
        StreamPump.Read<CliError>(context.Streams.GetStdin(), Outcome, context.Aborted);

    HostFuture<Result<Unit, CliError>> IStdout.WriteViaStream(GuestStreamReader data) =>
        StreamPump.Write<CliError>(data, context.Streams.GetStdout(), context, Outcome);

    HostFuture<Result<Unit, CliError>> IStderr.WriteViaStream(GuestStreamReader data) =>
        StreamPump.Write<CliError>(data, context.Streams.GetStderr(), context, Outcome);

    private static Result<Unit, CliError> Outcome(IoError? failure) => failure is null ? Result.Ok() : CliError.Io;

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
