using System.CommandLine;
using System.Text;
using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Components.Values.Json;
using Windhover.Engine;

namespace Windhover.Cli.Commands;

/// <summary><c>windhover call FILE FUNCTION JSON…</c>: calls one exported function and prints its result as JSON.</summary>
internal static class CallCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A component or a core module; .wasm or .wat" };
        var function = new Argument<string>("FUNCTION") { Description = "interface#function or function, as `windhover inspect` lists them" };
        var arguments = new Argument<string[]>("JSON") { Description = "One JSON text for each parameter", Arity = ArgumentArity.ZeroOrMore };
        var grants = new GrantOptions();
        var limits = new LimitOptions(Limits.ForCommands);
        var cache = CacheOption.Create();
        var command = new Command("call", "Call an exported function with JSON arguments; the result is JSON on standard output.") { file, function, arguments };
        grants.AddTo(command);
        limits.AddTo(command);
        command.Options.Add(cache);
        command.SetAction(parsed =>
        {
            var guest = GuestFile.Load(parsed.GetRequiredValue(file));
            var call = new Call(
                guest,
                parsed.GetRequiredValue(function),
                parsed.GetValue(arguments) ?? [],
                grants.Read(parsed),
                limits.Read(parsed),
                CacheOption.Open(parsed.GetValue(cache)));
            return guest.Kind == WasmKind.Component ? CallComponent(call) : CoreCall.Run(call);
        });
        return command;
    }

    private static int CallComponent(Call call)
    {
        using var engine = call.Limits.CreateEngine();
        using var component = ComponentGuest.Load(engine, call.File, call.Cache);
        using var session = new ComponentSession(component, call.Grants, call.Limits, [call.File.Name]);
        var function = Find(session.Prepared, call);
        var values = ReadArguments(function, call);
        var result = session.Call(function, values);
        if (function.Type.Result is not { } type)
            return ExitStatus.Success;
        Print(ComponentJson.ToJson(type, result, indented: !Console.IsOutputRedirected));
        return type is ResultType && result is VariantValue { Case: 1 } ? ExitStatus.Failure : ExitStatus.Success;
    }

    /// <summary>By its full name; else, when it is the only one, by the part after <c>#</c> or by an interface name without package or version.</summary>
    private static ExportedFunction Find(PreparedComponent prepared, Call call)
    {
        var hash = call.Function.LastIndexOf('#');
        var exact = hash < 0 ? prepared.FindFunction(null, call.Function) : prepared.FindFunction(call.Function[..hash], call.Function[(hash + 1)..]);
        if (exact is not null)
            return exact;
        var all = prepared.ExportedFunctions.ToArray();
        var matching = all.Where(f => Matches(f.Name, call.Function)).ToArray();
        if (matching.Length == 1)
            return matching[0];
        if (matching.Length > 1)
        {
            throw CliException.Usage(
                $"`{call.Function}` is exported more than once",
                [.. matching.Take(8).Select(f => $"windhover call {call.File.Path} '{f.Name}'")]);
        }

        throw Missing(call, [.. all.Select(f => f.Name)]);
    }

    private static bool Matches(string exported, string wanted)
    {
        var hash = exported.LastIndexOf('#');
        if (hash < 0)
            return false;
        var (name, function) = (exported[..hash], exported[(hash + 1)..]);
        var wantedHash = wanted.LastIndexOf('#');
        if (wantedHash < 0)
            return function == wanted;
        return function == wanted[(wantedHash + 1)..]
            && InterfaceName.TryParse(name, out var parsed)
            && wanted[..wantedHash] is var w && (w == parsed.Interface || w == parsed.Unversioned);
    }

    internal static CliException Missing(Call call, IReadOnlyList<string> exported)
    {
        var nearest = exported.MinBy(name => Distance.Between(name[(name.LastIndexOf('#') + 1)..], call.Function[(call.Function.LastIndexOf('#') + 1)..]));
        return CliException.Usage(
            $"{call.File.Path} exports no function `{call.Function}`",
            nearest is null ? "it exports no function at all" : $"the nearest is `{nearest}`; `windhover inspect {call.File.Path}` lists all {exported.Count}");
    }

    private static object?[] ReadArguments(ExportedFunction function, Call call)
    {
        var parameters = function.Type.Parameters;
        foreach (var (name, type) in parameters)
        {
            if (ComponentJson.FindUnsupported(type) is { } part)
                throw CliException.Usage($"`{function.Name}` cannot be called from here: `{part}` in its parameter `{name}` has no JSON form");
        }

        if (function.Type.Result is { } result && ComponentJson.FindUnsupported(result) is { } unsupported)
            throw CliException.Usage($"`{function.Name}` cannot be called from here: `{unsupported}` in its result has no JSON form");
        if (parameters.Length != call.Arguments.Count)
        {
            throw CliException.Usage(
                $"`{function.Name}` takes {parameters.Length} argument{(parameters.Length == 1 ? "" : "s")}, but {call.Arguments.Count} {(call.Arguments.Count == 1 ? "is" : "are")} given",
                $"its type is {function.Type}");
        }

        var values = new object?[parameters.Length];
        for (var i = 0; i < values.Length; i++)
        {
            try
            {
                values[i] = ComponentJson.Parse(parameters[i].Type, call.Arguments[i]);
            }
            catch (ComponentJsonException e)
            {
                string[] help = parameters[i].Type is PrimitiveType { Kind: PrimitiveKind.String or PrimitiveKind.Char } or EnumType && !call.Arguments[i].StartsWith('"')
                    ? [$"a string is JSON too: '\"{call.Arguments[i]}\"'"]
                    : [];
                throw CliException.Usage($"argument `{parameters[i].Name}` of `{function.Name}`, {e.Message}", help);
            }
        }

        return values;
    }

    internal static void Print(string json)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(json + "\n"));
    }
}

/// <summary>What <c>windhover call</c> was asked for.</summary>
internal sealed record Call(
    GuestFile File, string Function, IReadOnlyList<string> Arguments, Grants Grants, Limits Limits, CompileCache? Cache);
