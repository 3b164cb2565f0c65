using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Backends;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Redis;

/// <summary>Topics as Redis Streams with one group of consumers.</summary>
internal sealed class RedisMessages(RedisConnections connections, ILoggerFactory loggers, TimeProvider time) : IMessageBackend
{
    public BackendKind Kind { get; } = new("redis",
        RedisConnections.Url,
        new BackendOption("stream", "The stream's key in Redis; by default the topic's name"),
        new BackendOption("group", "The group of consumers; `windhover` by default"),
        new BackendOption("visibility", "Seconds after which a message whose consumer is silent comes again; 60 by default, and more than a run may take"));

    public IMessageTopic Open(CapabilityResource topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        int seconds = 60;
        if (topic["visibility"] is { } text
            && (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out seconds) || seconds is < 1 or > 86400))
            throw new CapabilityException($"`visibility` of the topic `{topic.Name}` must be a number of seconds from 1 to 86400.", topic.Name);
        return new RedisTopic(
            topic.Name, topic["stream"] ?? topic.Name, topic["group"] ?? "windhover", TimeSpan.FromSeconds(seconds), connections.Open(topic),
            new BackendHealth(loggers.CreateLogger<RedisMessages>(), $"Redis, for the topic `{topic.Name}`,", time), time);
    }
}
