using System.Diagnostics;

namespace Windhover.Wasi.Http;

/// <summary>
/// The spans that a guest records itself (<c>wasi:otel</c>). Their ids are the guest's own; the host has others for them. Used by the thread that runs the guest.
/// </summary>
public interface IGuestSpans
{
    /// <summary>Finds the host's span for what a guest wrote into the header <c>traceparent</c> of a request.</summary>
    /// <param name="traceParent">The header's value: anything.</param>
    /// <param name="context">The host's span.</param>
    /// <param name="open">It itself, as long as it has not ended.</param>
    /// <returns>False: it names none of the guest's spans, and stays as it is.</returns>
    bool TryFind(string traceParent, out ActivityContext context, out Activity? open);
}
