using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Cli.Commands;

/// <summary>
/// <c>windhover run FILE [args]</c>: runs a command as if it were a Unix program. Standard streams, arguments and exit status are the
/// guest's. Signals are not handled, so that SIGINT and SIGTERM end the process as they end any other.
/// </summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A component that exports wasi:cli/run, or a WASI 0.1 module; .wasm or .wat" };
        var arguments = new Argument<string[]>("args") { Description = "Arguments of the guest, all of what follows FILE", Arity = ArgumentArity.ZeroOrMore };
        var grants = new GrantOptions();
        var limits = new LimitOptions(Limits.ForCommands);
        var metering = new MeteringOptions();
        var cache = CacheOption.Create();
        var command = new Command("run", "Run a command-line program; its exit status is the guest's, 134 when it traps.") { file, arguments };
        grants.AddTo(command);
        limits.AddTo(command);
        metering.AddTo(command);
        command.Options.Add(cache);
        command.SetAction(parsed => Run(
            GuestFile.Load(parsed.GetRequiredValue(file)),
            parsed.GetValue(arguments) ?? [],
            metering.Check(grants.Read(parsed), parsed),
            metering.AddTo(limits.Read(parsed), parsed),
            CacheOption.Open(parsed.GetValue(cache))));
        return command;
    }

    private static int Run(GuestFile file, string[] arguments, Grants grants, Limits limits, CompileCache? cache)
    {
        string[] all = [file.Name, .. arguments];
        using var engine = limits.CreateEngine();
        return file.Kind == WasmKind.Component
            ? ComponentGuest.Run(engine, file, grants, limits, cache, all)
            : RunModule(engine, file, grants, limits, cache, all);
    }

    private static int RunModule(WasmEngine engine, GuestFile file, Grants grants, Limits limits, CompileCache? cache, string[] arguments)
    {
        using var module = CoreHost.Compile(engine, file, cache);
        if (!module.Exports.Any(e => e is { Name: "_start", Type: FunctionType { Parameters.Length: 0, Results.Length: 0 } }))
        {
            var functions = module.Exports.Where(e => e.Type is FunctionType).Select(e => e.Name).Take(8).ToArray();
            throw CliException.Failure(
                $"{file.Path} is not a command: it exports no function `_start`",
                functions.Length > 0
                    ? $"it exports {string.Join(", ", functions.Select(f => $"`{f}`"))}; try `windhover call {file.Path} {functions[0]}`"
                    : "it exports no function at all");
        }

        using var store = limits.CreateStore(engine);
        using var fuel = FuelReport.For(store, limits);
        var instance = CoreHost.Instantiate(store, module, file, grants, arguments, limits.World);
        instance.TryGetExport(store, "_start", out var start);
        start.AsFunction().Call(store, []);
        return ExitStatus.Success;
    }
}
