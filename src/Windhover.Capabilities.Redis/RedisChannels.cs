using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Redis;

/// <summary>Topics as Redis channels: publish and subscribe, at most once.</summary>
internal sealed class RedisChannels(RedisConnections connections, TimeProvider time) : IMessageBackend
{
    public BackendKind Kind { get; } = new("redis-channel", new BackendOption("url", "redis://[:password@]host[:port].", Required: true));

    public IMessageTopic Open(CapabilityResource topic) => new RedisChannelTopic(topic.Name, new RedisLink(topic), connections.ReplyHealth(), time);
}
