using System.Runtime.CompilerServices;

namespace Windhover.Wasi.Io;

/// <summary>
/// At most one asynchronous operation under way, whose completion wakes a <see cref="ReadinessSource"/>. Reused for the life of its owner:
/// besides the operation itself nothing is allocated after the first one.
/// </summary>
/// <param name="owner">Woken when the operation completes.</param>
internal sealed class PendingOperation<T>(ReadinessSource owner)
{
    private ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter _awaiter;
    private Action? _completed;
    private bool _hooked;

    /// <summary>Whether an operation is under way or its outcome not yet taken.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Whether <see cref="Take"/> would give an outcome.</summary>
    public bool IsCompleted => IsActive && _awaiter.IsCompleted;

    /// <summary>Puts an operation that was just started under watch.</summary>
    public void Start(ValueTask<T> operation)
    {
        if (IsActive)
            throw new InvalidOperationException("An operation is already under way.");
        _awaiter = operation.ConfigureAwait(false).GetAwaiter();
        IsActive = true;
        _hooked = false;
    }

    /// <summary>Lets completion wake the owner. Only a waiter needs this: who never waits never pays for a continuation.</summary>
    public void Hook()
    {
        if (!IsActive || _hooked)
            return;
        _hooked = true;
        _awaiter.UnsafeOnCompleted(_completed ??= owner.SignalReady);
    }

    /// <summary>The outcome of a completed operation; throws what the operation threw.</summary>
    public T Take()
    {
        IsActive = false;
        var awaiter = _awaiter;
        _awaiter = default;
        return awaiter.GetResult();
    }
}
