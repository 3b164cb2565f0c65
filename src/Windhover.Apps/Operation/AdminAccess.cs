using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Operation;

// Who may use what is below /_windhover.
//
//   no token is set    whoever connects from this machine, by a loopback name: a page of some other site that a person looks at could otherwise talk to it under a name
//                      of its own that resolves to 127.0.0.1. What came through a proxy is not from this machine.
//   a token is set     who presents it: in a header (programs), or by the cookie that the log-in gives for it (browsers; 12 hours)
//
// A browser brings cookies, and its place on this machine, to whatever a page asks for, and pages of apps are on the same origin. So what a browser asks for is given only
// when a person went there: it says so in Sec-Fetch-Mode. Over plain HTTP from another machine it does not say so, and is not let in by a cookie.
internal sealed class AdminAccess(AppsOptions options, TimeProvider time)
{
    private const string Cookie = "windhover-admin";
    private const int MaxForm = 4096;

    private static readonly TimeSpan s_session = TimeSpan.FromHours(12);

    private readonly byte[]? _key = options.AdminToken is { Length: > 0 } token ? SHA256.HashData(Encoding.UTF8.GetBytes("windhover dashboard\n" + token)) : null;

    /// <summary>Whether a token is set.</summary>
    public bool NeedsToken => _key is not null;

    public AdminDecision Decide(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (NeedsToken && PresentsHeader(context))
            return AdminDecision.Allowed;
        string mode = headers["Sec-Fetch-Mode"].ToString(), destination = headers["Sec-Fetch-Dest"].ToString();
        if (mode is not ("" or "navigate") || destination is not ("" or "document"))
            return AdminDecision.NotByPages;
        if (NeedsToken)
        {
            if (!HasSession(context))
                return AdminDecision.TokenNeeded;
            return mode == "navigate" ? AdminDecision.Session : AdminDecision.NotByPages;
        }

        bool isHere = (context.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote))
            && AppServer.HostOf(context) is "localhost" or "127.0.0.1" or "[::1]" or ""
            && !headers.ContainsKey("X-Forwarded-For") && !headers.ContainsKey("Forwarded") && !headers.ContainsKey("Via");
        return isHere ? AdminDecision.Allowed : AdminDecision.NotFromHere;
    }

    /// <summary>Takes the form of the log-in.</summary>
    /// <returns>Whether the token was right; the answer then has the cookie.</returns>
    public async Task<bool> LogInAsync(HttpContext context)
    {
        byte[]? body = await Commands.RequestBodies.ReadAsync(context, MaxForm).ConfigureAwait(false);
        if (body is null || !Is(QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)).GetValueOrDefault("token").ToString()))
            return false;
        string until = (time.GetUtcNow() + s_session).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        context.Response.Cookies.Append(Cookie, $"{until}.{Sign(until)}", Options(context));
        return true;
    }

    public static void LogOut(HttpContext context) => context.Response.Cookies.Delete(Cookie, Options(context));

    // Lax and not strict: the pages have an origin of their own (Layout), so that a link in them comes from elsewhere.
    private static CookieOptions Options(HttpContext context) =>
        new() { Path = "/_windhover", HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, MaxAge = s_session, IsEssential = true };

    private bool HasSession(HttpContext context)
    {
        string[] parts = (context.Request.Cookies[Cookie] ?? "").Split('.');
        return parts.Length == 2
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(parts[1]), Encoding.UTF8.GetBytes(Sign(parts[0])))
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            && until > time.GetUtcNow().ToUnixTimeSeconds();
    }

    private string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key!, Encoding.UTF8.GetBytes(text)));

    private bool PresentsHeader(HttpContext context)
    {
        string given = context.Request.Headers.Authorization.ToString();
        if (given.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return Is(given[7..]);
        // Basic is for programs: a browser would bring it to every page of every app.
        if (!given.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || context.Request.Headers.ContainsKey("Sec-Fetch-Mode"))
            return false;
        byte[] buffer = new byte[given.Length];
        return Convert.TryFromBase64String(given[6..], buffer, out int length)
            && Encoding.UTF8.GetString(buffer, 0, length) is var pair
            && pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            && Is(pair[(colon + 1)..]);
    }

    private bool Is(string presented) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), SHA256.HashData(Encoding.UTF8.GetBytes(options.AdminToken!)));
}

internal enum AdminDecision
{
    Allowed,

    /// <summary>By the cookie: for pages, and for nothing that changes something.</summary>
    Session,

    TokenNeeded,

    NotFromHere,

    NotByPages,
}
