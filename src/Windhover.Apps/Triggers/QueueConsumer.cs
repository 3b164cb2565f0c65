using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Manifest;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Triggers;

// Hands the messages of a topic to a component; `concurrency` of these loops run side by side.
//
//   receive up to `batch` ──► run ──► ok ──────────────────────────────► complete
//                                │    failed, attempts left ───────────► retry after backoff · 2^(attempt - 1), at most max-backoff, ± 10 %
//                                │    failed, no attempts left ────────► send to the dead letters with its error, then complete
//                                │    a handler of messages takes them one by one, each with an outcome of its own; others take the batch whole
//                                └─ stopped meanwhile ─────────────────► finishes first; messages that were not begun go back at once
//
// A message is completed only after its run: at least once. Sending to the dead letters comes before completing, so that a crash between them
// duplicates a message instead of losing it.
internal sealed class QueueConsumer
{
    private const string DeadSuffix = ".dead";

    private readonly RunningApp _app;
    private readonly QueueTrigger _queue;
    private readonly AppServer _server;
    private readonly IMessageTopic _topic;
    private readonly IMessageTopic _dead;
    private readonly MessageReplies _replies;
    private readonly TimeProvider _time;
    private bool _isDown;

    public QueueConsumer(RunningApp app, QueueTrigger queue, AppServer server)
    {
        _app = app;
        _queue = queue;
        _server = server;
        _time = server.Services.Time;
        MessageTopics topics = server.Services.Topics;
        _replies = topics.Replies;
        CapabilityResource resource = Resource(queue.Topic);
        _topic = topics.Open(resource);
        _dead = topics.Open(resource with { Name = queue.DeadLetters ?? queue.Topic + DeadSuffix });

        CapabilityResource Resource(string topic) => app.Manifest.Topics.TryGetValue(topic, out CapabilityResource? declared)
            ? declared
            : new CapabilityResource(topic, topics.Backends[0].Name, new Dictionary<string, string>());
    }

