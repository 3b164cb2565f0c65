using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>
/// Holds instances and everything they own, and is dropped as a whole: usually one per request. Not safe for use from two threads at
/// once (it may move between threads while nothing runs in it). Disposing frees memory and slots at once; functions, memories and
/// instances of the store are invalid from then on and say so.
/// </summary>
public sealed unsafe partial class Store : IDisposable
{
    // Ids that no native store has: not known before the first object of the store was made, and after Dispose.
    private const ulong UnknownId = ulong.MaxValue;
    private const ulong DisposedId = ulong.MaxValue - 1;

    private readonly StoreCell _cell;
    private readonly StoreLimits? _limits;
    private readonly int _maxStack;
    private readonly long _life;
    private nint _context;
    private ulong _id = UnknownId;
    private bool _hasWasi;

    /// <summary>Makes an empty store.</summary>
    /// <param name="engine">The engine whose modules it will run.</param>
    /// <param name="limits">Null means: no limit but the engine's.</param>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is negative.</exception>
    public Store(WasmEngine engine, StoreLimits? limits = null)
    {
        limits?.Validate();
        Engine = engine;
        _maxStack = engine.Options.MaxWasmStackBytes;
        _cell = StoreCell.Open(this, engine);
        _life = _cell.Life;
        _context = Native.wasmtime_store_context(_cell.Native);
        if (engine.Options.Stopping == Interruption.Epoch)
            Native.wasmtime_context_set_epoch_deadline(_context, NoDeadline);
        _limits = limits;
        SetLimits(0);
    }

    /// <summary>Makes an empty store for an instance of an app, within what the app's budget gave it.</summary>
    /// <param name="engine">The engine whose modules it will run.</param>
    /// <param name="lease">Becomes the store's, which disposes of it.</param>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Store(WasmEngine engine, MemoryLease lease) : this(engine)
    {
        _cell.Lease = lease;
        ApplyLease(lease);
    }

    /// <summary>The engine it was made from.</summary>
    public WasmEngine Engine { get; }

    /// <summary>Anything that host functions want to find again: they are given the store. Not disposed with it.</summary>
    public object? State { get; set; }

    /// <summary>Whether it has been disposed.</summary>
    public bool IsDisposed => _context == 0;

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
    /// <exception cref="ModuleLinkException">An import is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The module is of another engine.</exception>
    /// <exception cref="ObjectDisposedException">The store or the module is disposed.</exception>
    /// <exception cref="ResourceLimitException">The pool is full, or the store's limits forbid what the module needs.</exception>
    /// <exception cref="TrapException">The start function, or a data or element segment, trapped.</exception>
    public Instance Instantiate(Module module, ReadOnlySpan<Extern> imports)
    {
        var context = Context;
        CheckEngine(module.Engine);
        nint error, trap = 0;
        NativeInstance instance;
        foreach (ref readonly var import in imports)
            Own(import.StoreId);
        var outer = BeginInstance(module.Guarded);
        try
        {
            // An Extern is its native form and nothing else.
            fixed (Extern* first = imports)
                error = Native.wasmtime_instance_new(context, module.Handle, (NativeExtern*)first, (nuint)imports.Length, &instance, &trap);
        }
        catch (ObjectDisposedException)
        {
            AbandonInstance(outer);
            throw;
        }
        return EndInstance(outer, error, trap, instance, module.Guarded);
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

    /// <summary>Something that native code has put into this store, which learns its id by it.</summary>
    internal Extern Adopt(in NativeExtern item)
    {
        _id = item.StoreId;
        return new Extern(item);
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
}
