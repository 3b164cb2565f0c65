using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Windhover.Hosting.Isolation.Calls;

// What the two processes tell each other beside the request itself. Neither guests nor clients see these fields, and what they send under their names is replaced.
//
//                          server → worker (a request)              worker → server (a call)
//   x-windhover-key        the sender knows the key of this hop     the same
//   x-windhover-scheme     in what scheme the client spoke          in what scheme the guest speaks
//   x-windhover-request    the number of the request                the number of the request that the guest works for; none: it works for none
//   x-windhover-failure                                             in an answer: nobody answered, and why, with the key
//
// A failure is an answer like others, and not a stream that is reset: a client whose content is still on its way when the stream is reset learns now and then only that it could not be sent.
//
// Keys: the sockets stand in a folder that other users cannot enter, but all workers of a server are one user. Each worker gets its two keys with its first message, so that one whose guest
// has taken it over cannot speak as another one, or as the server.
internal static class HopHeaders
{
    public const string Key = "x-windhover-key";
    public const string Scheme = "x-windhover-scheme";
    public const string Request = "x-windhover-request";

    private const string Failure = "x-windhover-failure";

    private static readonly string[] s_all = [Key, Scheme, Request];

    public static string CreateKey() => RandomNumberGenerator.GetHexString(32);

    /// <summary>Sets the fields on a message; what it has under their names goes.</summary>
    public static void Set(HttpRequestMessage message, string key, string scheme, long? request)
    {
        foreach (string name in s_all)
            message.Headers.Remove(name);
        message.Headers.TryAddWithoutValidation(Key, key);
        message.Headers.TryAddWithoutValidation(Scheme, scheme);
        if (request is { } number)
            message.Headers.TryAddWithoutValidation(Request, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Takes the fields off a request.</summary>
    /// <param name="context">The request; its scheme is set.</param>
    /// <param name="key">The key of this hop.</param>
    /// <param name="request">The number of the request, if it has one.</param>
    /// <returns>Whether the sender knows the key.</returns>
    public static bool TryTake(HttpContext context, string key, out long? request)
    {
        IHeaderDictionary headers = context.Request.Headers;
        headers.Remove(Key, out StringValues shown);
        headers.Remove(Scheme, out StringValues scheme);
        headers.Remove(Request, out StringValues number);
        request = long.TryParse(number.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
        context.Request.Scheme = scheme == "https" ? "https" : "http";
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown.ToString()), Encoding.UTF8.GetBytes(key));
    }

    /// <summary>Makes the answer, which has not started, one that says that nobody answered.</summary>
    public static void SetFailure(HttpContext context, string key, CallFailure failure)
    {
        context.Response.Clear(); // fields that were set before it failed, a length above all
        context.Response.StatusCode = StatusCodes.Status502BadGateway;
        context.Response.Headers[Failure] = string.Create(CultureInfo.InvariantCulture, $"{key} {(int)failure}");
    }

    /// <summary>Why nobody answered; null when somebody did. A callee that sends such a field does not know the key.</summary>
    public static CallFailure? ReadFailure(HttpResponseMessage response, string key)
    {
        if (!response.Headers.NonValidated.TryGetValues(Failure, out var values) || values.Count != 1)
            return null;
        string value = values.ToString();
        return value.Length > key.Length
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(value[..key.Length]), Encoding.UTF8.GetBytes(key))
            && int.TryParse(value.AsSpan(key.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int failure)
            ? (CallFailure)failure
            : null;
    }
}
