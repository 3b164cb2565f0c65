using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.IncomingHandler;
using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.Types;
using Windhover.Capabilities.Messaging.Bindings.Wasmcloud.Messaging.Handler;
using Windhover.Capabilities.Messaging.Bindings.Wasmcloud.Messaging.Types;
using Windhover.Components.Linking;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Messaging;

/// <summary>The way to a component's own handler of messages: <c>wasi:messaging/incoming-handler</c> or <c>wasmcloud:messaging/handler</c>.</summary>
public sealed class MessageHandlerBinding
{
    private readonly IncomingHandlerExports? _wasi;
    private readonly HandlerExports? _wasmcloud;

    private MessageHandlerBinding(IncomingHandlerExports? wasi, HandlerExports? wasmcloud)
    {
        _wasi = wasi;
        _wasmcloud = wasmcloud;
    }

    /// <summary>Finds the handler; null when the component exports none.</summary>
    /// <exception cref="LinkException">It exports one of another type.</exception>
    public static MessageHandlerBinding? TryBind(PreparedComponent component)
    {
        var wasi = IncomingHandlerExports.TryBind(component);
        HandlerExports? wasmcloud = wasi is null ? HandlerExports.TryBind(component) : null;
        return wasi is null && wasmcloud is null ? null : new MessageHandlerBinding(wasi, wasmcloud);
    }

    /// <summary>Has an instance handle a message.</summary>
    /// <returns>Null when it did; otherwise the handler's error.</returns>
    /// <exception cref="Engine.TrapException">The guest failed.</exception>
    public string? Handle(ComponentInstance instance, string topic, Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_wasi is not null)
        {
            return _wasi.Handle(instance, new MessageResource(topic, message)).TryGet(out _, out Error? error) ? null : error switch
            {
                Error.Timeout => "timeout",
                Error.Connection c => $"connection: {c.Value}",
                Error.PermissionDenied p => $"permission denied: {p.Value}",
                Error.Other o => o.Value,
                _ => "an error without a reason",
            };
        }

        return _wasmcloud!.HandleMessage(instance, new BrokerMessage(topic, message.Body, message.Find(Message.ReplyTo)))
            .TryGet(out _, out string? reason) ? null : reason;
    }
}
