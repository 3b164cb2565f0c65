using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Windhover.Apps.Manifest;
using Windhover.Apps.Routing;

namespace Windhover.Apps.Commands;

// A program answers a request as under CGI 1.1 (RFC 3875): the request in its environment, the body on its standard input, the answer on its
// standard output.
//
//   QUERY_STRING=…  REQUEST_METHOD=…  PATH_INFO=…      beside them HTTP_* for the headers, ROUTE_* for the route's parameters
//   args = ["-json", "/data/shop.db", "select {id}"]   {name}: a parameter of the route, else of the query, else nothing. One argument stays one
//                                                      argument whatever stands in it; what the program makes of it is the program's matter
//   content-type = "…"                                 the output is the body; else it begins with a CGI header (Content-Type, Status …), else it is text
//
// `Proxy` is left out of HTTP_*: HTTP_PROXY would set the proxy of programs that believe it (CVE-2016-5385).
internal static class Cgi
{
    private const int MaxHeaderBytes = 16 * 1024;

    public static List<KeyValuePair<string, string>> Environment(HttpContext context, HttpTrigger trigger, string[] parameters)
    {
        HttpRequest request = context.Request;
        string path = request.Path.Value ?? "/";
        string script = trigger.BasePath;
        var variables = new List<KeyValuePair<string, string>>
        {
            new("GATEWAY_INTERFACE", "CGI/1.1"),
            new("SERVER_PROTOCOL", request.Protocol),
            new("SERVER_SOFTWARE", "windhover"),
            new("SERVER_NAME", request.Host.Host),
            new("SERVER_PORT", (request.Host.Port ?? context.Connection.LocalPort).ToString(CultureInfo.InvariantCulture)),
            new("REQUEST_METHOD", request.Method),
            new("REQUEST_SCHEME", request.Scheme),
            new("REQUEST_URI", path + request.QueryString),
            new("SCRIPT_NAME", script),
            new("PATH_INFO", path.StartsWith(script, StringComparison.Ordinal) ? path[script.Length..] : path),
            new("QUERY_STRING", request.QueryString.HasValue ? request.QueryString.Value![1..] : ""),
            new("REMOTE_ADDR", context.Connection.RemoteIpAddress?.ToString() ?? "127.0.0.1"),
        };
        if (request.ContentLength is { } length)
            variables.Add(new("CONTENT_LENGTH", length.ToString(CultureInfo.InvariantCulture)));
        if (request.ContentType is { } type)
            variables.Add(new("CONTENT_TYPE", type));
        for (int i = 0; i < parameters.Length; i++)
            variables.Add(new("ROUTE_" + Name(trigger.Route.Names[i]), parameters[i]));
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Headers)
        {
            if (!name.Equals("proxy", StringComparison.OrdinalIgnoreCase) && !name.Equals("content-length", StringComparison.OrdinalIgnoreCase) && !name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
                variables.Add(new("HTTP_" + Name(name), string.Join(", ", (IEnumerable<string?>)values)));
        }

        // A variable cannot hold a NUL; nothing that a client sends may make the run fail.
        for (int i = 0; i < variables.Count; i++)
        {
            if (variables[i].Value.Contains('\0', StringComparison.Ordinal))
                variables[i] = new(variables[i].Key, variables[i].Value.Replace("\0", "", StringComparison.Ordinal));
        }

        return variables;
    }

    /// <summary>Puts parameters into arguments.</summary>
    public static List<string> Arguments(IReadOnlyList<string> templates, RoutePattern route, string[] parameters, IQueryCollection query)
    {
        var arguments = new List<string>(templates.Count);
        foreach (string template in templates)
            arguments.Add(template.Contains('{', StringComparison.Ordinal) ? Fill(template, route, parameters, query) : template);
        return arguments;
    }

    private static string Fill(string template, RoutePattern route, string[] parameters, IQueryCollection query)
    {
        var text = new StringBuilder(template.Length + 32);
        for (int i = 0; i < template.Length; i++)
        {
            int end = template[i] == '{' ? template.IndexOf('}', i) : -1;
            if (end < 0)
            {
                text.Append(template[i]);
                continue;
            }

            string name = template[(i + 1)..end];
            int at = route.Names.IndexOf(name);
            text.Append(at >= 0 ? parameters[at] : query[name].ToString());
            i = end;
        }

        return text.Replace("\0", "").ToString();
    }

    /// <summary>Writes a program's output as an HTTP answer.</summary>
    public static async Task AnswerAsync(HttpContext context, CommandResult result, string? contentType, CancellationToken cancellationToken)
    {
        HttpResponse response = context.Response;
        ReadOnlyMemory<byte> body = result.Output;
        response.StatusCode = result.ExitCode == 0 ? 200 : 500;
        if (contentType is not null)
            response.ContentType = contentType;
        else if (TryReadHeader(body.Span, response, out int length))
            body = body[length..];
        else
            response.ContentType = "text/plain; charset=utf-8";
        if (HttpMethods.IsHead(context.Request.Method) || response.StatusCode is 204 or 304)
            return;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, cancellationToken).ConfigureAwait(false);
    }

    // Lines of `Name: value` up to an empty one. A program that prints no such thing has printed a body.
    private static bool TryReadHeader(ReadOnlySpan<byte> output, HttpResponse response, out int length)
    {
        length = 0;
        var fields = new List<(string Name, string Value)>();
        int at = 0;
        while (true)
        {
            if (at > MaxHeaderBytes)
                return false;
            int end = output[at..].IndexOf((byte)'\n');
            if (end < 0)
                return false;
            ReadOnlySpan<byte> line = output.Slice(at, end).TrimEnd((byte)'\r');
            at += end + 1;
            if (line.IsEmpty)
                break;
            int colon = line.IndexOf((byte)':');
            if (colon <= 0 || !IsToken(line[..colon]))
                return false;
            fields.Add((Encoding.ASCII.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..]).Trim()));
        }

        if (fields.Count == 0)
            return false;
        foreach ((string name, string value) in fields)
        {
            if (value.AsSpan().ContainsAny('\0', '\r'))
                return false;
        }

        foreach ((string name, string value) in fields)
        {
            if (name.Equals("status", StringComparison.OrdinalIgnoreCase))
                response.StatusCode = int.TryParse(value.AsSpan(0, Math.Min(3, value.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out int status) && status is >= 200 and <= 599 ? status : 500;
            else if (name.Equals("location", StringComparison.OrdinalIgnoreCase))
                (response.Headers.Location, response.StatusCode) = (value, response.StatusCode == 200 ? 302 : response.StatusCode);
            else if (!name.Equals("content-length", StringComparison.OrdinalIgnoreCase) && !name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase) && !name.Equals("connection", StringComparison.OrdinalIgnoreCase))
                response.Headers.Append(name, value);
        }

        length = at;
        return true;
    }

    private static bool IsToken(ReadOnlySpan<byte> name)
    {
        foreach (byte b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'-' or (byte)'_'))
                return false;
        }

        return true;
    }

    private static string Name(string text) => text.ToUpperInvariant().Replace('-', '_');
}
