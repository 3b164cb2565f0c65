using Windhover.Apps.Runtime;
using Windhover.Components.Bindings;
using Windhover.Components.Linking;
using Windhover.Components.Values;
using Windhover.Engine;
using Windhover.Wasi;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Io;

namespace Windhover.Apps.Commands;

/// <summary>A component that exports <c>wasi:cli/run</c>.</summary>
internal sealed class ComponentCommand : ICommand
{
    private readonly GuestComponent _guest;
    private readonly ExportedFunction _run;
    private readonly string _name;

    private ComponentCommand(GuestComponent guest, ExportedFunction run)
    {
        _guest = guest;
        _run = run;
        _name = Path.GetFileName(guest.Unit.Manifest.Source);
    }

    public static ComponentCommand? Find(GuestComponent guest) =>
        guest.Prepared.FindFunction("wasi:cli/run@0.2.12", "run") is { } run ? new ComponentCommand(guest, run) : null;

    public CommandResult Run(CommandInput input, CancellationToken aborted)
    {
        var output = new OutputBuffer(Limits.Output(_guest.Unit.Manifest.Budget));
        WasiOptions wasi = _guest.Wasi with
        {
            Arguments = [_name, .. _guest.Unit.Manifest.Arguments, .. input.Arguments],
            Environment = [.. _guest.Wasi.Environment, .. input.Environment],
            Stdin = InputGrant.FromBytes(input.Input),
            Stdout = OutputGrant.FromFactory(blocking => new BufferOutputStream(output, blocking)),
        };
        try
        {
            object? result = _guest.Run(wasi, input.Caller, (instance, _) => instance.Call(_run), aborted);
            return new CommandResult(result is VariantValue { Case: 1 } ? 1 : 0, output.Written);
        }
        catch (GuestExitException exit)
        {
            return new CommandResult(exit.ExitCode, output.Written);
        }
    }

    private sealed class BufferOutputStream(OutputBuffer output, IGuestBlocking blocking) : OutputStream(blocking)
    {
        private bool _full;

        public override bool IsReady => true;

        protected override Result<ulong, StreamError> PermitWrite() => _full ? StreamError.Closed.Instance : 64UL * 1024;

        protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
        {
            if (output.TryAdd(contents))
                return Result.Ok();
            _full = true;
            return StreamError.Closed.Instance;
        }

        protected override Result<Unit, StreamError> FlushBytes() => Result.Ok();
    }
}
