using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Async;

// The built-ins of streams, futures and error contexts (Canonical ABI, "Canonical Definitions"). A copy answers at once with its result, or
// BLOCKED, and then an event follows; lowered without `async` it blocks the stack instead.
internal static class CopyBuiltins
{
    private static readonly FunctionType s_toI64 = new([], [ValueKind.I64]);
    private static readonly FunctionType s_i32 = new([ValueKind.I32], []);
    private static readonly FunctionType s_i32ToI32 = new([ValueKind.I32], [ValueKind.I32]);
    private static readonly FunctionType s_two = new([ValueKind.I32, ValueKind.I32], []);
    private static readonly FunctionType s_twoToI32 = new([ValueKind.I32, ValueKind.I32], [ValueKind.I32]);
    private static readonly FunctionType s_threeToI32 = new([ValueKind.I32, ValueKind.I32, ValueKind.I32], [ValueKind.I32]);

    public static HostFunction New(int instance, ValType? element, bool isStream) => new Builtin(s_toI64, instance, (_, guest, values) =>
    {
        SharedChannel shared = isStream ? new SharedStream(element) : new SharedFuture(element);
        uint readable = guest.Handles.AddObject(new ReadableEnd(shared));
        uint writable = guest.Handles.AddObject(new WritableEnd(shared));
        values[0] = readable | ((ulong)writable << 32);
    });

    public static HostFunction Copy<TEnd>(int instance, ValType? element, bool isStream, CanonicalOptions options)
        where TEnd : CopyEnd => new Builtin(isStream ? s_threeToI32 : s_twoToI32, instance, (root, guest, values) =>
    {
        uint index = values[0].U32;
        TEnd end = End<TEnd>(guest, index, element, isStream);
        if (end.State == CopyState.Done)
            throw Traps.Create(isStream ? "cannot read from or write to stream after being notified that the other end dropped" : "cannot use a future after its value was transferred");
        if (end.State != CopyState.Idle)
            throw Traps.Create("cannot have concurrent operations active on a future/stream");
        if (end.Set is not null && !options.IsAsync)
            throw Traps.Create("waitable cannot be used synchronously while added to a waitable set");

        var buffer = new GuestBuffer(root, options, element, values[1].U32, isStream ? values[2].U32 : 1);
        end.Copy(guest, index, buffer);
        if (!end.HasPendingEvent)
        {
            if (options.IsAsync)
            {
                values[0] = TaskBuiltins.Blocked;
                return;
            }

            TaskBuiltins.BlockOn(root, end);
        }

        values[0] = end.TakePendingEvent().Payload;
    });

    public static HostFunction CancelCopy<TEnd>(int instance, ValType? element, bool isStream, bool isAsync)
        where TEnd : CopyEnd => new Builtin(s_i32ToI32, instance, (root, guest, values) =>
    {
        TEnd end = End<TEnd>(guest, values[0].U32, element, isStream);
        if (end.State != CopyState.Copying || end.HasSyncWaiter)
            throw Traps.Create("no operation of the stream or future is under way that could be cancelled");
        if (end.Set is not null && !isAsync)
            throw Traps.Create("waitable cannot be used synchronously while added to a waitable set");
        end.State = CopyState.CancellingCopy;
        if (!end.HasPendingEvent)
        {
            end.Shared.Cancel();
            if (!end.HasPendingEvent)
            {
                if (isAsync)
                {
                    values[0] = TaskBuiltins.Blocked;
                    return;
                }

                TaskBuiltins.BlockOn(root, end);
            }
        }

        values[0] = end.TakePendingEvent().Payload;
    });

    public static HostFunction Drop<TEnd>(int instance, ValType? element, bool isStream)
        where TEnd : CopyEnd => new Builtin(s_i32, instance, (_, guest, values) =>
    {
        End<TEnd>(guest, values[0].U32, element, isStream).Drop();
        guest.Handles.Remove(values[0].U32);
    });

    public static HostFunction ErrorNew(int instance, CanonicalOptions options) => new Builtin(s_twoToI32, instance, (root, guest, values) =>
    {
        string message = new CanonicalContext(root, options).LiftString(values[0].U32, values[1].U32);
        values[0] = guest.Handles.AddObject(new ErrorContext(message));
    });

    public static HostFunction ErrorMessage(int instance, CanonicalOptions options) => new Builtin(s_two, instance, (root, guest, values) =>
    {
        ErrorContext error = guest.Handles.GetObject<ErrorContext>(values[0].U32, "error context");
        var cx = new CanonicalContext(root, options);
        uint address = cx.CheckBlock(values[1].U32, 8, 4);
        cx.StoreString(address, error.DebugMessage);
    });

    public static HostFunction ErrorDrop(int instance) => new Builtin(
        s_i32, instance, (_, guest, values) => guest.Handles.RemoveObject<ErrorContext>(values[0].U32, "error context"));

    private static TEnd End<TEnd>(GuestInstance guest, uint index, ValType? element, bool isStream)
        where TEnd : CopyEnd
    {
        TEnd end = guest.Handles.GetObject<TEnd>(index, (typeof(TEnd) == typeof(ReadableEnd), isStream) switch
        {
            (true, true) => "readable end of a stream",
            (true, false) => "readable end of a future",
            (false, true) => "writable end of a stream",
            (false, false) => "writable end of a future",
        });
        if (end.IsStream != isStream || end.Shared.Element != element)
            throw Traps.Create($"handle index {index} is a {end.What} of another type");
        return end;
    }
}

/// <summary>An error that passes between components, with a message for those who debug (Canonical ABI, "error-context").</summary>
public sealed class ErrorContext(string debugMessage)
{
    /// <summary>The message. It means nothing to programs and may be empty.</summary>
    public string DebugMessage { get; } = debugMessage;
}
