using Windhover.Hosting.Capabilities;

namespace Windhover.Hosting.Messaging;

/// <summary>What is sent.</summary>
/// <param name="Body">The content.</param>
/// <param name="Headers">Names and values that travel with it; names compare without case.</param>
public sealed record Message(ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Makes one without headers.</summary>
    public Message(ReadOnlyMemory<byte> body) : this(body, new Dictionary<string, string>())
    {
    }

    /// <summary>The header that holds the media type.</summary>
    public const string ContentType = "content-type";

    /// <summary>The header that holds where replies go to, of a message that asks for any.</summary>
    public const string ReplyTo = "reply-to";

    /// <summary>The value of a header, whatever dictionary a backend gave the headers back in; null when there is none.</summary>
    public string? Find(string name)
    {
        foreach ((string key, string value) in Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}

/// <summary>A message that was handed to a consumer, until it is completed or given back.</summary>
/// <param name="Id">Names the message within its topic.</param>
/// <param name="Message">What was sent.</param>
/// <param name="Attempt">1 the first time. A consumer that died counts as an attempt.</param>
/// <param name="SentAt">When it was sent.</param>
public sealed record Delivery(string Id, Message Message, int Attempt, DateTimeOffset SentAt);

/// <summary>
/// A topic with consumers that share its messages: each is handed to one of them, at least once. A message that was received and neither completed nor
/// retried (its consumer died) is handed out again. Thread-safe.
/// </summary>
public interface IMessageTopic : IAsyncDisposable
{
    /// <summary>Sends. When this returns, the backend has the message as safe as it keeps any.</summary>
    /// <exception cref="CapabilityException">The backend cannot be reached; the message was perhaps sent.</exception>
    ValueTask SendAsync(Message message, CancellationToken cancellationToken);

    /// <summary>Waits for at least one message.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CapabilityException">The backend cannot be reached.</exception>
    ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken);

    /// <summary>The messages are done: they will not come again.</summary>
    /// <exception cref="CapabilityException">The backend cannot be reached; they may come again.</exception>
    ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);

    /// <summary>The message failed: it comes again after the delay, with its attempt counted.</summary>
    /// <exception cref="CapabilityException">The backend cannot be reached; it comes again all the same.</exception>
    ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>How many messages wait or are being handled.</summary>
    ValueTask<long> CountAsync(CancellationToken cancellationToken);
}

/// <summary>What topics can stand on. Registered as a service; one object per server.</summary>
public interface IMessageBackend
{
    /// <summary>Its name and options in manifests.</summary>
    BackendKind Kind { get; }

    /// <summary>Opens a topic. Connects to nothing yet.</summary>
    /// <exception cref="CapabilityException">The options cannot work.</exception>
    IMessageTopic Open(CapabilityResource topic);
}
