using Windhover.Components.Abi;
using Windhover.Components.Linking;

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
    private Operation? _operation;

    public SharedChannel Shared { get; } = shared;

    public CopyState State { get; set; }

    public bool IsCopying => State is CopyState.Copying or CopyState.CancellingCopy;

    /// <summary>What the end is, for messages.</summary>
    public abstract string What { get; }

    public abstract EventCode Event { get; }

    public bool IsStream => Shared is SharedStream;

    /// <summary>The guest's read or write. It is over when <see cref="Waitable.HasPendingEvent"/> is true.</summary>
    public void Copy(GuestInstance guest, uint index, GuestBuffer buffer)
    {
        State = CopyState.Copying;
        _operation = new Operation(this, guest, index, buffer);
        Begin(_operation);
    }

    protected abstract void Begin(CopyOperation operation);

    protected override GuestEvent MakeEvent()
    {
        Operation operation = _operation!;
        _operation = null;
        CopyResult result = operation.Result;
        if (operation.MayCopyMore)
            Shared.Reclaim(operation);

        // What was copied before the guest cancelled is told as cancelled, with its count: the specification's tests and Wasmtime say so.
        if (IsStream && State == CopyState.CancellingCopy && result == CopyResult.Completed)
            result = CopyResult.Cancelled;
        bool over = result == CopyResult.Dropped || (!IsStream && result == CopyResult.Completed);
        State = over ? CopyState.Done : CopyState.Idle;
        uint payload = IsStream ? (uint)result | (operation.Buffer.Progress << 4) : (uint)result;
        return new GuestEvent(Event, operation.Index, payload);
    }

    public override void Drop()
    {
        if (IsCopying)
            throw Traps.Create($"cannot drop busy {(IsStream ? "stream" : "future")}");
        Shared.Drop();
        base.Drop();
    }

    private sealed class Operation(CopyEnd end, GuestInstance guest, uint index, GuestBuffer buffer) : CopyOperation
    {
        public override GuestInstance Guest => guest;

        public override CopyBuffer Buffer => buffer;

        /// <summary>The end's handle.</summary>
        public uint Index => index;

        public CopyResult Result { get; private set; }

        /// <summary>The buffer is still with the channel.</summary>
        public bool MayCopyMore { get; private set; }

        public override void OnCopy() => Set(CopyResult.Completed, mayCopyMore: true);

        public override void OnDone(CopyResult result) => Set(result, mayCopyMore: false);

        private void Set(CopyResult result, bool mayCopyMore)
        {
            Result = result;
            MayCopyMore = mayCopyMore;
            end.SetPendingEvent();
        }
    }
}

internal sealed class ReadableEnd(SharedChannel shared) : CopyEnd(shared)
{
    public override string What => IsStream ? "readable end of a stream" : "readable end of a future";

    public override EventCode Event => IsStream ? EventCode.StreamRead : EventCode.FutureRead;

    protected override void Begin(CopyOperation operation) => Shared.Read(operation);
}

internal sealed class WritableEnd(SharedChannel shared) : CopyEnd(shared)
{
    public override string What => IsStream ? "writable end of a stream" : "writable end of a future";

    public override EventCode Event => IsStream ? EventCode.StreamWrite : EventCode.FutureWrite;

    protected override void Begin(CopyOperation operation) => Shared.Write(operation);

    public override void Drop()
    {
        if (!IsStream && State != CopyState.Done && !IsCopying)
            throw Traps.Create("cannot drop future write end without first writing a value");
        base.Drop();
    }
}