    public async Task RunAsync(CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        int failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                IReadOnlyList<Delivery> deliveries = await _topic.ReceiveAsync(_queue.Batch, stop).ConfigureAwait(false);
                failures = 0;
                if (_isDown)
                {
                    _isDown = false;
                    Log(LogLevel.Information, "the backend is back");
                }

                await HandleAsync(deliveries, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The backend is away, or something is wrong that nobody foresaw: said once, tried again with growing pauses. The loop must not end by itself.
                if (!_isDown)
                    Log(LogLevel.Error, error.Message);
                _isDown = true;
                failures = Math.Min(failures + 1, 6);
                try
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100 * (1 << failures)), _time, stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private async Task HandleAsync(IReadOnlyList<Delivery> deliveries, CancellationToken stop)
    {
        if (stop.IsCancellationRequested || !_app.TryEnter())
        {
            foreach (Delivery delivery in deliveries)
                await _topic.RetryAsync(delivery with { Attempt = delivery.Attempt - 1 }, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        try
        {
            if (deliveries.Count > 1 && await TriggerRunner.HandlesMessagesAsync(_app, _queue.Component).ConfigureAwait(false))
            {
                foreach (Delivery delivery in deliveries)
                    await RunAsync([delivery]).ConfigureAwait(false);
            }
            else
            {
                await RunAsync(deliveries).ConfigureAwait(false);
            }
        }
        finally
        {
            _app.Leave();
        }
    }

    private async Task RunAsync(IReadOnlyList<Delivery> deliveries)
    {
        IDisposable?[] addresses = [.. deliveries.Select(d => _replies.Hold(_topic, d.Message))];
        RunOutcome outcome;
        try
        {
            outcome = await TriggerRunner.RunAsync(_server, _app, _queue.Component, Call(deliveries), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            foreach (IDisposable? address in addresses)
                address?.Dispose();
        }

        _app.Stats.Run(outcome.Ok);
        if (outcome.Ok)
            await _topic.CompleteAsync(deliveries, CancellationToken.None).ConfigureAwait(false);
        else
            await FailAsync(deliveries, outcome.Error!).ConfigureAwait(false);
    }

    private async Task FailAsync(IReadOnlyList<Delivery> deliveries, string error)
    {
        foreach (Delivery delivery in deliveries)
        {
            if (delivery.Attempt < _queue.Attempts)
            {
                await _topic.RetryAsync(delivery, Backoff(delivery.Attempt), CancellationToken.None).ConfigureAwait(false);
                continue;
            }

            var headers = new Dictionary<string, string>(delivery.Message.Headers, StringComparer.OrdinalIgnoreCase)
            {
                ["windhover-topic"] = _queue.Topic,
                ["windhover-message-id"] = delivery.Id,
                ["windhover-attempts"] = delivery.Attempt.ToString(CultureInfo.InvariantCulture),
                ["windhover-error"] = error.ReplaceLineEndings(" | "),
            };
            await _dead.SendAsync(delivery.Message with { Headers = headers }, CancellationToken.None).ConfigureAwait(false);
            await _topic.CompleteAsync([delivery], CancellationToken.None).ConfigureAwait(false);
            _app.Stats.DeadLetter();
            Telemetry.DeadLetters.Add(1, new("app", _app.Name), new("topic", _queue.Topic));
            Log(LogLevel.Error, $"the message {delivery.Id} failed {delivery.Attempt} times and is now in the dead letters: {error}");
        }
    }

    // ± 10 %, so that messages which failed together do not come back together.
    private TimeSpan Backoff(int attempt)
    {
        double seconds = Math.Min(_queue.Backoff.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 30)), _queue.MaxBackoff.TotalSeconds);
#pragma warning disable CA5394 // Spreads retries; nothing secret.
        return TimeSpan.FromSeconds(seconds * (0.9 + (0.2 * Random.Shared.NextDouble())));
#pragma warning restore CA5394
    }

    private TriggerCall Call(IReadOnlyList<Delivery> deliveries)
    {
        Delivery first = deliveries[0];
        var headers = new List<KeyValuePair<string, string>> { new("windhover-trigger", "queue"), new("windhover-topic", _queue.Topic) };
        if (_queue.Batch > 1)
        {
            headers.Add(new("content-type", "application/json"));
            return new TriggerCall("queue", _queue.Path, _queue.Arguments, headers, Batch(deliveries))
            {
                Message = first.Message,
                Topic = _queue.Topic,
                Links = [.. deliveries.Select(d => MessageTrace.Read(d.Message)).Where(c => c != default).Select(c => new ActivityLink(c))],
            };
        }

        headers.Add(new("windhover-message-id", first.Id));
        headers.Add(new("windhover-attempt", first.Attempt.ToString(CultureInfo.InvariantCulture)));
        foreach ((string name, string value) in first.Message.Headers)
        {
            if (!name.StartsWith("windhover-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("windhover-error", StringComparison.OrdinalIgnoreCase))
                headers.Add(new(name, value));
        }

        return new TriggerCall("queue", _queue.Path, _queue.Arguments, headers, first.Message.Body) { Message = first.Message, Topic = _queue.Topic, Trace = MessageTrace.Read(first.Message) };
    }

    /// <summary><c>{"messages": [{"id", "attempt", "headers", "body" or "base64"}]}</c>.</summary>
    private static ReadOnlyMemory<byte> Batch(IReadOnlyList<Delivery> deliveries)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteStartArray("messages");
        foreach (Delivery delivery in deliveries)
        {
            writer.WriteStartObject();
            writer.WriteString("id", delivery.Id);
            writer.WriteNumber("attempt", delivery.Attempt);
            writer.WriteStartObject("headers");
            foreach ((string name, string value) in delivery.Message.Headers)
                writer.WriteString(name, value);
            writer.WriteEndObject();
            if (IsText(delivery.Message.Body.Span))
                writer.WriteString("body", delivery.Message.Body.Span);
            else
                writer.WriteBase64String("base64", delivery.Message.Body.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static bool IsText(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private void Log(LogLevel level, string message) => _server.Services.Logs.Write(level, _app.Name, _queue.Component, "host", $"queue `{_queue.Topic}`: {message}");
}
