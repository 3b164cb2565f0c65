using System.Collections.Frozen;
using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.Producer;
using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.Types;
using Windhover.Capabilities.Messaging.Bindings.Wasmcloud.Messaging.Consumer;
using Windhover.Capabilities.Messaging.Bindings.Wasmcloud.Messaging.Types;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Messaging;

/// <summary>Sends for one instance, to the topics that it was granted.</summary>
internal sealed class MessagingHost(FrozenDictionary<string, IMessageTopic> topics, GuestContext guest) : ITypes, IProducer, IConsumer
{
    /// <summary>Bytes of one message.</summary>
    public const int MaxBody = 16 << 20;

    Result<IClient, Error> ITypes.ClientConnect(string name) => topics.Count == 0
        ? new Error.PermissionDenied("no topic is granted to this component")
        : Result.Ok<IClient>(new Client());

    IMessage ITypes.CreateMessage(ReadOnlySpan<byte> data) => new MessageResource(data);

    Result<Unit, Error> IProducer.Send(IClient c, string topic, IMessage message)
    {
        using var owned = (MessageResource)message;
        if (((Client)c).IsClosed)
            return new Error.Connection("the client is disconnected");
        if (owned.Refusal is { } refusal)
            return new Error.Other(refusal);
        if (!topics.TryGetValue(topic, out IMessageTopic? found))
            return new Error.PermissionDenied($"the topic `{topic}` is not granted to this component");
        return Send(found, owned.ToMessage()) is { } failure ? new Error.Connection(failure) : default(Unit);
    }

    Result<Unit, string> IConsumer.Publish(BrokerMessage msg)
    {
        if (!topics.TryGetValue(msg.Subject, out IMessageTopic? topic))
            return Result.Err($"the topic `{msg.Subject}` is not granted to this component");
        if (msg.Body.Length > MaxBody)
            return Result.Err($"a message has more than {MaxBody >> 20} MiB");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (msg.ReplyTo is { } replyTo)
            headers["reply-to"] = replyTo;
        return Send(topic, new Message(msg.Body, headers)) is { } failure ? Result.Err(failure) : default(Unit);
    }

    // A queue hands each message to somebody, some time: there is nobody to wait for.
    Result<BrokerMessage, string> IConsumer.Request(string subject, ReadOnlySpan<byte> body, uint timeoutMs) =>
        Result.Err("this host has queues, and no requests with replies: publish, and let the answer come by a topic of its own; or call the app by HTTP");

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
