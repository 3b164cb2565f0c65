using System.Diagnostics.CodeAnalysis;

namespace Windhover.Plugins;

// Who holds what:
//
//   pool ──► current version ──► component, idle instances, number of leases
//                 ▲
//   Rent: enter the current version (retry if it was just closed), take an idle instance or make one
//   plugin.Dispose: instance back to its own version; the last lease of a closed version frees it
//   SwapAsync: link the new component, make it current, close the old version: its calls in flight end on it

/// <summary>
/// Hands out instances of one plug-in and exchanges it for a new version while it is in use. Thread-safe. Owns the components it is given.
/// </summary>
/// <typeparam name="TPlugin">The class with <c>[WitWorld]</c>.</typeparam>
public sealed class PluginPool<TPlugin> : IDisposable, IAsyncDisposable
    where TPlugin : Plugin, IPlugin<TPlugin>
{
    private readonly Func<PluginImports> _imports;
    private readonly PluginOptions _options;
    private readonly SemaphoreSlim _inUse;
    private readonly Lock _swap = new();
    private PluginVersion _current;
    private bool _disposed;

    /// <summary>Makes a pool.</summary>
    /// <param name="component">The first version.</param>
    /// <param name="imports">Makes what one instance imports: an <c>Imports</c> of <typeparamref name="TPlugin"/>; null when its world imports nothing.</param>
    /// <param name="options">Grants and budget of each instance, and <see cref="PluginOptions.Pool"/>.</param>
    /// <exception cref="PluginMismatchException">The component does not fit the world.</exception>
    public PluginPool(PluginComponent component, Func<object?>? imports = null, PluginOptions? options = null)
        : this(component, () => new PluginImports(imports?.Invoke(), null), options ?? new PluginOptions())
    {
    }

    internal PluginPool(PluginComponent component, Func<PluginImports> imports, PluginOptions options)
    {
        ArgumentNullException.ThrowIfNull(component);
        component.Link<TPlugin>();
        _imports = imports;
        _options = options;
        _inUse = new SemaphoreSlim(options.Pool.MaxInUse);
        _current = new PluginVersion(component);
    }

    /// <summary>The version that new instances are made of.</summary>
    public PluginInfo Info => _current.Component.Info;

    /// <summary>The instances that may still be rented before renting waits.</summary>
    public int Available => _inUse.CurrentCount;

    /// <summary>Takes an instance; dispose it to give it back. Waits while as many as allowed are in use.</summary>
    /// <exception cref="OperationCanceledException">The token fired while it waited.</exception>
    /// <exception cref="PluginTrapException">The plug-in trapped while it started.</exception>
    public ValueTask<TPlugin> RentAsync(CancellationToken cancellationToken = default)
    {
        Task wait = _inUse.WaitAsync(cancellationToken);
        return wait.IsCompletedSuccessfully ? new ValueTask<TPlugin>(Take(_imports)) : Later(wait);

        async ValueTask<TPlugin> Later(Task wait)
        {
            await wait.ConfigureAwait(false);
            return Take(_imports);
        }
    }

    /// <summary>Takes an instance without waiting.</summary>
    /// <exception cref="PluginBudgetException">As many as allowed are in use.</exception>
    public TPlugin Rent() => Rent(_imports);

    internal TPlugin Rent(Func<PluginImports> imports)
    {
        if (_inUse.Wait(0, CancellationToken.None))
            return Take(imports);
        throw new PluginBudgetException(
            Info.Name,
            null,
            $"all {_options.Pool.MaxInUse} instances are in use",
            "Wait with RentAsync, dispose instances sooner, or raise PluginPoolOptions.MaxInUse.",
            Engine.TrapKind.Other,
            new InvalidOperationException("The pool is empty."));
    }

    private TPlugin Take(Func<PluginImports> imports)
    {
        PluginVersion version;
        do
            version = Volatile.Read(ref _current);
        while (!version.TryEnter(out bool final) && (!final || ReThrowDisposed()));

        PluginInstance? instance = null;
        try
        {
            if (!version.TryTakeIdle(out instance))
                instance = Make(version, imports);
            instance.Uses++;
            return TPlugin.CreatePlugin(instance, instance.Exports!);
        }
        catch
        {
            version.Leave();
            _inUse.Release();
            throw;
        }
    }

    private PluginInstance Make(PluginVersion version, Func<PluginImports> imports)
    {
        PluginImports made = imports();
        try
        {
            return version.Component.NewInstance<TPlugin>(made.Imports, _options, i => GiveBack(version, i), made.Scope, out _);
        }
        catch
        {
            made.Scope?.Dispose();
            throw;
        }
    }

    private bool ReThrowDisposed()
    {
        _inUse.Release();
        throw new PluginUseException(Info.Name, null, PluginMisuse.Disposed, "its pool was disposed", "Rent before the pool is disposed, or keep the pool longer.");
    }

    private void GiveBack(PluginVersion version, PluginInstance instance)
    {
        try
        {
            bool reuse = instance.Uses < _options.Pool.MaxUses && instance.HeldResources == 0 && instance.CanEnter;
            if (!reuse || !version.TryKeep(instance, _options.Pool.MaxIdle))
                instance.Destroy();
        }
        finally
        {
            version.Leave();
            _inUse.Release();
        }
    }

    /// <summary>
    /// Goes over to a new version: instances that are rented from now on are of it, calls in flight end on the old one. Completes when the old
    /// version's last instance was given back and its code is freed; nobody needs to wait for that.
    /// </summary>
    /// <param name="next">The new version; the pool owns it from now on, unless this throws.</param>
    /// <exception cref="PluginMismatchException">It does not fit the world; the old version stays.</exception>
    public Task SwapAsync(PluginComponent next)
    {
        ArgumentNullException.ThrowIfNull(next);
        next.Link<TPlugin>();
        PluginVersion old;
        lock (_swap)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            old = _current;
            Volatile.Write(ref _current, new PluginVersion(next));
        }

        return old.CloseAsync(final: false);
    }

    /// <summary>Ends the pool. Instances that are in use stay valid until they are disposed.</summary>
    public void Dispose() => _ = Close();

    /// <summary>Ends the pool; completes when the last instance was given back and everything is freed.</summary>
    public async ValueTask DisposeAsync() => await Close().ConfigureAwait(false);

    private Task Close()
    {
        lock (_swap)
        {
            _disposed = true;
            return _current.CloseAsync(final: true);
        }
    }
}

