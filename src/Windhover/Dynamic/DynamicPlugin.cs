using System.Text;
using System.Text.Json;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values.Json;

namespace Windhover.Plugins;

/// <summary>
/// A plug-in whose world is known at run time only: its functions by name, on dynamic values or JSON. The rules of <see cref="Plugin"/> hold.
/// Slower than a generated class (a call of numbers takes about 0.3 µs), and what does not fit shows when it is called.
/// </summary>
public sealed class DynamicPlugin : Plugin
{
    private readonly PreparedComponent _prepared;
    private readonly Dictionary<string, ExportedFunction?> _found = new(StringComparer.Ordinal);

    private DynamicPlugin(PluginInstance instance, PreparedComponent prepared)
        : base(instance) => _prepared = prepared;

    /// <summary>The functions that the plug-in exports, as <c>interface#function</c> or <c>function</c>, with their types.</summary>
    public IReadOnlyDictionary<string, FuncType> Functions => field ??= _prepared.ExportedFunctions.ToDictionary(f => f.Name, f => f.Type, StringComparer.Ordinal);

    /// <summary>Makes a plug-in.</summary>
    /// <param name="component">The component.</param>
    /// <param name="imports">What the host gives it to call; null: nothing but WASI.</param>
    /// <param name="options">Grants and budget; null: nothing is granted.</param>
    /// <exception cref="PluginMismatchException">It imports what is not provided.</exception>
    /// <exception cref="PluginTrapException">It trapped while it started.</exception>
    public static DynamicPlugin Instantiate(PluginComponent component, DynamicImports? imports = null, PluginOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(component);
        imports ??= DynamicImports.None;
        PluginInstance instance = component.NewInstance(
            imports,
            () =>
            {
                ComponentLinker linker = component.Host.NewLinker();
                imports.Define(linker);
                return linker.Prepare(component.Component);
            },
            imports: null,
            options ?? PluginOptions.Default,
            out PreparedComponent prepared);
        return new DynamicPlugin(instance, prepared);
    }

    /// <summary>Calls a function. Blocks until an asynchronous one has returned.</summary>
    /// <param name="function"><c>interface#function</c>, <c>function</c>, or an interface without package and version where that is clear: <c>rules#price</c>.</param>
    /// <param name="arguments">The arguments, of the types of <see cref="Components.Values.ComponentValues"/>.</param>
    /// <exception cref="PluginUseException">There is no such function, or the arguments do not fit it.</exception>
    public object? Call(string function, params object?[] arguments) => Call(Find(function), arguments);

    /// <summary>As <see cref="Call(string, object?[])"/>, without blocking while an asynchronous function waits.</summary>
    public async Task<object?> CallAsync(string function, object?[] arguments, CancellationToken cancellationToken = default)
    {
        ExportedFunction found = Find(function);
        ComponentInstance instance = EnterAsyncCall(found.Name);
        try
        {
            return await instance.CallAsync(found, arguments, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException error) when (Instance.CanEnter)
        {
            throw BadArguments(found, error);
        }
        catch (Exception error) when (IsFailure(error))
        {
            throw Failure(found.Name, error);
        }
        finally
        {
            LeaveAsyncCall();
        }
    }

    /// <summary>Calls a function with JSON (<see cref="ComponentJson"/>).</summary>
    /// <param name="function">As for <see cref="Call(string, object?[])"/>.</param>
    /// <param name="arguments">An array of the arguments, or an object with their names.</param>
    /// <returns>The result; <c>null</c> when there is none.</returns>
    /// <exception cref="PluginUseException">There is no such function, or the JSON does not fit it; the message says where.</exception>
    public string CallJson(string function, string arguments)
    {
        ExportedFunction found = Find(function);
        object? result;
        try
        {
            result = Call(found, Parse(found.Type, arguments));
        }
        catch (Exception error) when (error is ComponentJsonException or JsonException)
        {
            throw BadArguments(found, error);
        }

        return found.Type.Result is { } type ? ComponentJson.ToJson(type, result) : "null";
    }

    private object? Call(ExportedFunction function, object?[] arguments)
    {
        ComponentInstance instance = EnterCall(function.Name);
        try
        {
            return instance.Call(function, arguments);
        }
        catch (ArgumentException error) when (Instance.CanEnter)
        {
            throw BadArguments(function, error);
        }
        catch (Exception error) when (IsFailure(error))
        {
            throw Failure(function.Name, error);
        }
        finally
        {
            LeaveCall();
        }
    }

    private static object?[] Parse(FuncType type, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        var values = new object?[type.Parameters.Length];
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array ? root.GetArrayLength() != values.Length : root.ValueKind != JsonValueKind.Object)
            throw new JsonException($"the function takes an array of {values.Length} argument(s), or an object with their names");
        for (int i = 0; i < values.Length; i++)
        {
            (string name, ValType parameter) = (type.Parameters[i].Name, type.Parameters[i].Type);
            JsonElement element;
            if (root.ValueKind == JsonValueKind.Array)
                element = root[i];
            else if (!root.TryGetProperty(name, out element) && parameter is not OptionType)
                throw new JsonException($"the argument `{name}` is missing");
            string text = element.ValueKind == JsonValueKind.Undefined ? "null" : element.GetRawText();
            values[i] = ComponentJson.Parse(parameter, Encoding.UTF8.GetBytes(text));
        }

        return values;
    }

    private PluginUseException BadArguments(ExportedFunction function, Exception error) => new(
        Info.Name, function.Name, PluginMisuse.Arguments, error.Message, $"The function is `{function.Type}`.", error);

    private ExportedFunction Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_found.TryGetValue(name, out ExportedFunction? found))
        {
            ExportedFunction[] all = [.. _prepared.ExportedFunctions];
            found = Array.Find(all, f => f.Name == name);
            if (found is null)
            {
                ExportedFunction[] near = [.. all.Where(f => Short(f.Name) == name)];
                found = near.Length == 1 ? near[0] : null;
            }

            _found[name] = found;
        }

        return found ?? throw new PluginUseException(
            Info.Name,
            name,
            PluginMisuse.Arguments,
            "it exports no such function",
            $"It exports {string.Join(", ", _prepared.ExportedFunctions.Take(20).Select(f => $"`{f.Name}`"))}.");
    }

    /// <summary><c>shop:pricing/rules@1.0.0#price</c> → <c>rules#price</c>.</summary>
    private static string Short(string name)
    {
        int hash = name.IndexOf('#', StringComparison.Ordinal);
        if (hash < 0)
            return name;
        int slash = name.IndexOf('/', StringComparison.Ordinal), at = name.IndexOf('@', StringComparison.Ordinal);
        return name[(slash + 1)..(at > 0 && at < hash ? at : hash)] + name[hash..];
    }
}
