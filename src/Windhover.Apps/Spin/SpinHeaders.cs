using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Windhover.Apps.Manifest;

namespace Windhover.Apps.Spin;

/// <summary>The request headers that Spin adds for components (Spin documentation, "Additional Request Information").</summary>
internal static class SpinHeaders
{
    public static void Add(HttpContext context, HttpTrigger trigger, string[] parameters)
    {
        IHeaderDictionary headers = context.Request.Headers;
        foreach (string forged in headers.Keys.Where(k => k.StartsWith("spin-", StringComparison.OrdinalIgnoreCase)).ToArray())
            headers.Remove(forged);
        bool isWildcard = trigger.Route.Segments is [.., { Kind: Routing.RoutePattern.SegmentKind.Rest }];
        string route = SpinRoute.ToSpin(trigger.Route, trigger.SpinBase.Count(c => c == '/'));
        headers["spin-full-url"] = context.Request.GetEncodedUrl();
        headers["spin-path-info"] = Escape(isWildcard ? (parameters[^1].Length == 0 ? "" : "/" + parameters[^1]) : "");
        headers["spin-matched-route"] = SpinRoute.ToSpin(trigger.Route);
        headers["spin-raw-component-route"] = route;
        headers["spin-component-route"] = isWildcard ? route[..^"/...".Length] : route;
        headers["spin-base-path"] = trigger.SpinBase.Length == 0 ? "/" : trigger.SpinBase;
        headers["spin-client-addr"] = $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}";
        for (int i = 0; i < parameters.Length; i++)
        {
            if (trigger.Route.Segments[^1].Kind != Routing.RoutePattern.SegmentKind.Rest || i < parameters.Length - 1)
                headers["spin-path-match-" + trigger.Route.Names[i]] = Escape(parameters[i]);
        }

    }

    private static string Escape(string text) => string.Join('/', text.Split('/').Select(Uri.EscapeDataString));
}
