using System.Globalization;
using Windhover.Hosting.Capabilities;

namespace Windhover.Hosting.Messaging;

/// <summary>Topics in this process. Nothing to set up; what was not handled when the process ends is lost.</summary>
public sealed class MemoryMessages(TimeProvider time) : IMessageBackend
{
    /// <summary>The backend's name.</summary>
    public const string BackendName = "memory";

    private const int DefaultCapacity = 100_000;

    private readonly MemoryReplies _replies = new();

    /// <inheritdoc/>
    public BackendKind Kind { get; } = new(BackendName, new BackendOption("capacity", $"How many messages may wait; more are refused to their sender. Default: {DefaultCapacity}."));

    /// <inheritdoc/>
    public IMessageTopic Open(CapabilityResource topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        int capacity = DefaultCapacity;
        if (topic["capacity"] is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out capacity) || capacity == 0))
            throw new CapabilityException($"`capacity` of the topic `{topic.Name}` is no number from 1", topic.Name);
        return new MemoryTopic(topic.Name, capacity, _replies, time);
    }
}

// One queue, and consumers that wait for it. A retry is a timer that puts the message back.
internal sealed class MemoryTopic(string name, int capacity, IReplyBroker replies, TimeProvider time) : IReplyTopic
{
    private readonly Lock _lock = new();
    private readonly Queue<Delivery> _ready = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private readonly HashSet<ITimer> _timers = [];
    private long _held;
    private long _sent;
    private bool _disposed;

    public IReplyBroker Replies => replies;

    public ValueTask SendAsync(Message message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource? consumer;
        lock (_lock)
        {
            if (_held >= capacity)
                throw new CapabilityException($"the topic `{name}` is full: {capacity} messages wait", name);
            _held++;
            // The sender may use its memory again.
            var kept = message with { Body = message.Body.ToArray() };
            consumer = Put(new Delivery((++_sent).ToString(CultureInfo.InvariantCulture), kept, 1, time.GetUtcNow()));
        }

        consumer?.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource wake;
            lock (_lock)
            {
                if (_ready.Count > 0)
                {
                    var taken = new Delivery[Math.Min(most, _ready.Count)];
                    for (int i = 0; i < taken.Length; i++)
                        taken[i] = _ready.Dequeue();
                    return taken;
                }

                wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(wake);
            }

            try
            {
                await wake.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Woken at the same moment: the next consumer is to look.
                if (wake.Task.IsCompleted)
                    WakeNext();
                else
                    wake.TrySetCanceled(CancellationToken.None);
                throw;
            }
        }
    }

    public ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        lock (_lock)
            _held -= deliveries.Count;
        return ValueTask.CompletedTask;
    }

    public ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken)
    {
        Delivery again = delivery with { Attempt = delivery.Attempt + 1 };
        if (delay <= TimeSpan.Zero)
        {
            PutBack(again);
            return ValueTask.CompletedTask;
        }

        lock (_lock)
        {
            if (_disposed)
                return ValueTask.CompletedTask;
            ITimer? timer = null;
            timer = time.CreateTimer(
                _ =>
                {
                    lock (_lock)
                    {
                        if (timer is null || !_timers.Remove(timer))
                            return;
                        timer.Dispose();
                    }

                    PutBack(again);
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timers.Add(timer);
            timer.Change(delay, Timeout.InfiniteTimeSpan);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<long> CountAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return ValueTask.FromResult(_held);
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (ITimer timer in _timers)
                timer.Dispose();
            _timers.Clear();
        }

        return ValueTask.CompletedTask;
    }

    private void PutBack(Delivery delivery)
    {
        TaskCompletionSource? consumer;
        lock (_lock)
            consumer = Put(delivery);
        consumer?.TrySetResult();
    }

    private void WakeNext()
    {
        TaskCompletionSource? consumer;
        lock (_lock)
            consumer = NextWaiting();
        consumer?.TrySetResult();
    }

    private TaskCompletionSource? Put(Delivery delivery)
    {
        _ready.Enqueue(delivery);
        return NextWaiting();
    }

    private TaskCompletionSource? NextWaiting()
    {
        while (_waiting.TryDequeue(out TaskCompletionSource? next))
        {
            if (!next.Task.IsCompleted)
                return next;
        }

        return null;
    }
}

// Replies of the same process need no broker: the registry hands them over itself. Another inbox than that of this server is in another process.
internal sealed class MemoryReplies : IReplyBroker
{
    public ValueTask OpenInboxAsync(string inbox, MessageReplies replies, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask SendAsync(string inbox, string request, Message reply, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
