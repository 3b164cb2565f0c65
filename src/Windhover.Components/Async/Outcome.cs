namespace Windhover.Components.Async;

/// <summary>
/// What comes of a turn, for the one who asked for it. Most turns are over before anybody could wait: then no task is made. The first of <see cref="Set"/>,
/// <see cref="Fail"/> and <see cref="Cancel"/> counts; continuations never run in the turn.
/// </summary>
internal sealed class Outcome<T>
{
    private static readonly object s_set = new();

    private T _value = default!;
    private object? _state; // null; s_set: there is a value; else the TaskCompletionSource<T> of who waits

    public bool IsSet => Volatile.Read(ref _state) is { } state && (ReferenceEquals(state, s_set) || ((TaskCompletionSource<T>)state).Task.IsCompleted);

    /// <summary>The task; made when it is asked for.</summary>
    public Task<T> Task
    {
        get
        {
            object? state = Volatile.Read(ref _state);
            if (state is null)
            {
                var made = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
                state = Interlocked.CompareExchange(ref _state, made, null) ?? made;
            }

            return ReferenceEquals(state, s_set) ? System.Threading.Tasks.Task.FromResult(_value) : ((TaskCompletionSource<T>)state).Task;
        }
    }

    public bool TryGet(out T value)
    {
        bool isSet = ReferenceEquals(Volatile.Read(ref _state), s_set);
        value = isSet ? _value : default!;
        return isSet;
    }

    /// <summary>In turns only, so never twice at a time.</summary>
    public void Set(T value)
    {
        if (Volatile.Read(ref _state) is null)
        {
            _value = value;
            if (Interlocked.CompareExchange(ref _state, s_set, null) is null)
                return;
        }

        (Volatile.Read(ref _state) as TaskCompletionSource<T>)?.TrySetResult(value);
    }

    public void Fail(Exception error)
    {
        _ = Task;
        (Volatile.Read(ref _state) as TaskCompletionSource<T>)?.TrySetException(error);
    }

    public void Cancel(CancellationToken cancellation)
    {
        _ = Task;
        (Volatile.Read(ref _state) as TaskCompletionSource<T>)?.TrySetCanceled(cancellation);
    }
}
