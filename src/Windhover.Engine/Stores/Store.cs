using System.Runtime.CompilerServices;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>
/// Holds instances and everything they own, and is dropped as a whole: usually one per request. Not safe for use from two threads at
/// once (it may move between threads while nothing runs in it). Disposing frees memory and slots at once; functions, memories and
/// instances of the store are invalid from then on and say so.
/// </summary>
public sealed unsafe class Store : IDisposable
{
    // Ids that no native store has: not known before the first object of the store was made, and after Dispose.
    private const ulong UnknownId = ulong.MaxValue;
    private const ulong DisposedId = ulong.MaxValue - 1;

    // A deadline so far off that adding it to the current epoch cannot overflow.
    private const ulong NoDeadline = 1UL << 62;

    private readonly StoreCell _cell;
    private readonly int _maxStack;
    private nint _context;
    private ulong _id = UnknownId;
    private int _runningThread;
    private Exception? _pending;
    private Interruption? _interruption;
    private bool _hasWasi;

    /// <summary>Makes an empty store.</summary>
    /// <param name="engine">The engine whose modules it will run.</param>
    /// <param name="limits">Null means: no limit but the engine's.</param>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Store(WasmEngine engine, StoreLimits? limits = null)
    {
        Engine = engine;
        _maxStack = engine.Options.MaxWasmStackBytes;
        _cell = StoreCell.Open(this, engine);
        _context = Native.wasmtime_store_context(_cell.Native);
        if (engine.Options.EpochInterruption)
            Native.wasmtime_context_set_epoch_deadline(_context, NoDeadline);
        if (limits is not null)
        {
            Native.wasmtime_store_limiter(
                _cell.Native,
                limits.MaxMemoryBytes ?? -1,
                limits.MaxTableElements ?? -1,
                limits.MaxInstances ?? -1,
                limits.MaxTables ?? -1,
                limits.MaxMemories ?? -1);
        }
    }

    /// <summary>The engine it was made from.</summary>
    public WasmEngine Engine { get; }

    /// <summary>Anything that host functions want to find again: they are given the store. Not disposed with it.</summary>
    public object? State { get; set; }

    /// <summary>The native context, after the check that the store may be used.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    internal nint Context
    {
        get
        {
            ObjectDisposedException.ThrowIf(_context == 0, this);
            return _context;
        }
    }

