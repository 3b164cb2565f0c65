using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Windhover.Apps.Runtime;
using Windhover.Components.Types;
using Windhover.Components.Values.Json;
using Windhover.Engine;

namespace Windhover.Apps.Functions;

/// <summary>The exported functions of a core module: numbers in (<c>p0</c>, <c>p1</c> …), numbers out.</summary>
internal sealed class CoreFunctions : IFunctionSet
{
    private CoreFunctions(IReadOnlyList<IJsonFunction> all) => All = all;

    public IReadOnlyList<IJsonFunction> All { get; }

    public static CoreFunctions? Find(CoreGuest guest)
    {
        IJsonFunction[] functions = [.. guest.Module.Exports
            .Where(e => e.Type is FunctionType type && e.Name is not ("_start" or "_initialize") && type.Parameters.Concat(type.Results).All(IsNumber))
            .Select(e => new CoreFunction(guest, e.Name, (FunctionType)e.Type))];
        return functions.Length == 0 ? null : new CoreFunctions(functions);
    }

    private static bool IsNumber(ValueKind kind) => kind is ValueKind.I32 or ValueKind.I64 or ValueKind.F32 or ValueKind.F64;

    private static PrimitiveType TypeOf(ValueKind kind) => kind switch
    {
        ValueKind.I32 => PrimitiveType.S32,
        ValueKind.I64 => PrimitiveType.S64,
        ValueKind.F32 => PrimitiveType.F32,
        _ => PrimitiveType.F64,
    };

    private sealed class CoreFunction : IJsonFunction
    {
        private readonly CoreGuest _guest;
        private readonly string _name;
        private readonly FunctionType _type;

        public CoreFunction(CoreGuest guest, string name, FunctionType type)
        {
            _guest = guest;
            _name = name;
            _type = type;
            Parameters = [.. type.Parameters.Select((kind, i) => (Name(i), JsonSchemas.Of(TypeOf(kind)), false))];
            Result = type.Results.Length switch
            {
                0 => null,
                1 => JsonSchemas.Of(TypeOf(type.Results[0])),
                _ => new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray([.. type.Results.Select(k => JsonSchemas.Of(TypeOf(k)))]) },
            };
        }

        public string Path => _name;

        public string? Interface => null;

        public IReadOnlyList<(string Name, JsonNode Schema, bool Optional)> Parameters { get; }

        public JsonNode? Result { get; }

        public FunctionResult Call(JsonElement arguments, object? caller, CancellationToken aborted)
        {
            var values = new RawValue[_type.SlotCount];
            for (int i = 0; i < _type.Parameters.Length; i++)
                values[i] = Read(_type.Parameters[i], Name(i), arguments);
            var config = new WasiPreview1Config { Environment = [.. _guest.Unit.Manifest.Environment], Directories = _guest.Directories };
            using Store store = _guest.CreateStore(config, aborted);
            Instance instance = _guest.Instantiate(store);
            if (instance.TryGetExport(store, "_initialize", out Extern initialize))
                initialize.AsFunction().Call(store, []);
            if (!instance.TryGetExport(store, _name, out Extern function))
                throw new InvalidOperationException($"The module lost its `{_name}`.");
            function.AsFunction().Call(store, values);
            string[] results = [.. _type.Results.Select((kind, i) => Write(kind, values[i]))];
            return new FunctionResult(results.Length switch { 0 => null, 1 => results[0], _ => $"[{string.Join(',', results)}]" }, false);
        }

        private static string Name(int index) => "p" + index.ToString(CultureInfo.InvariantCulture);

        private static RawValue Read(ValueKind kind, string name, JsonElement arguments)
        {
            if (!arguments.TryGetProperty(name, out JsonElement element))
                throw new ComponentJsonException("$", $"the parameter `{name}` is missing");
            byte[] json = Encoding.UTF8.GetBytes(element.GetRawText());
            try
            {
                var value = new RawValue();
                switch (kind)
                {
                    case ValueKind.I32:
                        value.I32 = unchecked((int)ReadWhole(json, uint.MaxValue, int.MinValue));
                        break;
                    case ValueKind.I64:
                        value.I64 = json[0] == '-' || (json.Length > 1 && json[1] == '-')
                            ? (long)ComponentJson.Parse(PrimitiveType.S64, json)!
                            : unchecked((long)(ulong)ComponentJson.Parse(PrimitiveType.U64, json)!);
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
            catch (ComponentJsonException error)
            {
                throw new ComponentJsonException("$", $"the parameter `{name}` does not fit: {error.Message}");
            }
        }

        // Signed or unsigned: the module's type does not say.
        private static long ReadWhole(byte[] json, long most, long least)
        {
            long value = (long)ComponentJson.Parse(PrimitiveType.S64, json)!;
            return value >= least && value <= most ? value : throw new ComponentJsonException("$", $"{value} is not from {least} to {most}");
        }

        private static string Write(ValueKind kind, RawValue value) => kind switch
        {
            ValueKind.I32 => ComponentJson.ToJson(PrimitiveType.S32, value.I32),
            ValueKind.I64 => ComponentJson.ToJson(PrimitiveType.S64, value.I64),
            ValueKind.F32 => ComponentJson.ToJson(PrimitiveType.F32, value.F32),
            _ => ComponentJson.ToJson(PrimitiveType.F64, value.F64),
        };
    }
}
