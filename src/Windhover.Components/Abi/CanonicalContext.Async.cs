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

    internal readonly ErrorContext LiftErrorContext(uint handle) => Guest.Handles.GetObject<ErrorContext>(handle, "error context");

    internal readonly uint LowerErrorContext(ErrorContext error) => Guest.Handles.AddObject(error);
}
