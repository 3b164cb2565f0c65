using Windhover.Components.Abi;

namespace Windhover.Components.Async;

internal enum CopyState : byte
{
    Idle,
    Copying,
    CancellingCopy,
    Done,
}

/// <summary>A guest's end of a stream or future (Canonical ABI, "Stream State").</summary>
internal abstract class CopyEnd(SharedChannel shared) : Waitable
{
    public SharedChannel Shared { get; } = shared;

    public CopyState State { get; set; }

    public bool IsCopying => State is CopyState.Copying or CopyState.CancellingCopy;

    /// <summary>What the end is, for messages.</summary>
    public abstract string What { get; }

    public abstract EventCode Event { get; }

    public bool IsStream => Shared is SharedStream;

    public abstract void Copy(CopyOperation operation);

    public override void Drop()
    {
        if (IsCopying)
            throw Traps.Create($"cannot drop busy {(IsStream ? "stream" : "future")}");
        Shared.Drop();
        base.Drop();
    }
}

internal sealed class ReadableEnd(SharedChannel shared) : CopyEnd(shared)
{
    public override string What => IsStream ? "readable end of a stream" : "readable end of a future";

    public override EventCode Event => IsStream ? EventCode.StreamRead : EventCode.FutureRead;

    public override void Copy(CopyOperation operation) => Shared.Read(operation);
}

internal sealed class WritableEnd(SharedChannel shared) : CopyEnd(shared)
{
    public override string What => IsStream ? "writable end of a stream" : "writable end of a future";

    public override EventCode Event => IsStream ? EventCode.StreamWrite : EventCode.FutureWrite;

    public override void Copy(CopyOperation operation) => Shared.Write(operation);

    public override void Drop()
    {
        if (!IsStream && State != CopyState.Done && !IsCopying)
            throw Traps.Create("cannot drop future write end without first writing a value");
        base.Drop();
    }
}
