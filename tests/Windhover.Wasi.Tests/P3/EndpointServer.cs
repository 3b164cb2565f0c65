using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Windhover.Wasi.Tests.P3;

/// <summary>
/// A server of a few fixed answers on HTTP/1.1, one request a connection: Kestrel cannot show how a request was framed, or send trailers on HTTP/1.1. The endpoints are
/// those of the wasi-testsuite's JSON files.
/// </summary>
internal sealed class EndpointServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly JsonElement _endpoints;
    private readonly Task _accepting;

    public EndpointServer(JsonElement endpoints)
    {
        _endpoints = endpoints;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Authority => _listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (SocketException)
            {
                return;
            }

            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var request = await ReadAsync(stream);
                await stream.WriteAsync(Answer(request));
            }
        }
        catch (Exception error) when (error is IOException or SocketException or EndOfStreamException or FormatException)
        {
            // The client broke off, as a test wants.
        }
    }

    private byte[] Answer(Request request)
    {
        foreach (var endpoint in _endpoints.EnumerateArray())
        {
            if (Text(endpoint, "path") != request.Path || (Text(endpoint, "method") ?? "GET") != request.Method)
                continue;
            return Text(endpoint, "mode") switch
            {
                "echo-body" => Reply(request, 200, [], request.Body),
                "echo-headers" => Reply(
                    request,
                    200,
                    [
                        ("x-request-method", request.Method),
                        ("x-request-path", request.Path),
                        .. request.Headers.Select(h => ($"x-echo-{h.Name}", h.Value)),
                        .. request.Trailers.Select(h => ($"x-trailer-{h.Name}", h.Value)),
                    ],
                    []),
                _ => Static(request, endpoint.GetProperty("response")),
            };
        }

        return Reply(request, 404, [], []);
    }

    private static byte[] Static(Request request, JsonElement response)
    {
        var status = response.TryGetProperty("status", out var number) ? number.GetInt32() : 200;
        (string, string)[] headers = response.TryGetProperty("headers", out var fields) ? [.. fields.EnumerateObject().Select(f => (f.Name, f.Value.GetString()!))] : [];
        if (!response.TryGetProperty("chunks", out var chunks))
            return Reply(request, status, headers, Encoding.UTF8.GetBytes(Text(response, "body") ?? ""));
        var text = Head(status, [.. headers, ("Transfer-Encoding", "chunked")]);
        foreach (var chunk in chunks.EnumerateArray())
            text.Append(CultureInfo.InvariantCulture, $"{chunk.GetString()!.Length:x}\r\n{chunk.GetString()}\r\n");
        text.Append("0\r\n");
        if (response.TryGetProperty("trailers", out var trailers))
        {
            foreach (var trailer in trailers.EnumerateObject())
                text.Append(CultureInfo.InvariantCulture, $"{trailer.Name}: {trailer.Value.GetString()}\r\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    private static byte[] Reply(Request request, int status, (string, string)[] headers, byte[] body)
    {
        var head = Head(status, [.. headers, ("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture))]).ToString();
        return request.Method == "HEAD" ? Encoding.UTF8.GetBytes(head) : [.. Encoding.UTF8.GetBytes(head), .. body];
    }

    private static StringBuilder Head(int status, (string Name, string Value)[] headers)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Answer\r\n");
        foreach (var (name, value) in headers)
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        return text.Append("Connection: close\r\n\r\n");
    }

    private static async Task<Request> ReadAsync(Stream stream)
    {
        var line = (await LineAsync(stream)).Split(' ');
        var headers = await FieldsAsync(stream);
        List<(string Name, string Value)> trailers = [];
        var body = new MemoryStream();
        if (headers.Any(h => h.Name == "transfer-encoding" && h.Value.Contains("chunked", StringComparison.OrdinalIgnoreCase)))
        {
            while (int.Parse((await LineAsync(stream)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
            {
                await CopyAsync(stream, body, size);
                await LineAsync(stream);
            }

            trailers = await FieldsAsync(stream);
        }
        else if (headers.FirstOrDefault(h => h.Name == "content-length") is { Value: { } length })
        {
            await CopyAsync(stream, body, int.Parse(length, CultureInfo.InvariantCulture));
        }

        return new Request(line[0], line[1], headers, body.ToArray(), trailers);
    }

    private static async Task<List<(string Name, string Value)>> FieldsAsync(Stream stream)
    {
        var fields = new List<(string, string)>();
        while (await LineAsync(stream) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            fields.Add((line[..colon].Trim().ToLowerInvariant(), line[(colon + 1)..].Trim()));
        }

        return fields;
    }

    private static async Task CopyAsync(Stream stream, MemoryStream body, int size)
    {
        var bytes = new byte[size];
        await stream.ReadExactlyAsync(bytes);
        body.Write(bytes);
    }

    private static async Task<string> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            await stream.ReadExactlyAsync(one);
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private sealed record Request(string Method, string Path, List<(string Name, string Value)> Headers, byte[] Body, List<(string Name, string Value)> Trailers);
}
