using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;
using Windhover.Components.Binary;
using Windhover.Components.Inspection;
using Windhover.Components.Linking;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>Loads components and links them to what the command line provides.</summary>
internal static class ComponentGuest
{
    private const string RunInterface = "wasi:cli/run@0.2.0";
    private const string AsyncRunInterface = "wasi:cli/run@0.3.0";

    /// <summary>What is in a component, without compiling it.</summary>
    /// <exception cref="CliException">It is not valid.</exception>
    public static ComponentSummary Summarize(GuestFile file)
    {
        try
        {
            return ComponentSummary.Read(file.Bytes);
        }
        catch (InvalidComponentException e)
        {
            throw ErrorReport.Invalid(file.Path, e);
        }
    }

    public static Component Load(WasmEngine engine, GuestFile file, CompileCache? cache)
    {
        using var progress = new ProgressLine($"compiling {file.Name} ({Units.Size(file.Bytes.Length)})");
        try
        {
            return Component.Load(engine, file.Bytes, cache);
        }
        catch (Exception e) when (e is InvalidComponentException or InvalidModuleException)
        {
            throw ErrorReport.Invalid(file.Path, e);
        }
    }

    /// <summary>Runs a component's <c>wasi:cli/run</c>.</summary>
    /// <returns>0 when it returned ok, 1 when it returned an error.</returns>
    public static int Run(WasmEngine engine, GuestFile file, Grants grants, Limits limits, CompileCache? cache, IReadOnlyList<string> arguments)
    {
        if (limits.World is not null && Summarize(file) is var summary && summary.Imports.Concat(summary.Exports).Any(i => i.Name.Contains("@0.3", StringComparison.Ordinal)))
            throw CliException.Usage($"{file.Path} is a component of WASI 0.3: --deterministic is for WASI 0.1 and 0.2, whose waits are in the guest's hands");
        using var component = Load(engine, file, cache);
        using var session = new ComponentSession(component, grants, limits, arguments);
        using var fuel = FuelReport.For(session.Instance.Store, limits);
        var run = session.Prepared.FindFunction(RunInterface, "run")
            ?? session.Prepared.FindFunction(AsyncRunInterface, "run")
            ?? throw NotACommand(file, session.Prepared);
        return session.Call(run) is VariantValue { Case: 0 } ? ExitStatus.Success : ExitStatus.Failure;
    }

    private static CliException NotACommand(GuestFile file, PreparedComponent prepared)
    {
        var functions = prepared.ExportedFunctions.Select(f => f.Name).Take(4).ToArray();
        return CliException.Failure(
            $"{file.Path} is not a command: it does not export `wasi:cli/run`",
            functions.Any(f => f.StartsWith("wasi:http/", StringComparison.Ordinal)) ? $"it handles HTTP requests: `windhover serve {file.Path}`"
            : functions.Length > 0 ? $"it exports {string.Join(", ", functions.Select(f => $"`{f}`"))}; try `windhover call {file.Path} '{functions[0]}'`"
            : "it exports no function at all");
    }
}
