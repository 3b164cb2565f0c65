using Windhover.Engine.Interop;

namespace Windhover.Engine;

public sealed unsafe partial class Store
{
    // A deadline so far off that adding it to the current epoch cannot overflow.
    private const ulong NoDeadline = 1UL << 62;

    private EpochCallback? _interruption;

    /// <summary>
    /// Limits how long guests of this store may run from now on, and lets another thread stop them. They then trap with
    /// <see cref="TrapKind.Interrupt"/>; when it was the token, with an <see cref="OperationCanceledException"/> inside.
    /// </summary>
    /// <param name="timeout">
    /// Wall time, rounded up to a millisecond (with <see cref="Interruption.Epoch"/>, to the engine's tick), never cut short.
    /// <see cref="Timeout.InfiniteTimeSpan"/> means no limit.
    /// </param>
    /// <param name="cancellation">Stops them at once (with <see cref="Interruption.Epoch"/>, at the next tick). Replaces the one of an earlier call.</param>
    /// <remarks>Only guest code is stopped: a host function that blocks has to look after its own time.</remarks>
    /// <exception cref="InvalidOperationException">The engine has no <see cref="EngineOptions.Interruption"/>.</exception>
    /// <exception cref="ObjectDisposedException">The store or its engine is disposed.</exception>
    public void SetDeadline(TimeSpan timeout, CancellationToken cancellation = default)
    {
        var context = Context;
        if (Engine.Options.Stopping == Interruption.None)
            throw new InvalidOperationException("Deadlines need an engine with EngineOptions.Interruption.");
        if (timeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        if (_cell.Guards is { } guards)
        {
            guards.Arm(DeadlineClock.After(timeout), cancellation);
            return;
        }
        var endless = timeout == Timeout.InfiniteTimeSpan;
        _cell.SetDeadline(endless && !cancellation.CanBeCanceled ? null : Engine.Ticker);
        if (cancellation.CanBeCanceled)
            _interruption ??= EpochCallback.Install(_cell.Native);
        _interruption?.Start(timeout, cancellation);
        var steps = cancellation.CanBeCanceled ? 1 : endless ? NoDeadline : Engine.Ticker.StepsUntil(timeout);
        Native.wasmtime_context_set_epoch_deadline(context, steps);
    }

    /// <summary>
    /// Stops what runs in this store, and what is called in it later, until the next <see cref="SetDeadline"/>; then as with a deadline. Does nothing when
    /// the store is disposed. Safe for use from any thread.
    /// </summary>
    /// <exception cref="InvalidOperationException">The engine does not use <see cref="Interruption.GuardPage"/>: use a token there.</exception>
    public void Interrupt()
    {
        if (Engine.Options.Stopping != Interruption.GuardPage)
            throw new InvalidOperationException("Interrupt needs an engine that stops guests by guard pages; give SetDeadline a token instead.");
        _cell.Guards?.Stop(_life);
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

    private const long GuardBytes = 4096;

    // Wasmtime counts guards as memories of the guest, and would refuse one that is larger than its memories may be.
    private void SetLimits(int guards)
    {
        if (_limits is null)
            return;
        Native.wasmtime_store_limiter(
            _cell.Native,
            _limits.MaxMemoryBytes is { } bytes ? Math.Max(bytes, GuardBytes) : -1,
            _limits.MaxTableElements ?? -1,
            _limits.MaxInstances ?? -1,
            _limits.MaxTables ?? -1,
            _limits.MaxMemories is { } memories ? Math.Min(memories, int.MaxValue - guards) + guards : -1);
    }

    /// <summary>Makes a new instance stoppable, and runs its start function.</summary>
    private void Guard(NativeInstance instance, GuardedCode guarded)
    {
        var memory = FindAdded(instance, GuardedCode.MemoryExport).Item;
        _cell.Guards!.Add(
            Native.wasmtime_memory_data(_context, &memory), Native.wasmtime_memory_data_size(_context, &memory), guarded);
        guarded.Data?.CopyTo(_context, FindAdded(instance, GuardedCode.DataExport).Item);
        if (!guarded.HasStart)
            return;
        try
        {
            new Function(FindAdded(instance, GuardedCode.StartExport).Function).Call(this, []);
        }
        catch
        {
            _cell.RemoveInstance();
            throw;
        }
    }

    private NativeExtern FindAdded(NativeInstance instance, ReadOnlySpan<byte> name)
    {
        NativeExtern item;
        fixed (byte* bytes = name)
        {
            if (Native.wasmtime_instance_export_get(_context, &instance, bytes, (nuint)name.Length, &item) == 0)
                throw new InvalidOperationException("A module lacks what its rewriting added: its entry in the compile cache is of another program.");
        }
        return item;
    }

    /// <summary>Whose budget pays for what this store holds; null: nobody's.</summary>
    public BudgetMeter? Meter => _cell.Lease?.Meter;

    /// <summary>
    /// The guest is about to wait in a host function: its room for growth goes back to the app. On the guest's thread; <see cref="EndWait"/> follows before
    /// the guest goes on.
    /// </summary>
    /// <param name="memoryBytes">The size of its memory; a guest with several keeps its room.</param>
    public void BeginWait(long memoryBytes) => _cell.Lease?.Park(memoryBytes);

    /// <summary>The guest goes on: it may grow again as far as the app's budget has room now.</summary>
    public void EndWait()
    {
        if (_context != 0 && _cell.Lease is { } lease && lease.Resume())
            ApplyLease(lease);
    }

    // A store's limits can be set anew as long as no guest of it runs: at its start, and within a host function.
    private void ApplyLease(MemoryLease lease)
    {
        if (lease.EachMemory != Budget.Unlimited)
            Native.wasmtime_store_limiter(_cell.Native, Math.Max(lease.EachMemory, GuardBytes), lease.EachTable, -1, -1, -1);
    }

    private static void CheckFuel(nint error)
    {
        if (error != 0)
            throw new InvalidOperationException($"Fuel needs an engine with EngineOptions.Fuel: {NativeFailure.TakeMessage(error)}");
    }
}