    /// <summary>
    /// Limits how long guests of this store may run from now on, and lets another thread stop them. They then trap with
    /// <see cref="TrapKind.Interrupt"/>; when it was the token, with an <see cref="OperationCanceledException"/> inside.
    /// </summary>
    /// <param name="timeout">Wall time, rounded up to the engine's tick, never cut short. <see cref="Timeout.InfiniteTimeSpan"/> means no limit.</param>
    /// <param name="cancellation">Looked at once a tick. Replaces the one of an earlier call.</param>
    /// <remarks>Only guest code is stopped: a host function that blocks has to look after its own time.</remarks>
    /// <exception cref="InvalidOperationException">The engine has no <see cref="EngineOptions.EpochInterruption"/>.</exception>
    public void SetDeadline(TimeSpan timeout, CancellationToken cancellation = default)
    {
        var context = Context;
        if (!Engine.Options.EpochInterruption)
            throw new InvalidOperationException("Deadlines need an engine with EngineOptions.EpochInterruption.");
        if (timeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        var endless = timeout == Timeout.InfiniteTimeSpan;
        _cell.SetDeadline(endless && !cancellation.CanBeCanceled ? null : Engine.Ticker);
        if (cancellation.CanBeCanceled)
            _interruption ??= Interruption.Install(_cell.Native);
        _interruption?.Start(timeout, cancellation);
        var steps = cancellation.CanBeCanceled ? 1 : endless ? NoDeadline : Engine.Ticker.StepsUntil(timeout);
        Native.wasmtime_context_set_epoch_deadline(context, steps);
    }

    /// <summary>Sets the fuel that is left. One unit is about one instruction.</summary>
    /// <exception cref="InvalidOperationException">The engine has no <see cref="EngineOptions.Fuel"/>.</exception>
    public void SetFuel(ulong fuel) => CheckFuel(Native.wasmtime_context_set_fuel(Context, fuel));

    /// <summary>Reads the fuel that is left.</summary>
    /// <exception cref="InvalidOperationException">The engine has no <see cref="EngineOptions.Fuel"/>.</exception>
    public ulong GetFuel()
    {
        ulong fuel;
        CheckFuel(Native.wasmtime_context_get_fuel(Context, &fuel));
        return fuel;
    }

    /// <summary>Grants WASI 0.1 to the guests of this store. Once per store, before the first instance.</summary>
    /// <exception cref="InvalidOperationException">The store has been given one already.</exception>
    /// <exception cref="IOException">A file or directory in it cannot be opened.</exception>
    /// <exception cref="ArgumentException">A string in it holds a NUL character.</exception>
    public void SetWasi(WasiPreview1Config config)
    {
        var context = Context;
        if (_hasWasi)
            throw new InvalidOperationException("The store has its WASI configuration already: it is set once, before the first instance.");
        var error = Native.wasmtime_context_set_wasi(context, WasiContext.Create(config));
        if (error != 0)
            throw new InvalidOperationException(NativeFailure.TakeMessage(error));
        _hasWasi = true;
    }

    /// <summary>Makes an instance of a module in this store and runs its start function.</summary>
    /// <param name="module">A module of the same engine.</param>
    /// <param name="imports">What the module imports, in the order of <see cref="Module.Imports"/>.</param>
    /// <exception cref="LinkException">An import is missing or of another type.</exception>
    /// <exception cref="ResourceLimitException">The pool is full, or the store's limits forbid what the module needs.</exception>
    /// <exception cref="TrapException">The start function, or a data or element segment, trapped.</exception>
    public Instance Instantiate(Module module, ReadOnlySpan<Extern> imports)
    {
        var context = Context;
        CheckEngine(module.Engine);
        nint error, trap = 0;
        NativeInstance instance;
        var natives = new NativeExtern[imports.Length];
        for (var i = 0; i < imports.Length; i++)
        {
            Own(imports[i].StoreId);
            natives[i] = imports[i].Native;
        }
        var outer = BeginInstance();
        fixed (NativeExtern* first = natives)
            error = Native.wasmtime_instance_new(context, module.Handle, first, (nuint)imports.Length, &instance, &trap);
        return EndInstance(outer, error, trap, instance);
    }

    /// <summary>Makes a function of the host that belongs to this store.</summary>
    public Function CreateFunction(HostFunction function)
    {
        var context = Context;
        NativeFunction native;
        var type = TypeReader.CreateFunction(function.Type);
        Native.wasmtime_func_new_unchecked(
            context, type, &HostTrampoline.Invoke, HostTrampoline.Hold(function), &HostTrampoline.Release, &native);
        Native.wasm_functype_delete(type);
        _id = native.StoreId;
        return new Function(native);
    }

    /// <summary>Drops every instance of the store.</summary>
    /// <exception cref="InvalidOperationException">A guest of this store is running.</exception>
    public void Dispose()
    {
        if (_runningThread != 0)
            throw new InvalidOperationException("A store cannot be disposed while a guest runs in it.");
        if (Interlocked.Exchange(ref _context, 0) == 0)
            return;
        _id = DisposedId;
        _cell.Close();
    }

    /// <summary>Marks the store as running on this thread. The result goes to <see cref="Leave"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Enter()
    {
        var thread = Environment.CurrentManagedThreadId;
        var outer = _runningThread;
        if (outer == 0)
            StackGuard.Ensure(_maxStack);
        else if (outer != thread)
            ThrowTwoThreads();
        _runningThread = thread;
        return outer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Leave(int outer) => _runningThread = outer;

    /// <summary>The native context, after the check that something with the given id is of this store, which is not disposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal nint Own(ulong id)
    {
        if (id != _id)
            ThrowForeign();
        return _context;
    }

    /// <summary>First half of an instantiation: counts the instance and enters the store.</summary>
    internal int BeginInstance()
    {
        var outer = Enter();
        try
        {
            _cell.AddInstance();
        }
        catch
        {
            Leave(outer);
            throw;
        }
        return outer;
    }

    /// <summary>Second half: leaves the store and wraps the instance, or throws what went wrong.</summary>
    internal Instance EndInstance(int outer, nint error, nint trap, NativeInstance instance)
    {
        Leave(outer);
        if ((error | trap) != 0)
        {
            // An instance whose start function trapped stays in the native store, but no harm is done in counting one too few.
            _cell.RemoveInstance();
            ThrowFailure(error, trap);
        }
        _id = instance.StoreId;
        return new Instance(instance);
    }

    /// <summary>Instead of the second half, when the native call was not made.</summary>
    internal void AbandonInstance(int outer)
    {
        Leave(outer);
        _cell.RemoveInstance();
    }

    /// <summary>The store's epoch deadline has come: zero to run on until <paramref name="delta"/> more ticks, else a native error.</summary>
    internal nint OnDeadline(ulong* delta)
    {
        *delta = 1;
        if (_interruption!.Decide() is not { } exception)
            return 0;
        _pending = exception;
        fixed (byte* message = "interrupted\0"u8)
            return Native.wasmtime_error_new(message);
    }

    /// <summary>Grants nothing when nothing was granted: natively, a WASI call without a configuration aborts the process.</summary>
    internal void EnsureWasi()
    {
        if (!_hasWasi)
            SetWasi(new WasiPreview1Config());
    }

    /// <summary>Refuses what was made from another engine: natively that aborts the process in places.</summary>
    internal void CheckEngine(WasmEngine engine)
    {
        if (!ReferenceEquals(engine, Engine))
            throw new ArgumentException("The module or linker is of another engine than the store.");
    }

    /// <summary>Keeps what a host function threw until the call that entered the guest returns; gives the trap that makes it return.</summary>
    internal nint Stash(Exception exception)
    {
        _pending = exception;
        fixed (byte* message = "host"u8)
            return Native.wasmtime_trap_new(message, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ThrowIfFailed(nint error, nint trap)
    {
        if ((error | trap) != 0)
            ThrowFailure(error, trap);
    }

    private void ThrowFailure(nint error, nint trap)
    {
        var pending = _pending;
        _pending = null;
        NativeFailure.Throw(_context, pending, error, trap);
    }

    private void ThrowForeign()
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        throw new InvalidOperationException("The function, memory, table, global or instance belongs to another store (or is the default value).");
    }

    private static void ThrowTwoThreads() =>
        throw new InvalidOperationException("The store is running on another thread: a store serves one thread at a time.");

    private static void CheckFuel(nint error)
    {
        if (error != 0)
            throw new InvalidOperationException($"Fuel needs an engine with EngineOptions.Fuel: {NativeFailure.TakeMessage(error)}");
    }
}
