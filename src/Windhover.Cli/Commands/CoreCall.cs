using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Components.Types;
using Windhover.Components.Values.Json;
using Windhover.Engine;

namespace Windhover.Cli.Commands;

/// <summary>
/// <c>windhover call</c> on a core module: numbers in, numbers out. An i32 or i64 is read signed or unsigned and printed signed; several
/// results are an array. A reactor's <c>_initialize</c> runs first.
/// </summary>
internal static class CoreCall
{
    public static int Run(Call call)
    {
        using var engine = call.Limits.CreateEngine();
        using var module = CoreHost.Compile(engine, call.File, call.Cache);
        var type = module.Exports.FirstOrDefault(e => e.Name == call.Function)?.Type as FunctionType
            ?? throw CallCommand.Missing(call, [.. module.Exports.Where(e => e.Type is FunctionType).Select(e => e.Name)]);
        var values = ReadArguments(type, call);
        using var store = call.Limits.CreateStore(engine);
        var instance = CoreHost.Instantiate(store, module, call.File, call.Grants, [call.File.Name]);
        if (call.Function != "_initialize" && instance.TryGetExport(store, "_initialize", out var initialize))
            initialize.AsFunction().Call(store, []);
        instance.TryGetExport(store, call.Function, out var function);
        function.AsFunction().Call(store, values);
        if (type.Results.Length > 0)
            CallCommand.Print(Results(type, values));
        return ExitStatus.Success;
    }

    private static RawValue[] ReadArguments(FunctionType type, Call call)
    {
        foreach (var kind in type.Parameters.Concat(type.Results))
        {
            if (kind is not (ValueKind.I32 or ValueKind.I64 or ValueKind.F32 or ValueKind.F64))
                throw CliException.Usage($"`{call.Function}` cannot be called from here: a `{kind.ToString().ToLowerInvariant()}` has no JSON form", $"its type is {type}");
        }

        if (type.Parameters.Length != call.Arguments.Count)
        {
            throw CliException.Usage(
                $"`{call.Function}` takes {type.Parameters.Length} argument{(type.Parameters.Length == 1 ? "" : "s")}, but {call.Arguments.Count} {(call.Arguments.Count == 1 ? "is" : "are")} given",
                $"its type is {type}");
        }

        var values = new RawValue[type.SlotCount];
        for (var i = 0; i < type.Parameters.Length; i++)
        {
            try
            {
                values[i] = Read(type.Parameters[i], call.Arguments[i]);
            }
            catch (ComponentJsonException e)
            {
                throw CliException.Usage($"argument {i + 1} of `{call.Function}` is of type `{type.Parameters[i].ToString().ToLowerInvariant()}`, {e.Message}");
            }
        }

        return values;
    }

    private static RawValue Read(ValueKind kind, string json)
    {
        var unsigned = !json.TrimStart(' ', '"').StartsWith('-');
        var value = new RawValue();
        switch (kind)
        {
            case ValueKind.I32 when unsigned:
                value.U32 = (uint)ComponentJson.Parse(PrimitiveType.U32, json)!;
                break;
            case ValueKind.I32:
                value.I32 = (int)ComponentJson.Parse(PrimitiveType.S32, json)!;
                break;
            case ValueKind.I64 when unsigned:
                value.U64 = (ulong)ComponentJson.Parse(PrimitiveType.U64, json)!;
                break;
            case ValueKind.I64:
                value.I64 = (long)ComponentJson.Parse(PrimitiveType.S64, json)!;
                break;
            case ValueKind.F32:
                value.F32 = (float)ComponentJson.Parse(PrimitiveType.F32, json)!;
                break;
            default:
                value.F64 = (double)ComponentJson.Parse(PrimitiveType.F64, json)!;
                break;
        }

        return value;
    }

    private static string Results(FunctionType type, RawValue[] values)
    {
        var texts = type.Results.Select((kind, i) => kind switch
        {
            ValueKind.I32 => ComponentJson.ToJson(PrimitiveType.S32, values[i].I32),
            ValueKind.I64 => ComponentJson.ToJson(PrimitiveType.S64, values[i].I64),
            ValueKind.F32 => ComponentJson.ToJson(PrimitiveType.F32, values[i].F32),
            _ => ComponentJson.ToJson(PrimitiveType.F64, values[i].F64),
        });
        return type.Results.Length == 1 ? texts.First() : $"[{string.Join(",", texts)}]";
    }
}
