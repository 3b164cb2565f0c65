using Windhover.Hosting.Capabilities;

namespace Windhover.Hosting.Messaging;

/// <summary>
/// The topics of a server. A topic is known by its name, its backend and its options: whoever names the same, from whatever app, has the same topic.
/// Thread-safe; owns the topics that it hands out.
/// </summary>
public sealed class MessageTopics : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IMessageTopic> _open = new(StringComparer.Ordinal);
    private readonly IMessageBackend[] _backends;

    /// <summary>Makes the registry over all registered backends; the in-process one comes first and is the default.</summary>
    /// <param name="backends">What topics can stand on.</param>
    /// <param name="handlers">How components handle messages themselves.</param>
    /// <param name="time">The clock of requests; the system's when null.</param>
    public MessageTopics(IEnumerable<IMessageBackend> backends, IEnumerable<IMessageHandlers>? handlers = null, TimeProvider? time = null)
    {
        Replies = new MessageReplies(time ?? TimeProvider.System);
        Handlers = [.. handlers ?? []];
        _backends = [.. backends.OrderBy(b => b.Kind.Name == MemoryMessages.BackendName ? 0 : 1)];
        Backends = [.. _backends.Select(b => b.Kind)];
    }

    /// <summary>What a manifest may name, the default first.</summary>
    public IReadOnlyList<BackendKind> Backends { get; }

    /// <summary>How components handle messages themselves.</summary>
    public IReadOnlyList<IMessageHandlers> Handlers { get; }

    /// <summary>Requests over these topics, and the replies to them.</summary>
    public MessageReplies Replies { get; }

    /// <summary>The topics that are open, with their names.</summary>
    public IReadOnlyList<KeyValuePair<string, IMessageTopic>> Open()
    {
        lock (_lock)
            return [.. _open.Select(o => new KeyValuePair<string, IMessageTopic>(o.Key.Split('\n')[0], o.Value))];
    }

    /// <summary>Opens a topic, or gives the open one. Not to be disposed of by the caller.</summary>
    /// <exception cref="CapabilityException">There is no such backend, or its options cannot work.</exception>
    public IMessageTopic Open(CapabilityResource topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        string key = $"{topic.Name}\n{topic.Backend}\n{string.Join('\n', topic.Options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={o.Value}"))}";
        lock (_lock)
        {
            if (_open.TryGetValue(key, out IMessageTopic? open))
                return open;
            IMessageBackend backend = _backends.FirstOrDefault(b => b.Kind.Name == topic.Backend)
                ?? throw new CapabilityException($"there is no messaging backend `{topic.Backend}`", topic.Name);
            _open.Add(key, open = backend.Open(topic));
            return open;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        IMessageTopic[] topics;
        lock (_lock)
        {
            topics = [.. _open.Values];
            _open.Clear();
        }

        foreach (IMessageTopic topic in topics)
            await topic.DisposeAsync().ConfigureAwait(false);
    }
}
