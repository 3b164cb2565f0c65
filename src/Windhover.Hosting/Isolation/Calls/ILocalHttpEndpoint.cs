using Microsoft.AspNetCore.Http;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Isolation.Calls;

/// <summary>
/// An <see cref="ILocalHttp"/> that answers components in processes of their own too (<see cref="Apps.IsolationLevel.Process"/>): their requests come over a connection, and what they may ask for
/// has been checked in this process. Thread-safe.
/// </summary>
public interface ILocalHttpEndpoint : ILocalHttp
{
    /// <summary>The domain whose names it serves, from its dot on: <c>.internal</c>.</summary>
    string Domain { get; }

    /// <summary>What is to be known of a request when its guest calls somebody: read now, since the server uses an <see cref="HttpContext"/> again when its request has ended.</summary>
    /// <param name="request">A request that a component in a process of its own is about to answer.</param>
    object? CallerOf(HttpContext request);

    /// <summary>Answers a request of such a component, which streams both ways and is aborted when the component gives it up.</summary>
    /// <param name="context">The request. Its scheme, host and target are the guest's.</param>
    /// <param name="caller">What <see cref="CallerOf"/> gave for the request that the guest works for; <see cref="Apps.ComponentOptions.Caller"/> where it works for none that is still under way.</param>
    /// <exception cref="HttpRequestException">There is no answer; the guest gets the error that stands for it in WASI.</exception>
    Task AnswerAsync(HttpContext context, object? caller);
}
