using System.Collections.Frozen;
using Windhover.Capabilities.Messaging.Bindings;
using Windhover.Components.Linking;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Messaging;

/// <summary>
/// Sending messages, requests and replies: <c>wasi:messaging@0.2.0-draft</c> and <c>wasmcloud:messaging@0.2.0</c>. Each resource is a topic by the name that guests send to; what
/// is sent is handled by the triggers of whichever apps name the same topic.
/// </summary>
public sealed class MessagingCapability(MessageTopics topics) : ICapability
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "messaging";

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends => topics.Backends;

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        MessagingHost Host(object? state) => slot.Host<MessagingHost>(state);
        MessagingWorld.Define(linker, Host, Host, Host, Host);
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new MessagingGrant(request.Resources.ToFrozenDictionary(r => r.Name, topics.Open, StringComparer.Ordinal), topics.Replies);
    }

    // Topics belong to the server: other apps have them too.
    private sealed class MessagingGrant(FrozenDictionary<string, IMessageTopic> topics, MessageReplies replies) : CapabilityGrant
    {
        public override object CreateHost(GuestContext guest) => new MessagingHost(topics, replies, guest);

        public override async ValueTask CheckAsync(CancellationToken cancellationToken)
        {
            foreach (IMessageTopic topic in topics.Values)
                await topic.CountAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
