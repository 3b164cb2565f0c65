using System.Text;
using Windhover.Apps.Runtime;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Triggers;

// Components that handle messages by a function of their own:
//
//   fermyon:spin/inbound-redis#handle-message, spin:redis/inbound-redis …    (list<u8>) -> result<_, error>
//   wasmcloud:messaging/handler#handle-message                               ({subject, body, reply-to}) -> result<_, string>
//   what packages know (IMessageHandlers), before these: wasi:messaging/incoming-handler
internal sealed class MessageHandler
{
    private static readonly (string Interface, string Function)[] s_known =
    [
        ("fermyon:spin/inbound-redis", "handle-message"),
        ("spin:redis/inbound-redis", "handle-message"),
        ("wasmcloud:messaging/handler@0.2.0", "handle-message"),
    ];

    private readonly GuestComponent _guest;
    private readonly Func<ComponentInstance, GuestContext, TriggerCall, string?> _handle;

    private MessageHandler(GuestComponent guest, Func<ComponentInstance, GuestContext, TriggerCall, string?> handle)
    {
        _guest = guest;
        _handle = handle;
    }

    public static MessageHandler? Find(GuestComponent guest)
    {
        foreach (IMessageHandlers known in guest.Services.Topics.Handlers)
        {
            if (known.Find(guest.Prepared) is { } handling)
                return new MessageHandler(guest, (instance, _, call) => handling(instance, call.Topic ?? "", call.Message!));
        }

        foreach ((string name, string function) in s_known)
        {
            if (guest.Prepared.FindFunction(name, function) is { Type.Parameters.Length: 1 } found)
                return new MessageHandler(guest, (instance, context, call) => Call(found, instance, context, call));
        }

        return null;
    }

    public RunOutcome Run(TriggerCall call, object caller, CancellationToken cancellationToken) =>
        _guest.Run(_guest.Wasi, caller, (instance, guest) => _handle(instance, guest, call), cancellationToken) is { } error
            ? RunOutcome.Failed($"the handler returned an error: {error}")
            : RunOutcome.Done;

    private static string? Call(ExportedFunction function, ComponentInstance instance, GuestContext guest, TriggerCall call)
    {
        Message message = call.Message!;
        object? argument = function.Type.Parameters[0].Type switch
        {
            RecordType record => record.Fields.Select(field => (object?)(field.Name switch
            {
                "subject" => call.Topic,
                "body" => message.Body.ToArray(),
                "reply-to" when message.Find(Message.ReplyTo) is { } address => VariantValue.Some(address),
                _ => VariantValue.None,
            })).ToArray(),
            _ => message.Body.ToArray(),
        };
        object? result = guest.Wait(new ValueTask<object?>(instance.CallAsync(function, [argument])));
        return result is VariantValue { Case: 1 } failed ? Describe(failed.Payload) : null;
    }

    private static string Describe(object? value) => value switch
    {
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        VariantValue variant => $"case {variant.Case}{(variant.Payload is null ? "" : ": " + Describe(variant.Payload))}",
        null => "without a reason",
        _ => value.ToString() ?? "",
    };
}
