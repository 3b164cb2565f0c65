using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Engine;

namespace Windhover.Apps.Commands;

/// <summary>A WASI 0.1 command: an unchanged program.</summary>
internal sealed class CoreCommand : ICommand
{
    private readonly CoreGuest _guest;
    private readonly string _name;

    private CoreCommand(CoreGuest guest)
    {
        _guest = guest;
        _name = Path.GetFileName(guest.Unit.Manifest.Source);
    }

    public static CoreCommand? Find(CoreGuest guest) => guest.Module.Exports.Any(e => e.Name == "_start" && e.Type is FunctionType) ? new CoreCommand(guest) : null;

    public CommandResult Run(CommandInput input, CancellationToken aborted)
    {
        var output = new OutputBuffer(Limits.Output(_guest.Unit.Manifest.Budget));
        LiveRequest? request = RequestLedger.Current; // The engine writes on threads of its own.
        var errors = new LineCutter(text => _guest.Services.Logs.Write(LogLevel.Warning, _guest.Unit.App.Name, _guest.Unit.Manifest.Name, "stderr", text, request));
        var config = new WasiPreview1Config
        {
            Arguments = [_name, .. _guest.Unit.Manifest.Arguments, .. input.Arguments],
            Environment = [.. _guest.Unit.Manifest.Environment, .. input.Environment],
            Directories = _guest.Directories,
            StandardInput = input.Input.IsEmpty ? WasiInput.Empty : WasiInput.FromBytes(input.Input),
            StandardOutput = WasiOutput.To(bytes =>
            {
                if (!output.TryAdd(bytes))
                    throw new IOException("The output is longer than the budget allows.");
            }),
            StandardError = WasiOutput.To(errors.Add),
        };
        try
        {
            using Store store = _guest.CreateStore(config, aborted);
            Instance instance = _guest.Instantiate(store);
            if (!instance.TryGetExport(store, "_start", out Extern start))
                throw new InvalidOperationException("The module lost its _start.");
            start.AsFunction().Call(store, []);
            return new CommandResult(0, output.Written);
        }
        catch (GuestExitException exit)
        {
            return new CommandResult(exit.ExitCode, output.Written);
        }
        finally
        {
            errors.Flush();
        }
    }
}
