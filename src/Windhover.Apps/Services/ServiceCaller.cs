using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Services;

/// <summary>Who calls another app, as long as it may be asked: the apps above the call, and the span that it belongs to. A request's context is not kept: the server uses it again.</summary>
internal readonly record struct ServiceCaller(CallChain? Chain, ActivityContext Trace)
{
    /// <summary>Of what the host's side knows the guest's caller by: a request, a chain, or one of these.</summary>
    public static ServiceCaller Of(object? caller) => caller switch
    {
        ServiceCaller known => known,
        HttpContext request => new(request.Features.Get<ICallOrigin>() as CallChain, request.Features.Get<IHttpActivityFeature>()?.Activity?.Context ?? Around),
        _ => new(caller as CallChain, Around),
    };

    private static ActivityContext Around => Activity.Current?.Context ?? default;
}
