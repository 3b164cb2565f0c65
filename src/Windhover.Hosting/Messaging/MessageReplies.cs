using System.Collections.Concurrent;
using Windhover.Hosting.Capabilities;

namespace Windhover.Hosting.Messaging;

// Requests over topics, which are queues, by an inbox beside them:
//
//   asking server                                  any server
//   1 open the inbox at the broker (once)
//   2 send, with reply-to: _INBOX.<inbox>.<request> ──► topic ──► 3 hold the address while the message is handled
//   5 claim a place among its replies  ◄── broker's inbox ◄────── 4 reply to the address
//   6 all that are expected, or the timeout: what comes later is dropped
//
// A reply to an inbox of this server takes no way over the broker. One to an inbox of another server goes to the broker by which the message came that is
// being handled; with no such message, to the brokers of the topics that the replying component is granted. So whoever knows an address can answer it, and
// whoever only makes one up reaches nobody, and no broker that it has no part in.
//
/// <summary>Requests that wait for replies, and the replies to them. One per server, with its topics: <see cref="MessageTopics.Replies"/>. Thread-safe.</summary>
public sealed class MessageReplies
{
    /// <summary>How many replies of one request are kept at most.</summary>
    public const int MaxReplies = 1000;

    /// <summary>The most that one reply may have: 16 MiB of content, and its headers.</summary>
    public const int MaxReply = (16 << 20) + (64 << 10);

    /// <summary>The most that all replies of one request may have together: 64 MiB.</summary>
    public const int MaxBytes = 64 << 20;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ReplyAddress, PendingReplies> _pending = new();
    private readonly ConcurrentDictionary<IReplyBroker, Lazy<Task<string>>> _inboxes = new();
    private readonly ConcurrentDictionary<string, bool> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<ReplyAddress, (IReplyBroker Broker, int Users)> _held = [];

    internal MessageReplies(TimeProvider time) => _time = time;

    /// <summary>How many requests wait.</summary>
    internal int Waiting => _pending.Count;

