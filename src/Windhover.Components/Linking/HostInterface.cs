using Windhover.Components.Abi;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>The functions and resource types that a host provides under one interface's name.</summary>
public sealed class HostInterface
{
    private readonly Dictionary<string, FunctionEntry> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceType> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Module> _modules = new(StringComparer.Ordinal);

    internal HostInterface(string name) => Name = name;

    /// <summary>The interface's name with its version; empty for the root.</summary>
    public string Name { get; }

    /// <summary>
    /// Provides a function with glue that reads and writes the guest's memory itself. A method's name is as in the binary:
    /// <c>[method]input-stream.read</c>.
    /// </summary>
    /// <param name="function">The name.</param>
    /// <param name="type">Its type, asked for when a component imports the function, and compared with what the component declares.</param>
    /// <param name="handler">The glue; it trusts the type.</param>
    public void Define(string function, Func<FuncType> type, HostCallHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(handler);
        _functions[function] = new FunctionEntry(type, _ => handler);
    }

    /// <summary>
    /// Provides a function of whatever type a component declares, on dynamic values: arguments in order, the result or null. See
    /// <see cref="ComponentValues"/> for the .NET types.
    /// </summary>
    public void DefineDynamic(string function, DynamicHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(handler);
        _functions[function] = new FunctionEntry(null, type => DynamicCall.Handler(type, handler));
    }

    /// <summary>Provides an asynchronous function with glue of its own; see <see cref="Define"/>.</summary>
    public void DefineAsync(string function, Func<FuncType> type, HostAsyncHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(handler);
        _functions[function] = new FunctionEntry(type, null, _ => handler);
    }

    /// <summary>Provides an asynchronous function of whatever type a component declares, on dynamic values; see <see cref="DefineDynamic"/>.</summary>
    public void DefineDynamicAsync(string function, DynamicAsyncHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(handler);
        _functions[function] = new FunctionEntry(null, null, type => DynamicCall.AsyncHandler(type, handler));
    }

    /// <summary>Provides a resource type. Objects that implement <see cref="IDisposable"/> are disposed when a guest drops them.</summary>
    public void DefineResource(string name, ResourceType type)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(type);
        _resources[name] = type;
    }

    /// <summary>Provides a core module, for a component that imports one.</summary>
    public void DefineModule(string name, Module module)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(module);
        _modules[name] = module;
    }

    internal FunctionEntry? FindFunction(string name) => _functions.GetValueOrDefault(name);

    internal ResourceType? FindResource(string name) => _resources.GetValueOrDefault(name);

    internal Module? FindModule(string name) => _modules.GetValueOrDefault(name);

    internal sealed record FunctionEntry(
        Func<FuncType>? Type, Func<FuncType, HostCallHandler>? CreateHandler, Func<FuncType, HostAsyncHandler>? CreateAsyncHandler = null);
}

/// <summary>A host function on dynamic values.</summary>
/// <param name="instance">The calling component.</param>
/// <param name="arguments">The lifted arguments, in order.</param>
/// <returns>The result as a .NET value of its type; null for none.</returns>
public delegate object? DynamicHandler(ComponentInstance instance, object?[] arguments);

/// <summary>An asynchronous host function on dynamic values.</summary>
/// <param name="instance">The calling component. Its store may be used in turns only: not after the first await.</param>
/// <param name="arguments">The lifted arguments, in order.</param>
/// <param name="cancellationToken">Fires when the guest cancels the call.</param>
public delegate Task<object?> DynamicAsyncHandler(ComponentInstance instance, object?[] arguments, CancellationToken cancellationToken);
