using Windhover.Components.Linking;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Messaging;

/// <summary><c>wasi:messaging/incoming-handler</c> and <c>wasmcloud:messaging/handler</c>, for queues.</summary>
internal sealed class MessageHandlers : IMessageHandlers
{
    public MessageHandling? Find(PreparedComponent component) => MessageHandlerBinding.TryBind(component) is { } binding ? binding.Handle : null;
}
