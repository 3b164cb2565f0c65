using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Engine;
using LinkException = Windhover.Components.Linking.LinkException;

namespace Windhover.Plugins;

/// <summary>
/// A plug-in's code, loaded and compiled: instances are made of it. Thread-safe. Disposing it frees the code as soon as its last instance is
/// gone; new instances are refused from then on.
/// </summary>
public sealed class PluginComponent : IDisposable, IAsyncDisposable
{
    private readonly Component _component;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<object, Prepared> _prepared = [];
    private readonly TaskCompletionSource _freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Prepared? _last;
    private ComponentWit? _wit;
    private int _instances; // live ones; below 0 when freed
    private bool _closed;

    internal PluginComponent(PluginHost host, PluginInfo info, Component component, ReadOnlyMemory<byte> bytes)
    {
        Host = host;
        Info = info;
        _component = component;
        _bytes = bytes;
    }

    /// <summary>Its name, path and digest.</summary>
    public PluginInfo Info { get; }

    /// <summary>The host that loaded it.</summary>
    public PluginHost Host { get; }

    /// <summary>How many instances of it live.</summary>
    public int LiveInstances
    {
        get
        {
            lock (_lock)
                return _instances;
        }
    }

    /// <summary>Its WIT, read from its types.</summary>
    public ComponentWit Wit => _wit ??= ComponentWit.Read(_bytes);

    internal Component Component => _component;

    /// <summary>Completes when it is unloaded and its memory is freed.</summary>
    internal Task Freed => _freed.Task;

    /// <summary>What does not fit a world, in words; nothing when it fits.</summary>
    public IReadOnlyList<string> Check(PluginWorld world) => PluginFit.Check(Wit, world, Host.WasiNames);

    /// <summary>The first of several worlds that the component fits: give the newest first. Null when it fits none.</summary>
    public PluginWorld? Negotiate(params ReadOnlySpan<PluginWorld> worlds)
    {
        foreach (PluginWorld world in worlds)
        {
            if (Check(world).Count == 0)
                return world;
        }

        return null;
    }

    /// <summary>Links the component to a world, so that a misfit shows now and not at the first instance.</summary>
    /// <exception cref="PluginMismatchException">It does not fit; the message says what is missing.</exception>
    public void Link<TPlugin>()
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        Enter();
        try
        {
            _ = PreparedFor<TPlugin>();
        }
        finally
        {
            Leave();
        }
    }

    internal TPlugin Instantiate<TPlugin>(object? imports, PluginOptions? options, Action<PluginInstance>? giveBack = null, IDisposable? scope = null)
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        PluginInstance instance = NewInstance<TPlugin>(imports, options ?? PluginOptions.Default, giveBack, scope, out Prepared prepared);
        return TPlugin.CreatePlugin(instance, prepared.Exports!);
    }

    internal PluginInstance NewInstance<TPlugin>(object? imports, PluginOptions options, Action<PluginInstance>? giveBack, IDisposable? scope, out Prepared prepared)
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        Enter();
        try
        {
            prepared = PreparedFor<TPlugin>();
            return new PluginInstance(this, prepared.Component, imports, options, giveBack, scope) { Exports = prepared.Exports };
        }
        catch (Exception error)
        {
            Leave();
            if (error is TrapException or UnwindException or ResourceLimitException)
                throw PluginFailures.Translate(Info.Name, "(start)", error, options);
            throw;
        }
    }

    /// <summary>The same for a world that is known at run time only.</summary>
    internal PluginInstance NewInstance(object key, Func<PreparedComponent> prepare, object? imports, PluginOptions options, out PreparedComponent component)
    {
        Enter();
        try
        {
            lock (_lock)
            {
                if (!_prepared.TryGetValue(key, out Prepared? prepared))
                    _prepared.Add(key, prepared = new Prepared(key, prepare(), null));
                component = prepared.Component;
            }

            return new PluginInstance(this, component, imports, options, giveBack: null, scope: null);
        }
        catch (Exception error)
        {
            Leave();
            if (error is LinkException link)
                throw new PluginMismatchException(Info.Name, "(dynamic)", [link.Message], link);
            if (error is TrapException or UnwindException or ResourceLimitException)
                throw PluginFailures.Translate(Info.Name, "(start)", error, options);
            throw;
        }
    }

    private Prepared PreparedFor<TPlugin>()
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        Prepared? last = _last;
        if (last is not null && ReferenceEquals(last.Key, typeof(TPlugin)))
            return last;
        lock (_lock)
        {
            if (!_prepared.TryGetValue(typeof(TPlugin), out Prepared? prepared))
                _prepared.Add(typeof(TPlugin), prepared = Prepare<TPlugin>());
            return _last = prepared;
        }
    }

    private Prepared Prepare<TPlugin>()
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        PreparedComponent? prepared = null;
        try
        {
            prepared = Host.LinkerFor<TPlugin>().Prepare(_component);
            return new Prepared(typeof(TPlugin), prepared, TPlugin.BindExports(prepared));
        }
        catch (LinkException error)
        {
            prepared?.Dispose();
            IReadOnlyList<string> findings = Check(TPlugin.World);
            throw new PluginMismatchException(Info.Name, TPlugin.World.Name, findings.Count > 0 ? findings : [error.Message], error);
        }
    }

    private void Enter()
    {
        lock (_lock)
        {
            if (_closed)
            {
                throw new PluginUseException(
                    Info.Name, null, PluginMisuse.Disposed, "the component was unloaded", "Load it again, or take instances from the version that replaced it.");
            }

            _instances++;
        }
    }

    /// <summary>An instance is gone.</summary>
    internal void Leave()
    {
        lock (_lock)
        {
            if (--_instances > 0 || !_closed)
                return;
        }

        Free();
    }

    /// <summary>Unloads it: at once when nothing uses it, else with its last instance.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
            if (_instances > 0)
                return;
        }

        Free();
    }

    /// <summary>Unloads it; completes when its last instance is gone and its memory is freed.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _freed.Task.ConfigureAwait(false);
    }

    private void Free()
    {
        foreach (Prepared prepared in _prepared.Values)
            prepared.Component.Dispose();
        _prepared.Clear();
        _last = null;
        _component.Dispose();
        Host.Forget(this);
        _freed.TrySetResult();
    }

    internal sealed record Prepared(object Key, PreparedComponent Component, object? Exports);
}
