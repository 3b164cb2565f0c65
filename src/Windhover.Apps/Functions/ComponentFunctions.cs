using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Windhover.Apps.Runtime;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Components.Values.Json;

namespace Windhover.Apps.Functions;

/// <summary>The exported functions of a component.</summary>
internal sealed class ComponentFunctions : IFunctionSet
{
    private ComponentFunctions(IReadOnlyList<IJsonFunction> all) => All = all;

    public IReadOnlyList<IJsonFunction> All { get; }

    public static ComponentFunctions? Find(GuestComponent guest)
    {
        var functions = new List<IJsonFunction>();
        foreach (ExportedFunction function in guest.Prepared.ExportedFunctions)
        {
            // Methods and the interfaces of WASI are not for JSON.
            if (function.Name.Contains('[', StringComparison.Ordinal) || function.Name.StartsWith("wasi:", StringComparison.Ordinal))
                continue;
            if (function.Type.Parameters.All(p => ComponentJson.FindUnsupported(p.Type) is null) && (function.Type.Result is not { } result || ComponentJson.FindUnsupported(result) is null))
                functions.Add(new JsonFunction(guest, function));
        }

        return functions.Count == 0 ? null : new ComponentFunctions(functions);
    }

    private sealed class JsonFunction : IJsonFunction
    {
        private readonly GuestComponent _guest;
        private readonly ExportedFunction _function;

        public JsonFunction(GuestComponent guest, ExportedFunction function)
        {
            _guest = guest;
            _function = function;
            int hash = function.Name.LastIndexOf('#');
            Interface = hash < 0 ? null : function.Name[..hash];
            string name = function.Name[(hash + 1)..];
            Path = Interface is null ? name : $"{(InterfaceName.TryParse(Interface, out InterfaceName? parsed) ? parsed.Interface : Interface)}/{name}";
            Parameters = [.. function.Type.Parameters.Select(p => (p.Name, JsonSchemas.Of(p.Type), JsonSchemas.IsOptional(p.Type)))];
            Result = function.Type.Result is { } result ? JsonSchemas.Of(result) : null;
        }

        public string Path { get; }

        public string? Interface { get; }

        public IReadOnlyList<(string Name, JsonNode Schema, bool Optional)> Parameters { get; }

        public JsonNode? Result { get; }

        public FunctionResult Call(JsonElement arguments, object? caller, CancellationToken aborted)
        {
            var values = new object?[_function.Type.Parameters.Length];
            for (int i = 0; i < values.Length; i++)
            {
                Field parameter = _function.Type.Parameters[i];
                values[i] = Read(parameter, arguments);
            }

            object? result = _guest.Run(
                _guest.Wasi, caller, (instance, guest) => guest.Wait(new ValueTask<object?>(instance.CallAsync(_function, values))), aborted);
            return _function.Type.Result is { } type
                ? new FunctionResult(ComponentJson.ToJson(type, result), type is ResultType && result is VariantValue { Case: 1 })
                : new FunctionResult(null, false);
        }

        private static object? Read(Field parameter, JsonElement arguments)
        {
            if (!arguments.TryGetProperty(parameter.Name, out JsonElement value))
            {
                return parameter.Type is OptionType
                    ? VariantValue.None
                    : throw new ComponentJsonException("$", $"the parameter `{parameter.Name}` is missing");
            }

            try
            {
                return ComponentJson.Parse(parameter.Type, Encoding.UTF8.GetBytes(value.GetRawText()));
            }
            catch (ComponentJsonException error)
            {
                throw new ComponentJsonException("$", $"the parameter `{parameter.Name}` does not fit: {error.Message}");
            }
        }
    }
}
