using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>
/// Compiles modules and owns what all of their instances share: the configuration, the pool and the clock of deadlines. Safe for use
/// from any thread; a process usually has one. Modules, linkers and stores made from it stay valid when it is disposed first.
/// </summary>
public sealed class WasmEngine : IDisposable
{
    private readonly Lazy<EngineHandle> _validator;
    private int _disposed;

    /// <summary>Creates an engine. The first one of a process also repairs the signal handlers (see RATIONALE.md).</summary>
    /// <param name="options">Null means the defaults.</param>
    /// <exception cref="ArgumentException">The options contradict each other or are out of range.</exception>
    /// <exception cref="ResourceLimitException">The machine cannot hold the pool that the options ask for.</exception>
    public WasmEngine(EngineOptions? options = null)
    {
        Options = options ?? new EngineOptions();
        EngineConfig.Validate(Options);
        Handle = EngineConfig.CreateEngine(Options);
        Instances = new InstanceCount(Options);
        Ticker = new EpochTicker(Handle, Options.EpochTick);
        _validator = new Lazy<EngineHandle>(() => EngineConfig.CreateValidator(Options));
    }

    /// <summary>What it was created with.</summary>
    public EngineOptions Options { get; }

    internal EngineHandle Handle { get; }

    /// <summary>How many instances live now, for telemetry. An instance lives as long as its store.</summary>
    public int LiveInstances => Instances.Live;

    /// <summary>
    /// Whether the calling thread has stack for one more guest, with 64 KiB to spare for the frames that lead to it. For a host function that could run another guest
    /// on its caller's thread or on a thread of its own.
    /// </summary>
    public bool HasStackForGuest() => StackGuard.HasRoom(Options.MaxWasmStackBytes, 64 * 1024);

    /// <summary>An engine that accepts what the user's options allow, and nothing that the guard needs besides.</summary>
    internal EngineHandle Validator => _validator.Value;

    internal EpochTicker Ticker { get; }

    internal InstanceCount Instances { get; }

    /// <summary>Releases the engine. Native resources go when the last module, linker and store made from it are gone.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Ticker.Dispose();
        Instances.Dispose();
        Handle.Dispose();
        if (_validator.IsValueCreated)
            _validator.Value.Dispose();
    }
}
