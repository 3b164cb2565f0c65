using System.Net.Http.Headers;
using System.Text.Json;

namespace Windhover.Plugins.Extism;

/// <summary>The HTTP requests of a plug-in: to allowed hosts only, without following redirects, which would leave the allow-list behind.</summary>
internal sealed class ExtismHttp(ExtismManifest manifest)
{
    private static readonly HttpClient s_client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    /// <summary>Of the last answer; 0 before the first.</summary>
    public int Status { get; private set; }

    /// <summary>Of the last answer: a JSON object of names in lower case and values.</summary>
    public byte[] Headers { get; private set; } = [];

    /// <summary>Makes a request and waits for the whole answer.</summary>
    /// <param name="request">JSON: <c>url</c>, and where given <c>method</c> and <c>headers</c>.</param>
    /// <param name="body">The content; null for none.</param>
    /// <param name="timeLeft">Of the call that makes it.</param>
    /// <exception cref="InvalidOperationException">The host is not allowed, the request is malformed or failed, or the answer is too long.</exception>
    public byte[] Send(byte[] request, byte[]? body, TimeSpan? timeLeft)
    {
        using HttpRequestMessage message = Parse(request, body);
        Uri url = message.RequestUri!;
        if (!manifest.AllowedHosts.Any(pattern => Matches(pattern, url.Host)))
            throw new InvalidOperationException($"HTTP request to {url} is not allowed: its host is not in `allowed_hosts`");
        using var end = new CancellationTokenSource();
        if (timeLeft is { } left)
            end.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            using HttpResponseMessage response = s_client.Send(message, HttpCompletionOption.ResponseHeadersRead, end.Token);
            byte[] content = Read(response, end.Token);
            Status = (int)response.StatusCode;
            Headers = Format(response);
            return content;
        }
        catch (OperationCanceledException error)
        {
            throw new Windhover.Engine.TrapException(Windhover.Engine.TrapKind.Interrupt, $"The HTTP request to {url} ran past the call's deadline.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new InvalidOperationException($"HTTP request to {url} failed: {error.Message}", error);
        }
    }

    private static HttpRequestMessage Parse(byte[] request, byte[]? body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(request);
            JsonElement root = document.RootElement;
            var message = new HttpRequestMessage(
                new HttpMethod(root.TryGetProperty("method", out JsonElement method) && method.GetString() is { Length: > 0 } name ? name : "GET"),
                new Uri(root.GetProperty("url").GetString()!, UriKind.Absolute));
            if (message.RequestUri!.Scheme is not ("http" or "https"))
                throw new FormatException($"`{message.RequestUri.Scheme}` is not a scheme of HTTP");
            if (body is not null)
                message.Content = new ByteArrayContent(body);
            if (!root.TryGetProperty("headers", out JsonElement headers) || headers.ValueKind != JsonValueKind.Object)
                return message;
            foreach (JsonProperty header in headers.EnumerateObject())
            {
                if (!message.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString()))
                    message.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
            }

            return message;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidOperationException($"the HTTP request is malformed: {error.Message}", error);
        }
    }

    private byte[] Read(HttpResponseMessage response, CancellationToken cancellation)
    {
        using Stream stream = response.Content.ReadAsStream(cancellation);
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int n; (n = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (content.Length + n > manifest.MaxHttpResponseBytes)
                throw new InvalidOperationException($"the HTTP answer is longer than `max_http_response_bytes`, {manifest.MaxHttpResponseBytes}");
            content.Write(buffer, 0, n);
        }

        return content.ToArray();
    }

    private static byte[] Format(HttpResponseMessage response)
    {
        var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            IEnumerable<KeyValuePair<string, IEnumerable<string>>> all = ((HttpHeaders)response.Headers).Concat(response.Content.Headers);
            foreach ((string name, IEnumerable<string> values) in all)
                writer.WriteString(name.ToLowerInvariant(), string.Join(", ", values));
            writer.WriteEndObject();
        }

        return text.ToArray();
    }

    /// <summary><c>*</c> stands for any run of characters: linear in the host's length, whatever the pattern.</summary>
    internal static bool Matches(string pattern, string host)
    {
        int p = 0, h = 0, star = -1, mark = 0;
        while (h < host.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = h;
            }
            else if (p < pattern.Length && char.ToLowerInvariant(pattern[p]) == char.ToLowerInvariant(host[h]))
            {
                p++;
                h++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                h = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }
}