/// <summary>What one instance imports, and the scope of services that ends with it.</summary>
internal readonly record struct PluginImports(object? Imports, IDisposable? Scope);

/// <summary>One version of a plug-in in a pool.</summary>
internal sealed class PluginVersion(PluginComponent component)
{
    private readonly Lock _lock = new();
    private readonly Stack<PluginInstance> _idle = [];
    private int _leases;
    private bool _closed;
    private bool _final;
    private bool _freeing;

    public PluginComponent Component { get; } = component;

    /// <summary>False when the version is closed; <paramref name="final"/> when no other comes after it.</summary>
    public bool TryEnter(out bool final)
    {
        lock (_lock)
        {
            final = _final;
            if (_closed)
                return false;
            _leases++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_leases > 0 || !_closed || _freeing)
                return;
            _freeing = true;
        }

        Component.Dispose();
    }

    public bool TryTakeIdle([NotNullWhen(true)] out PluginInstance? instance)
    {
        lock (_lock)
            return _idle.TryPop(out instance);
    }

    public bool TryKeep(PluginInstance instance, int maxIdle)
    {
        lock (_lock)
        {
            if (_closed || _idle.Count >= maxIdle)
                return false;
            _idle.Push(instance);
            return true;
        }
    }

    public Task CloseAsync(bool final)
    {
        PluginInstance[] idle;
        bool free;
        lock (_lock)
        {
            _closed = true;
            _final |= final;
            idle = [.. _idle];
            _idle.Clear();
            free = _leases == 0 && !_freeing;
            _freeing |= free;
        }

        foreach (PluginInstance instance in idle)
            instance.Destroy();
        if (free)
            Component.Dispose();
        return Component.Freed;
    }
}
