using Windhover.Engine;

namespace Windhover.Plugins;

/// <summary>
/// What core modules import: functions as typed delegates over <c>int</c>, <c>uint</c>, <c>long</c>, <c>ulong</c>, <c>float</c> and <c>double</c>. A function that needs
/// the plug-in's memory finds the plug-in as its first argument. Fill it before the first plug-in is made with it.
/// </summary>
public sealed class CoreImports
{
    internal Dictionary<(string Module, string Name), HostFunction> Functions { get; } = [];

    /// <summary>Provides a function without arguments and result.</summary>
    public CoreImports Add(string module, string name, Action<CorePlugin> function) =>
        Add(module, name, [], [], (plugin, _) => function(plugin));

    /// <summary>Provides a function.</summary>
    public CoreImports Add<T1>(string module, string name, Action<CorePlugin, T1> function) =>
        Add(module, name, [CoreValue.Kind<T1>()], [], (plugin, v) => function(plugin, CoreValue.Read<T1>(v[0])));

    /// <summary>Provides a function.</summary>
    public CoreImports Add<T1, T2>(string module, string name, Action<CorePlugin, T1, T2> function) =>
        Add(module, name, [CoreValue.Kind<T1>(), CoreValue.Kind<T2>()], [], (plugin, v) => function(plugin, CoreValue.Read<T1>(v[0]), CoreValue.Read<T2>(v[1])));

    /// <summary>Provides a function.</summary>
    public CoreImports Add<T1, T2, T3>(string module, string name, Action<CorePlugin, T1, T2, T3> function) => Add(
        module,
        name,
        [CoreValue.Kind<T1>(), CoreValue.Kind<T2>(), CoreValue.Kind<T3>()],
        [],
        (plugin, v) => function(plugin, CoreValue.Read<T1>(v[0]), CoreValue.Read<T2>(v[1]), CoreValue.Read<T3>(v[2])));

    /// <summary>Provides a function with a result.</summary>
    public CoreImports AddResult<TResult>(string module, string name, Func<CorePlugin, TResult> function) =>
        Add(module, name, [], [CoreValue.Kind<TResult>()], (plugin, v) => v[0] = CoreValue.Write(function(plugin)));

    /// <summary>Provides a function with a result.</summary>
    public CoreImports AddResult<T1, TResult>(string module, string name, Func<CorePlugin, T1, TResult> function) => Add(
        module, name, [CoreValue.Kind<T1>()], [CoreValue.Kind<TResult>()], (plugin, v) => v[0] = CoreValue.Write(function(plugin, CoreValue.Read<T1>(v[0]))));

    /// <summary>Provides a function with a result.</summary>
    public CoreImports AddResult<T1, T2, TResult>(string module, string name, Func<CorePlugin, T1, T2, TResult> function) => Add(
        module,
        name,
        [CoreValue.Kind<T1>(), CoreValue.Kind<T2>()],
        [CoreValue.Kind<TResult>()],
        (plugin, v) => v[0] = CoreValue.Write(function(plugin, CoreValue.Read<T1>(v[0]), CoreValue.Read<T2>(v[1]))));

    /// <summary>Provides a function with a result.</summary>
    public CoreImports AddResult<T1, T2, T3, TResult>(string module, string name, Func<CorePlugin, T1, T2, T3, TResult> function) => Add(
        module,
        name,
        [CoreValue.Kind<T1>(), CoreValue.Kind<T2>(), CoreValue.Kind<T3>()],
        [CoreValue.Kind<TResult>()],
        (plugin, v) => v[0] = CoreValue.Write(function(plugin, CoreValue.Read<T1>(v[0]), CoreValue.Read<T2>(v[1]), CoreValue.Read<T3>(v[2]))));

    private CoreImports Add(string module, string name, ValueKind[] parameters, ValueKind[] results, CoreHandler handler)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        if (!Functions.TryAdd((module, name), new CoreFunction(module, name, new FunctionType([.. parameters], [.. results]), handler)))
            throw new ArgumentException($"'{module}' '{name}' is provided already.", nameof(name));
        return this;
    }
}

internal delegate void CoreHandler(CorePlugin plugin, Span<RawValue> values);

/// <summary>A delegate as a host function; the plug-in is the state of the store.</summary>
internal sealed class CoreFunction(string module, string name, FunctionType type, CoreHandler handler) : HostFunction(type)
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        try
        {
            handler((CorePlugin)store.State!, values);
        }
        catch (Exception error) when (error is not (TrapException or UnwindException))
        {
            throw new Components.Linking.HostImportException($"{module}#{name}", error);
        }
    }
}
