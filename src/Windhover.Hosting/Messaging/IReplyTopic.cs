using Windhover.Hosting.Capabilities;

namespace Windhover.Hosting.Messaging;

/// <summary>A topic whose backend can carry replies. Topics that are none take messages, and no requests.</summary>
public interface IReplyTopic : IMessageTopic
{
    /// <summary>Carries the replies to what is sent to this topic; the same object for all topics that share it.</summary>
    IReplyBroker Replies { get; }
}

/// <summary>
/// Carries replies from whatever server handles a request to the one that asked, at most once: who waits is gone when its server is. Thread-safe.
/// </summary>
public interface IReplyBroker
{
    /// <summary>
    /// Opens the inbox of a server, and keeps it open until the broker is disposed of, also when the connection breaks meanwhile. When this returns, what is sent
    /// to the inbox arrives. Called once for each <paramref name="replies"/>, and again after it failed.
    /// </summary>
    /// <param name="inbox">The inbox's name: 32 hexadecimal digits.</param>
    /// <param name="replies">Whose it is: for each reply that arrives, <see cref="MessageReplies.Claim"/> is called.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="CapabilityException">The backend cannot be reached.</exception>
    ValueTask OpenInboxAsync(string inbox, MessageReplies replies, CancellationToken cancellationToken);

    /// <summary>Sends a reply to an inbox of whatever server. Nobody is told whether it arrives; to an inbox that is not there it is dropped.</summary>
    /// <param name="inbox">The inbox's name.</param>
    /// <param name="request">Which request it answers: 32 hexadecimal digits.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="CapabilityException">The backend cannot be reached.</exception>
    ValueTask SendAsync(string inbox, string request, Message reply, CancellationToken cancellationToken);
}

/// <summary>How long a request waits, and for what.</summary>
/// <param name="Timeout">The most that it waits, a day at most.</param>
/// <param name="Expected">It ends with as many replies; from 0 (it waits for none) to <see cref="MessageReplies.MaxReplies"/>, and more count as that.</param>
public sealed record ReplyOptions(TimeSpan Timeout, int Expected = 1)
{
    /// <summary>Asked with its bytes before a reply is kept; false: there is no room, and it is dropped. May be called on any thread.</summary>
    public Func<int, bool>? Hold { get; init; }

    /// <summary>Told that bytes which were held are not kept after all. Those of replies that the request returns are its caller's.</summary>
    public Action<int>? Release { get; init; }
}
