using Windhover.Components.Async;
using Windhover.Components.Types;

namespace Windhover.Components.Abi;

public ref partial struct CanonicalContext
{
    /// <summary>Lifts the readable end of a stream or future: it leaves the guest's table (lift_async_value).</summary>
    internal readonly SharedChannel LiftChannel(uint handle, ValType type)
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

    /// <summary>Lowers the readable end of a stream or future.</summary>
    internal readonly uint LowerChannel(SharedChannel channel) => Guest.Handles.AddObject(new ReadableEnd(channel));

    internal readonly ErrorContext LiftErrorContext(uint handle) => Guest.Handles.GetObject<ErrorContext>(handle, "error context");

    internal readonly uint LowerErrorContext(ErrorContext error) => Guest.Handles.AddObject(error);
}
