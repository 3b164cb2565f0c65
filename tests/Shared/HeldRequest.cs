using System.Net;

namespace Windhover.Tests.Shared;

/// <summary>
/// A POST that is under way for as long as a test wants: the client waits with its body for the server's `100 Continue`, which comes when the app begins to read it, and then until it
/// is released. What it sends comes after 256 KiB of blanks: Kestrel ends uploads that come, on average, slower than 240 bytes a second.
/// </summary>
internal sealed class HeldRequest : IDisposable
{
    private static readonly byte[] s_blanks = System.Text.Encoding.UTF8.GetBytes(new string(' ', 256 * 1024));

    private readonly HttpClient _client = new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(2) });
    private readonly HeldContent _content;

    private HeldRequest(Uri address, string body)
    {
        _content = new HeldContent(body);
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = _content };
        request.Headers.ExpectContinue = true;
        Answer = _client.SendAsync(request);
    }

    public Task<HttpResponseMessage> Answer { get; }

    /// <summary>Returns when the app has the request.</summary>
    public static async Task<HeldRequest> StartAsync(Uri address, string body, CancellationToken cancellation)
    {
        var held = new HeldRequest(address, body);
        Task first = await Task.WhenAny(held._content.Begun.Task, held.Answer).WaitAsync(TimeSpan.FromSeconds(60), cancellation);
        Assert.True(first != held.Answer, "the request ended before it began");
        return held;
    }

    /// <summary>Sends the body.</summary>
    public void Release() => _content.Released.TrySetResult();

    /// <summary>Sends the body, and returns the answer's text without the blanks that come back.</summary>
    public async Task<string> FinishAsync(CancellationToken cancellation)
    {
        Release();
        using HttpResponseMessage answer = await Answer;
        return (await answer.Content.ReadAsStringAsync(cancellation)).Trim();
    }

    public void Dispose()
    {
        Release();
        _client.Dispose();
        _content.Dispose();
    }

    private sealed class HeldContent(string body) : HttpContent
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(s_blanks);
            await stream.FlushAsync();
            Begun.TrySetResult();
            await Released.Task;
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