    /// <summary>Sends a message, and waits for the replies to it.</summary>
    /// <param name="topic">Where to.</param>
    /// <param name="message">The message. A header <c>reply-to</c> of its own is replaced.</param>
    /// <param name="options">How long, and for how many.</param>
    /// <param name="cancellationToken">Ends the wait; the message stays sent.</param>
    /// <returns>The replies in the order in which they came, at most as many as expected; none when nobody answered in time.</returns>
    /// <exception cref="CapabilityException">The backend carries no replies, cannot be reached, or takes no message.</exception>
    public async ValueTask<IReadOnlyList<Message>> RequestAsync(IMessageTopic topic, Message message, ReplyOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(options);
        if (topic is not IReplyTopic { Replies: { } broker })
            throw new CapabilityException("the backend of this topic carries no replies");
        long start = _time.GetTimestamp();
        string inbox = await InboxAsync(broker, cancellationToken).ConfigureAwait(false);
        var address = new ReplyAddress(inbox, ReplyAddress.NewPart());
        var pending = new PendingReplies(options);
        _pending[address] = pending;
        try
        {
            var headers = new Dictionary<string, string>(message.Headers, StringComparer.OrdinalIgnoreCase) { [Message.ReplyTo] = address.ToString() };
            await topic.SendAsync(message with { Headers = headers }, cancellationToken).ConfigureAwait(false);
            TimeSpan timeout = options.Timeout < s_longest ? options.Timeout : s_longest;
            return await pending.WaitAsync(timeout - _time.GetElapsedTime(start), _time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _pending.TryRemove(address, out _);
            pending.End();
        }
    }

    /// <summary>Replies to a request of this server or of another. Nobody is told whether anybody still waits.</summary>
    /// <param name="address">The header <c>reply-to</c> of the message that is answered.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="granted">Topics that who replies may send to: the ways to an address that no message has which is being handled here.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False: this is no address, or there is no way to it.</returns>
    /// <exception cref="CapabilityException">The backend cannot be reached.</exception>
    public async ValueTask<bool> ReplyAsync(string address, Message reply, IEnumerable<IMessageTopic> granted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(granted);
        if (!ReplyAddress.TryParse(address, out ReplyAddress to))
            return false;
        if (_own.ContainsKey(to.Inbox))
        {
            Claim(to.Inbox, to.Request, SizeOf(reply))?.Deliver(reply with { Body = reply.Body.ToArray() }); // the sender may use its memory again
            return true;
        }

        IReplyBroker[] brokers = Held(to) is { } held ? [held] : [.. granted.OfType<IReplyTopic>().Select(t => t.Replies).Distinct()];
        foreach (IReplyBroker broker in brokers)
            await broker.SendAsync(to.Inbox, to.Request, reply, cancellationToken).ConfigureAwait(false);
        return brokers.Length > 0;
    }

    /// <summary>While a message is being handled, the address that it brought can be answered from this server.</summary>
    /// <param name="topic">Where it came from.</param>
    /// <param name="message">The message.</param>
    /// <returns>To be disposed of when it is handled; null when there is nothing to hold.</returns>
    public IDisposable? Hold(IMessageTopic topic, Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (topic is not IReplyTopic { Replies: { } broker } || !ReplyAddress.TryParse(message.Find(Message.ReplyTo), out ReplyAddress address) || _own.ContainsKey(address.Inbox))
            return null;
        lock (_held)
            _held[address] = _held.TryGetValue(address, out (IReplyBroker Broker, int Users) held) ? (held.Broker, held.Users + 1) : (broker, 1);
        return new Holding(this, address);
    }

    /// <summary>For brokers: a reply has arrived, or lies ready to be fetched.</summary>
    /// <param name="inbox">The inbox that it came to.</param>
    /// <param name="request">Which request it answers.</param>
    /// <param name="bytes">What it has of content and headers.</param>
    /// <returns>Its place, to be delivered or disposed of; null: nobody waits for it, and it is to be dropped.</returns>
    public ReplyClaim? Claim(string inbox, string request, long bytes) =>
        _pending.TryGetValue(new ReplyAddress(inbox, request), out PendingReplies? pending) ? pending.Claim(bytes) : null;

    /// <summary>What a reply counts as: its content, and the characters of its headers.</summary>
    public static long SizeOf(Message reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return reply.Body.Length + reply.Headers.Sum(h => (long)h.Key.Length + h.Value.Length);
    }

    // The opening belongs to nobody's request: it goes on when the first who asked for it has left.
    private async Task<string> InboxAsync(IReplyBroker broker, CancellationToken cancellationToken)
    {
        Lazy<Task<string>> opening = _inboxes.GetOrAdd(broker, b => new Lazy<Task<string>>(() => OpenAsync(b)));
        try
        {
            return await opening.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (opening.Value.IsFaulted)
        {
            _inboxes.TryRemove(new(broker, opening)); // the next request tries again
            throw;
        }
    }

    private async Task<string> OpenAsync(IReplyBroker broker)
    {
        string inbox = ReplyAddress.NewPart();
        await broker.OpenInboxAsync(inbox, this, CancellationToken.None).ConfigureAwait(false);
        _own[inbox] = true;
        return inbox;
    }

    private IReplyBroker? Held(ReplyAddress address)
    {
        lock (_held)
            return _held.TryGetValue(address, out (IReplyBroker Broker, int Users) held) ? held.Broker : null;
    }

    private void Drop(ReplyAddress address)
    {
        lock (_held)
        {
            (IReplyBroker broker, int users) = _held[address];
            if (users == 1)
                _held.Remove(address);
            else
                _held[address] = (broker, users - 1);
        }
    }

    private sealed class Holding(MessageReplies replies, ReplyAddress address) : IDisposable
    {
        private MessageReplies? _replies = replies;

        public void Dispose() => Interlocked.Exchange(ref _replies, null)?.Drop(address);
    }
}
