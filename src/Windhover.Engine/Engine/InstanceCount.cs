namespace Windhover.Engine;

/// <summary>Counts the live instances of one engine and charges their maps to <see cref="MachineLimits"/>.</summary>
internal sealed class InstanceCount(EngineOptions options)
{
    private readonly Lock _gate = new();
    private readonly int _mapsPerInstance = MachineLimits.MapsPerInstance(options);
    private int _live;
    private int _charged;
    private bool _disposed;

    /// <summary>How many live now.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>Counts an instance that is about to be made.</summary>
    /// <exception cref="ResourceLimitException">The machine allows no more.</exception>
    public void Add()
    {
        if (Interlocked.Increment(ref _live) > Volatile.Read(ref _charged))
            Charge();
    }

    /// <summary>Counts instances that are gone.</summary>
    public void Remove(int count)
    {
        // A pool's slots keep their maps; without a pool they are gone with the instance.
        if (Interlocked.Add(ref _live, -count) == 0 || !options.Pooling)
            Settle();
    }

    /// <summary>The engine is disposed: its maps go with its last instance.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Settle();
    }

    private void Charge()
    {
        lock (_gate)
        {
            while (_charged < Volatile.Read(ref _live))
            {
                if (!MachineLimits.TryCharge(_mapsPerInstance))
                {
                    Interlocked.Decrement(ref _live);
                    throw new ResourceLimitException(
                        $"The kernel's limit of memory maps allows no more instances in this process ({Live} are alive in this engine): "
                        + "drop some, dispose of engines that are not needed, or raise vm.max_map_count (sysctl).");
                }
                _charged++;
            }
        }
    }

    private void Settle()
    {
        if (options.Pooling && !Volatile.Read(ref _disposed))
            return;
        lock (_gate)
        {
            for (; _charged > Volatile.Read(ref _live); _charged--)
                MachineLimits.Release(_mapsPerInstance);
        }
    }
}
