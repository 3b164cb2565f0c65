using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Wasi;
using Windhover.Wasi.Io;

namespace Windhover.Plugins;

/// <summary>
/// The sandbox behind a <see cref="Plugin"/>: a store, the component's instance in it and what it was granted. Found by generated code as
/// the state of an instance; not for people.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1001", Justification = "Destroy and Release end it: its plug-in or its pool decides which.")]
public sealed class PluginInstance : IGuestBlocking
{
    internal int HeldResources;

    private readonly Store _store;
    private readonly ComponentInstance _component;
    private readonly Action<PluginInstance>? _giveBack;
    private WasiContext? _wasi;
    private readonly TimeSpan? _timeout;
    private long _deadlineSet = long.MinValue;
    private long _callBegan;

    internal PluginInstance(
        PluginComponent component, PreparedComponent prepared, object? imports, PluginOptions options, Action<PluginInstance>? giveBack, IDisposable? scope)
    {
        Component = component;
        Imports = imports;
        Options = options;
        Scope = scope;
        _giveBack = giveBack;
        _timeout = options.CallTimeout;
        _store = new Store(component.Host.Engine, options.Limits);
        try
        {
            BeginCall();
            _component = prepared.Instantiate(_store, this);
        }
        catch
        {
            _store.Dispose();
            throw;
        }
    }

    /// <summary>The component that it is an instance of.</summary>
    public PluginComponent Component { get; }

    /// <summary>The host's implementations, of the type that the generated class declares.</summary>
    public object? Imports { get; }

    internal PluginOptions Options { get; }

    /// <summary>The plug-in object that has it now.</summary>
    internal Plugin? Holder { get; set; }

    internal int Uses { get; set; }

    internal object? Exports { get; set; }

    /// <summary>The scope of services that its imports came from; ends with it.</summary>
    internal IDisposable? Scope { get; }

    internal ComponentInstance Component_ => _component;

    internal bool CanEnter => _component.CanEnter;

    internal WasiContext Wasi => _wasi ??= new WasiContext(Options.Wasi(Component.Host), this);

    /// <summary>
    /// Sets the deadline of a call. Setting it costs about as much as the call itself, so that it is set with an eighth more time than asked for, and
    /// again only when that eighth is used up: a call gets at least its time, at most 9/8 of it.
    /// </summary>
    internal void BeginCall()
    {
        if (Options.Fuel is { } fuel)
            _store.SetFuel(fuel);
        if (_timeout is not { } timeout)
            return;
        long now = Environment.TickCount64;
        _callBegan = now;
        long slack = (long)timeout.TotalMilliseconds / 8;
        if (_deadlineSet != long.MinValue && now - _deadlineSet <= slack)
            return;
        _deadlineSet = now;
        _store.SetDeadline(timeout + TimeSpan.FromMilliseconds(slack));
    }

    /// <summary>A guest that waits (WASI's poll) is held to the same deadline.</summary>
    void IGuestBlocking.Wait(ReadOnlySpan<ReadinessSource> sources)
    {
        if (_timeout is not { } timeout)
        {
            new ThreadBlocking().Wait(sources);
            return;
        }

        long left = (long)timeout.TotalMilliseconds - (Environment.TickCount64 - _callBegan);
        using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Max(0, left)));
        try
        {
            new ThreadBlocking(end.Token).Wait(sources);
        }
        catch (OperationCanceledException)
        {
            throw new TrapException(TrapKind.Interrupt, "The guest waited past its deadline.");
        }
    }

    /// <summary>Its user has done with it.</summary>
    internal void Release()
    {
        Holder = null;
        if (_giveBack is not null)
            _giveBack(this);
        else
            Destroy();
    }

    /// <summary>Frees everything.</summary>
    internal void Destroy()
    {
        try
        {
            _component.Dispose();
            _wasi?.Dispose();
        }
        finally
        {
            _store.Dispose();
            Scope?.Dispose();
            Component.Leave();
        }
    }
}
