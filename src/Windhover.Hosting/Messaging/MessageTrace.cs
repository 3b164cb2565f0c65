using System.Diagnostics;

namespace Windhover.Hosting.Messaging;

/// <summary>The W3C trace context of a message, in its headers <c>traceparent</c> and <c>tracestate</c>: whoever handles it continues the trace of whoever sent it.</summary>
public static class MessageTrace
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>The message with the context of the current activity; itself when there is none, or when the sender gave it a context of its own.</summary>
    public static Message Stamp(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity || message.Headers.Keys.Any(k => k.Equals(Parent, StringComparison.OrdinalIgnoreCase)))
            return message;
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.OrdinalIgnoreCase) { [Parent] = id };
        if (activity.TraceStateString is { Length: > 0 } state)
            headers[State] = state;
        return message with { Headers = headers };
    }

    /// <summary>The context that a message carries; the default one when it has none that can be read.</summary>
    public static ActivityContext Read(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ActivityContext.TryParse(message.Find(Parent), message.Find(State), isRemote: true, out ActivityContext context) ? context : default;
    }
}
