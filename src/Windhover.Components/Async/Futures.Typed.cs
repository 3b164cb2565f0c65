using System.Runtime.CompilerServices;
using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>
/// The readable end of a <c>future&lt;T&gt;</c> that a guest gave to the host. Await it once or dispose it, which tells the guest that nobody waits. A guest that
/// waits for it to be read waits for the host: do one of the two.
/// </summary>
public sealed class GuestFuture<T> : IDisposable
{
    private readonly LoadItem<T>? _load;

    internal GuestFuture(GuestFuture untyped, LoadItem<T>? load)
    {
        Untyped = untyped;
        _load = load;
    }

    internal GuestFuture Untyped { get; }

    /// <summary>Whether the value is there, so that reading it would not wait. A hint, as <see cref="GuestStreamReader.IsReadable"/>.</summary>
    public bool IsReadable => Untyped.IsReadable;

    /// <summary>The value that the guest writes.</summary>
    /// <param name="cancellationToken">Gives up, and drops the end.</param>
    /// <exception cref="InvalidOperationException">It was read, disposed or given away.</exception>
    /// <exception cref="Engine.TrapException">The guest trapped.</exception>
    public ValueTask<T> ReadAsync(CancellationToken cancellationToken = default)
    {
        var items = new T[1];
        return Result(Untyped.ReadAsync(new HostItems<T>(items, _load, null), cancellationToken), items);

        static ValueTask<T> Result(ValueTask<CopyResult> reading, T[] items) =>
            reading.IsCompletedSuccessfully ? ValueTask.FromResult(items[0]) : AwaitAsync(reading, items);

        static async ValueTask<T> AwaitAsync(ValueTask<CopyResult> reading, T[] items)
        {
            await reading.ConfigureAwait(false);
            return items[0];
        }
    }

    /// <summary>Reads the value.</summary>
    public TaskAwaiter<T> GetAwaiter() => ReadAsync().AsTask().GetAwaiter();

    /// <summary>Drops the end.</summary>
    public void Dispose() => Untyped.Dispose();
}

/// <summary>
/// A <c>future&lt;T&gt;</c> that the host writes and a guest reads. It is an argument or a result, used once. A task that fails or is cancelled traps the guest if
/// it still holds its end, since futures carry no errors. A value that the guest does not take is disposed.
/// </summary>
public sealed class HostFuture<T>
{
    private readonly Task<T>? _value;
    private readonly GuestFuture<T>? _guest;
    private readonly HostFutureSource<T>? _source;
    private int _taken;

    /// <summary>A future of what a task brings.</summary>
    public HostFuture(Task<T> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    internal HostFuture(GuestFuture<T> guest) => _guest = guest;

    internal HostFuture(HostFutureSource<T> source) => _source = source;

    /// <summary>The host's end of a future that a guest gave inside of a named type.</summary>
    /// <exception cref="InvalidOperationException">It is a future of the host, or was passed on.</exception>
    public GuestFuture<T> TakeReader()
    {
        if (_guest is null)
            throw new InvalidOperationException("The future is the host's own: a guest reads it.");
        MarkTaken();
        return _guest;
    }

    internal SharedChannel Take(ComponentInstance root, ValType type, StoreItem<T>? store)
    {
        MarkTaken();
        if (_guest is not null && ReferenceEquals(_guest.Untyped.Root, root))
            return ((IChannelSource)_guest.Untyped).Take(root, type);
        var shared = new SharedFuture(((FutureType)type).Element);
        if (_source is not null)
        {
            _source.Attach(root.Scheduler, shared, store);
            return shared;
        }

        Task<T> value = _value ?? _guest!.ReadAsync().AsTask();
        if (value.IsCompletedSuccessfully)
        {
            Write(shared, value, store);
            return shared;
        }

        Scheduler scheduler = root.Scheduler;
        scheduler.BeginOutside();
        value.ContinueWith(
            done => scheduler.EndOutside(() => Write(shared, done, store)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return shared;
    }

    private static void Write(SharedFuture shared, Task<T> value, StoreItem<T>? store)
    {
        if (value.IsCompletedSuccessfully)
        {
            Write(shared, value.Result, store);
        }
        else if (!shared.IsDropped)
        {
            string reason = value.Exception?.InnerException?.Message ?? "it was cancelled";
            throw new Engine.TrapException(Engine.TrapKind.Host, $"The source of a future failed: {reason}", value.Exception?.InnerException);
        }

    }

    /// <summary>Writes the value, or drops it where nobody reads. In a turn, or after the guest has dropped its end.</summary>
    internal static void Write(SharedFuture shared, T value, StoreItem<T>? store)
    {
        if (shared.IsDropped)
            (value as IDisposable)?.Dispose();
        else
            shared.Write(new HostWrite(new HostItems<T>(new[] { value }, null, store), value as IDisposable));
    }

    private void MarkTaken()
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
            throw new InvalidOperationException("A HostFuture is passed to a guest once.");
    }
}

/// <summary>
/// A <c>future&lt;T&gt;</c> whose value the host sets when it has it. What <see cref="HostFutures.From"/> does with a task, for less: most futures of this kind are dropped by the
/// guest before their value comes, and then nothing is left to do.
/// </summary>
public sealed class HostFutureSource<T>
{
    private readonly Lock _lock = new();
    private Scheduler? _scheduler;
    private SharedFuture? _shared;
    private StoreItem<T>? _store;
    private T? _value;
    private bool _isSet;

    /// <summary>A future without its value.</summary>
    public HostFutureSource() => Future = new HostFuture<T>(this);

    /// <summary>The future, to be passed to a guest once.</summary>
    public HostFuture<T> Future { get; }

    /// <summary>Sets the value. Any thread. Always set one: a guest may wait for it.</summary>
    /// <returns>False if it has one.</returns>
    public bool TrySet(T value)
    {
        Scheduler? scheduler;
        lock (_lock)
        {
            if (_isSet)
                return false;
            _isSet = true;
            _value = value;
            scheduler = _scheduler;
        }

        if (scheduler is null)
            return true; // not passed on yet
        SharedFuture shared = _shared!;
        if (!shared.IsDropped || !scheduler.ExpectsCalls)
        {
            scheduler.EndOutside(() => HostFuture<T>.Write(shared, value, _store));
            return true;
        }

        // Nobody reads it, and nobody needs to be told: that takes no turn.
        scheduler.EndOutsideInTurn();
        HostFuture<T>.Write(shared, value, _store);
        return true;
    }

    internal void Attach(Scheduler scheduler, SharedFuture shared, StoreItem<T>? store)
    {
        lock (_lock)
        {
            if (!_isSet)
            {
                scheduler.BeginOutside();
                _store = store;
                _shared = shared;
                _scheduler = scheduler;
                return;
            }
        }

        HostFuture<T>.Write(shared, _value!, store);
    }
}

/// <summary>Makes futures of the host.</summary>
public static class HostFutures
{
    /// <summary>A future of what a task brings.</summary>
    public static HostFuture<T> From<T>(Task<T> value) => new(value);

    /// <summary>A future whose value is there.</summary>
    public static HostFuture<T> FromResult<T>(T value) => new(Task.FromResult(value));

    /// <summary>Hands a future on that a guest gave: to a guest of the same component as it is.</summary>
    public static HostFuture<T> FromGuest<T>(GuestFuture<T> future)
    {
        ArgumentNullException.ThrowIfNull(future);
        return new HostFuture<T>(future);
    }
}
