using Windhover.Engine.Interop;

namespace Windhover.Engine;

public sealed unsafe partial class Store
{
    // A deadline so far off that adding it to the current epoch cannot overflow.
    private const ulong NoDeadline = 1UL << 62;

    private Interruption? _interruption;

    /// <summary>
    /// Limits how long guests of this store may run from now on, and lets another thread stop them. They then trap with
    /// <see cref="TrapKind.Interrupt"/>; when it was the token, with an <see cref="OperationCanceledException"/> inside.
    /// </summary>
    /// <param name="timeout">Wall time, rounded up to the engine's tick, never cut short. <see cref="Timeout.InfiniteTimeSpan"/> means no limit.</param>
    /// <param name="cancellation">Looked at once a tick. Replaces the one of an earlier call.</param>
    /// <remarks>Only guest code is stopped: a host function that blocks has to look after its own time.</remarks>
    /// <exception cref="InvalidOperationException">The engine has no <see cref="EngineOptions.EpochInterruption"/>.</exception>
    /// <exception cref="ObjectDisposedException">The store or its engine is disposed.</exception>
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

    private static void CheckFuel(nint error)
    {
        if (error != 0)
            throw new InvalidOperationException($"Fuel needs an engine with EngineOptions.Fuel: {NativeFailure.TakeMessage(error)}");
    }
}
