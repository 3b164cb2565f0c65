using Windhover.Components.Async;
using Windhover.Components.Types;

namespace Windhover.Components.Abi;

public ref partial struct CanonicalContext
{
    /// <summary>Lifts the readable end of a stream or future: it leaves the guest's table (lift_async_value).</summary>
    internal readonly object LiftChannel(uint handle, ValType type) => type is StreamType
        ? new GuestStreamReader(Root, TakeChannel(handle, type))
        : new GuestFuture(Root, TakeChannel(handle, type));

    /// <summary>Lifts a stream: the host's to read from now on.</summary>
    public readonly GuestStreamReader LiftStream(uint handle, StreamType type) => new(Root, TakeChannel(handle, type));

    /// <summary>Lifts a future: the host's to read from now on.</summary>
    public readonly GuestFuture LiftFuture(uint handle, FutureType type) => new(Root, TakeChannel(handle, type));

    /// <summary>Lowers a stream: writing begins.</summary>
    /// <exception cref="ArgumentException">It is a stream of other items.</exception>
    public readonly uint LowerStream(HostStream stream, StreamType type) => LowerChannel(stream, type);

    /// <summary>Lowers a future: its value is written when it is there.</summary>
    public readonly uint LowerFuture(HostFuture future, FutureType type) => LowerChannel(future, type);

    /// <summary>Lifts a stream of typed items: the host's to read from now on.</summary>
    /// <param name="handle">The guest's handle.</param>
    /// <param name="type">The stream's type.</param>
    /// <param name="load">Reads an item; null for numbers.</param>
    public readonly GuestStreamReader<T> LiftStream<T>(uint handle, StreamType type, LoadItem<T>? load) => new(LiftStream(handle, type), load);

    /// <summary>Lifts a future of a typed value: the host's to read from now on.</summary>
    public readonly GuestFuture<T> LiftFuture<T>(uint handle, FutureType type, LoadItem<T>? load) => new(LiftFuture(handle, type), load);

    /// <summary>Lowers a stream of typed items: writing begins.</summary>
    /// <param name="stream">Used up.</param>
    /// <param name="type">The stream's type.</param>
    /// <param name="store">Writes an item; null for numbers.</param>
    public readonly uint LowerStream<T>(HostStream<T> stream, StreamType type, StoreItem<T>? store)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Guest.Handles.AddObject(new ReadableEnd(stream.Take(Root, type, store)));
    }

    /// <summary>Lowers a future of a typed value: it is written when it is there.</summary>
    public readonly uint LowerFuture<T>(HostFuture<T> future, FutureType type, StoreItem<T>? store)
    {
        ArgumentNullException.ThrowIfNull(future);
        return Guest.Handles.AddObject(new ReadableEnd(future.Take(Root, type, store)));
    }

    private readonly SharedChannel TakeChannel(uint handle, ValType type)
    {
        bool isStream = type is StreamType;
        ValType? element = isStream ? ((StreamType)type).Element : ((FutureType)type).Element;
        string what = isStream ? "readable end of a stream" : "readable end of a future";
        ReadableEnd end = Guest.Handles.GetObject<ReadableEnd>(handle, what);
        if (end.IsStream != isStream || end.Shared.Element != element)
            throw Traps.Create($"handle index {handle} is a {end.What} of another type");
        if (end.State == CopyState.Done)
            throw Traps.Create($"cannot lift {(isStream ? "stream after being notified that the writable end dropped" : "future after previous read succeeded")}");
        if (end.State != CopyState.Idle)
            throw Traps.Create($"cannot lift a {what} that is in use");
        if (end.Set is not null)
            throw Traps.Create("cannot transfer a waitable while it is in a waitable set");
        Guest.Handles.Remove(handle);
        return end.Shared;
    }

    /// <summary>Lowers the readable end of a stream or future, the host's or another guest's.</summary>
    internal readonly uint LowerChannel(object? value, ValType type)
    {
        string? difference = value is IChannelSource source ? source.Difference(type) : "it is no stream or future";
        if (difference is not null)
            throw new ArgumentException($"The value does not fit `{type}`: {difference}.");
        return Guest.Handles.AddObject(new ReadableEnd(((IChannelSource)value!).Take(Root, type)));
    }

    /// <summary>Lifts an error context. The guest keeps its handle.</summary>
    public readonly ErrorContext LiftErrorContext(uint handle) => Guest.Handles.GetObject<ErrorContext>(handle, "error context");

    /// <summary>Lowers an error context.</summary>
    public readonly uint LowerErrorContext(ErrorContext error) => Guest.Handles.AddObject(error ?? throw new ArgumentNullException(nameof(error)));

    /// <summary>Lifts an error context that stands in memory.</summary>
    public ErrorContext LoadErrorContext(uint address) => LiftErrorContext(LoadU32(address));

    /// <summary>Lowers an error context into memory.</summary>
    public void StoreErrorContext(uint address, ErrorContext error) => StoreU32(address, LowerErrorContext(error));
}
