using System.Collections.Frozen;
using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.Producer;
using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.RequestReply;
using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.Types;
using Windhover.Capabilities.Messaging.Bindings.Wasmcloud.Messaging.Consumer;
using Windhover.Capabilities.Messaging.Bindings.Wasmcloud.Messaging.Types;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Messaging;

/// <summary>Sends and asks for one instance: to the topics that it was granted, and to the addresses of requests that it knows.</summary>
internal sealed class MessagingHost(FrozenDictionary<string, IMessageTopic> topics, MessageReplies replies, GuestContext guest) : ITypes, IProducer, IRequestReply, IConsumer
{
    /// <summary>Bytes of one message.</summary>
    public const int MaxBody = 16 << 20;

    private static readonly TimeSpan s_replyTimeout = TimeSpan.FromSeconds(5);

    Result<IClient, Error> ITypes.ClientConnect(string name) => topics.Count == 0
        ? new Error.PermissionDenied("no topic is granted to this component")
        : Result.Ok<IClient>(new Client());

    IMessage ITypes.CreateMessage(ReadOnlySpan<byte> data) => new MessageResource(guest, data);

    IRequestOptions IRequestReply.CreateRequestOptions() => new RequestOptions();

    Result<Unit, Error> IProducer.Send(IClient c, string topic, IMessage message)
    {
        using var owned = (MessageResource)message;
        if (Refuse(c, owned) is { } refusal)
            return refusal;
        return topics.TryGetValue(topic, out IMessageTopic? found) ? Outcome(Send(found, owned.ToMessage()))
            : Reply(topic, owned.ToMessage(), out string? failure) ? Outcome(failure)
            : NotGranted(topic);
    }

    Result<IReadOnlyList<IMessage>, Error> IRequestReply.Request(IClient c, string topic, IMessage message, IRequestOptions? options)
    {
        using var chosen = (RequestOptions?)options;
        var borrowed = (MessageResource)message;
        if (Refuse(c, borrowed) is { } refusal)
            return refusal;
        if (!topics.TryGetValue(topic, out IMessageTopic? found))
            return NotGranted(topic);
        int expected = chosen?.Expected ?? 1;
        IReadOnlyList<Message> got = Request(found, borrowed.ToMessage(), chosen?.Timeout ?? s_replyTimeout, expected, out string? failure);
        if (failure is not null)
            return new Error.Connection(failure);
        return got.Count == 0 && expected > 0 ? new Error.Timeout() : Result.Ok<IReadOnlyList<IMessage>>([.. got.Select(reply => new MessageResource(guest, reply))]);
    }

    Result<Unit, Error> IRequestReply.Reply(IMessage replyTo, IMessage message)
    {
        using var owned = (MessageResource)message;
        if (((MessageResource)replyTo).ReplyTo is not { } address)
            return new Error.Other("the message asks for no reply");
        if (owned.Refusal is { } refusal)
            return new Error.Other(refusal);
        return Reply(address, owned.ToMessage(), out string? failure) ? Outcome(failure) : new Error.Other("the message asks for a reply to where this server cannot send");
    }

    Result<Unit, string> IConsumer.Publish(BrokerMessage msg)
    {
        if (msg.Body.Length > MaxBody)
            return Result.Err(TooLarge);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (msg.ReplyTo is { } replyTo)
            headers[Message.ReplyTo] = replyTo;
        var message = new Message(msg.Body, headers);
        string? failure;
        if (topics.TryGetValue(msg.Subject, out IMessageTopic? topic))
            failure = Send(topic, message);
        else if (!Reply(msg.Subject, message, out failure))
            failure = NotGranted(msg.Subject).Value;
        return failure is null ? default(Unit) : Result.Err(failure);
    }

    Result<BrokerMessage, string> IConsumer.Request(string subject, ReadOnlySpan<byte> body, uint timeoutMs)
    {
        if (!topics.TryGetValue(subject, out IMessageTopic? topic))
            return Result.Err(NotGranted(subject).Value);
        if (body.Length > MaxBody)
            return Result.Err(TooLarge);
        IReadOnlyList<Message> got = Request(topic, new Message(body.ToArray()), TimeSpan.FromMilliseconds(timeoutMs), 1, out string? failure);
        if (failure is not null)
            return Result.Err(failure);
        if (got.Count == 0)
            return Result.Err($"nobody answered within {timeoutMs} ms");
        guest.Wasi.ReleaseMemory((int)MessageReplies.SizeOf(got[0])); // it is passed on, and not kept
        return new BrokerMessage(subject, got[0].Body, got[0].Find(Message.ReplyTo));
    }

    private static string TooLarge => $"a message has more than {MaxBody >> 20} MiB";

    private static Error.PermissionDenied NotGranted(string topic) => new($"the topic `{topic}` is not granted to this component");

    private static Result<Unit, Error> Outcome(string? failure) => failure is null ? default(Unit) : new Error.Connection(failure);

    private static Error? Refuse(IClient client, MessageResource message) =>
        ((Client)client).IsClosed ? new Error.Connection("the client is disconnected")
        : message.Refusal is { } refusal ? new Error.Other(refusal)
        : null;

    private string? Send(IMessageTopic topic, Message message)
    {
        try
        {
            guest.Wait(topic.SendAsync(MessageTrace.Stamp(message), guest.Aborted));
            return null;
        }
        catch (CapabilityException failure)
        {
            return failure.Message;
        }
    }

    // Whether it is an address to which there is a way; `failure` says why the way could not be gone.
    private bool Reply(string address, Message reply, out string? failure)
    {
        failure = null;
        try
        {
            return guest.Wait(replies.ReplyAsync(address, reply, topics.Values, guest.Aborted));
        }
        catch (CapabilityException error)
        {
            failure = error.Message;
            return true;
        }
    }

    // The guest's deadline ends the wait by an exception here; what was waited for must not wait on.
    private IReadOnlyList<Message> Request(IMessageTopic topic, Message message, TimeSpan timeout, int expected, out string? failure)
    {
        failure = null;
        using var left = CancellationTokenSource.CreateLinkedTokenSource(guest.Aborted);
        guest.Wasi.TryHoldMemory(0); // makes the guest's account on its own thread: replies are charged on others
        var options = new ReplyOptions(timeout, expected) { Hold = guest.Wasi.TryHoldMemory, Release = guest.Wasi.ReleaseMemory };
        try
        {
            return guest.Wait(replies.RequestAsync(topic, MessageTrace.Stamp(message), options, left.Token));
        }
        catch (CapabilityException error)
        {
            failure = error.Message;
            return [];
        }
        finally
        {
            left.Cancel();
        }
    }

    private sealed class RequestOptions : IRequestOptions
    {
        public TimeSpan? Timeout { get; private set; }

        public int? Expected { get; private set; }

        public void SetTimeoutMs(uint timeoutMs) => Timeout = TimeSpan.FromMilliseconds(timeoutMs);

        public void SetExpectedReplies(uint expectedReplies) => Expected = (int)Math.Min(expectedReplies, MessageReplies.MaxReplies);

        public void Dispose()
        {
        }
    }

    private sealed class Client : IClient
    {
        public bool IsClosed { get; private set; }

        public Result<Unit, Error> Disconnect()
        {
            IsClosed = true;
            return default(Unit);
        }

        public void Dispose()
        {
        }
    }
}
