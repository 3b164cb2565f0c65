using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

internal enum CopyResult : uint
{
    Completed = 0,
    Dropped = 1,
    Cancelled = 2,
}

/// <summary>What the two ends of a stream or future share.</summary>
internal abstract class SharedChannel(ValType? element)
{
    public ValType? Element { get; } = element;

    public bool IsDropped { get; private set; }

    /// <summary>Tells the host's end that the other one is gone.</summary>
    public Action? OnDropped { get; set; }

    public abstract void Read(CopyOperation target);

    public abstract void Write(CopyOperation source);

    /// <summary>The operation that came first and waits for the other end.</summary>
    protected CopyOperation? Pending { get; set; }

    /// <summary>Whether a read would not wait, as far as another thread can see: a hint, for who has something else to do before it waits.</summary>
    public bool IsReadable => IsDropped || Pending is { Buffer.Remaining: > 0 };

    /// <summary>What the channel is, for messages.</summary>
    protected abstract string What { get; }

    /// <summary>Ends the pending copy, of whichever end it is, as cancelled.</summary>
    public void Cancel() => Notify(CopyResult.Cancelled);

    /// <summary>One end is gone.</summary>
    public void Drop()
    {
        if (IsDropped)
            return;
        IsDropped = true;
        Notify(CopyResult.Dropped);
        OnDropped?.Invoke();
    }

    /// <summary>The side whose operation is pending takes its buffer back, after something was copied.</summary>
    public void Reclaim(CopyOperation operation)
    {
        if (ReferenceEquals(Pending, operation))
            Pending = null;
    }

    /// <summary>Ends the pending copy, if there is one.</summary>
    protected void Notify(CopyResult result)
    {
        CopyOperation? pending = Pending;
        Pending = null;
        pending?.OnDone(result);
    }

    protected void CheckSameInstance(CopyOperation a, CopyOperation b)
    {
        if (a.Guest is not null && ReferenceEquals(a.Guest, b.Guest) && Element is not null && !CopyBuffer.IsNumber(Element))
            throw Traps.Create($"cannot read from and write to intra-component {What} with non-numeric payload");
    }
}

/// <summary>One operation of an end: the buffer, and how the end hears of it.</summary>
internal abstract class CopyOperation
{
    /// <summary>The instance that reads or writes; null for the host.</summary>
    public abstract GuestInstance? Guest { get; }

    /// <summary>Where to copy from or to.</summary>
    public abstract CopyBuffer Buffer { get; }

    /// <summary>Something was copied, and more may be until the buffer is taken back by <see cref="SharedChannel.Reclaim"/>.</summary>
    public abstract void OnCopy();

    /// <summary>The operation is over.</summary>
    public abstract void OnDone(CopyResult result);
}

/// <summary>
/// A stream between two ends, each a guest's or the host's (Canonical ABI, "Stream State"). It has no buffer of its own: whoever comes first leaves
/// its operation pending, and the other end copies straight between the two buffers. A copy of zero items waits for the other end.
/// </summary>
internal sealed class SharedStream(ValType? element) : SharedChannel(element)
{
    protected override string What => "stream";

    public override void Read(CopyOperation target)
    {
        if (IsDropped)
        {
            target.OnDone(CopyResult.Dropped);
        }
        else if (Pending is not { } source)
        {
            Pending = target;
        }
        else
        {
            CheckSameInstance(target, source);
            if (source.Buffer.Remaining > 0)
            {
                if (target.Buffer.Remaining > 0)
                    Copy(source.Buffer, target.Buffer);
                target.OnDone(CopyResult.Completed);
            }
            else
            {
                Notify(CopyResult.Completed);
                Pending = target;
            }
        }
    }

    public override void Write(CopyOperation source)
    {
        if (IsDropped)
        {
            source.OnDone(CopyResult.Dropped);
        }
        else if (Pending is not { } target)
        {
            Pending = source;
        }
        else
        {
            CheckSameInstance(source, target);
            if (target.Buffer.Remaining > 0)
            {
                if (source.Buffer.Remaining > 0)
                    Copy(source.Buffer, target.Buffer);
                source.OnDone(CopyResult.Completed);
            }
            else if (source.Buffer.IsZeroLength && target.Buffer.IsZeroLength)
            {
                source.OnDone(CopyResult.Completed);
            }
            else
            {
                Notify(CopyResult.Completed);
                Pending = source;
            }
        }
    }

    private void Copy(CopyBuffer source, CopyBuffer target)
    {
        CopyBuffer.Copy(source, target, Math.Min(source.Remaining, target.Remaining), Element);
        Pending!.OnCopy();
    }
}

/// <summary>A future between two ends: one value (Canonical ABI, "Future State").</summary>
internal sealed class SharedFuture(ValType? element) : SharedChannel(element)
{
    protected override string What => "future";

    public override void Read(CopyOperation target)
    {
        if (Pending is not { } source)
        {
            Pending = target;
            return;
        }

        CheckSameInstance(target, source);
        CopyBuffer.Copy(source.Buffer, target.Buffer, 1, Element);
        Notify(CopyResult.Completed);
        target.OnDone(CopyResult.Completed);
    }

    public override void Write(CopyOperation source)
    {
        if (IsDropped)
        {
            source.OnDone(CopyResult.Dropped);
            return;
        }

        if (Pending is not { } target)
        {
            Pending = source;
            return;
        }

        CheckSameInstance(source, target);
        CopyBuffer.Copy(source.Buffer, target.Buffer, 1, Element);
        Notify(CopyResult.Completed);
        source.OnDone(CopyResult.Completed);
    }
}
