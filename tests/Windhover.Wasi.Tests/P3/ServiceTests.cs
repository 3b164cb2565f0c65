using System.IO.Pipelines;
using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Http;
using Windhover.Wasi.P3;
using Windhover.Wasi.Tests.Http;

namespace Windhover.Wasi.Tests.P3;

/// <summary>Services of WASI 0.3: C and JavaScript.</summary>
public sealed class ServiceTests
{
    [Theory]
    [InlineData("c-http-p3/c-http-p3.wasm")]
    [InlineData("js-p3/js-p3.wasm")]
    public async Task One_instance_answers_one_after_the_other(string guest)
    {
        using var service = Components.Serve(Components.Guest(guest));
        for (var i = 0; i < 3; i++)
        {
            var exchange = new FakeExchange();
            await service.HandleAsync(exchange);
            Assert.StartsWith("start 200", exchange.Log[0], StringComparison.Ordinal);
            Assert.NotEmpty(await ReadAsync(exchange));
        }
    }

    [Theory]
    [InlineData("c-http-p3/c-http-p3.wasm")]
    [InlineData("js-p3/js-p3.wasm")]
    public async Task A_content_is_echoed(string guest)
    {
        using var service = Components.Serve(Components.Guest(guest));
        var exchange = new FakeExchange { Method = "POST", PathWithQuery = "/echo" };
        var handled = service.HandleAsync(exchange);
        var reading = ReadAsync(exchange);
        for (var i = 0; i < 100; i++)
            await exchange.RequestWriter.WriteAsync(Encoding.UTF8.GetBytes(new string((char)('a' + (i % 26)), 1000)), TestContext.Current.CancellationToken);
        await exchange.RequestWriter.CompleteAsync();
        await handled;
        Assert.Equal(100_000, (await reading).Length);
    }

    /// <summary>A guest may keep its request; the server's memory behind it holds the next client's content by then.</summary>
    [Fact]
    public async Task A_content_is_not_read_after_the_request_has_ended()
    {
        var server = new Pipe();
        var body = new HostBody(server.Reader, new NoTrailers(), null, CancellationToken.None);
        await body.StopAsync();
        await server.Writer.WriteAsync("of another client"u8.ToArray(), TestContext.Current.CancellationToken);
        var guest = new Pipe();
        var copied = await body.CopyToAsync(guest.Writer, null, HttpErrorKind.HttpRequestBodySize, CancellationToken.None);
        Assert.False(copied.TryGet(out _, out var error));
        Assert.Equal(HttpErrorKind.ConnectionTerminated, error.Kind);
        Assert.True(server.Reader.TryRead(out var left));
        Assert.Equal(17, left.Buffer.Length);
    }

    private sealed class NoTrailers : ITrailerSource
    {
        public Fields? Read() => null;
    }

    [Theory]
    [InlineData("c-http-p3/c-http-p3.wasm")]
    [InlineData("js-p3/js-p3.wasm")]
    public async Task Many_requests_wait_in_one_instance(string guest)
    {
        using var service = Components.Serve(Components.Guest(guest));
        FakeExchange[] exchanges = [.. Enumerable.Range(0, 50).Select(_ => new FakeExchange { PathWithQuery = "/sleep/20" })];
        await Task.WhenAll(exchanges.Select(e => service.HandleAsync(e)));
        Assert.All(exchanges, e => Assert.Contains(e.Log, line => line.StartsWith("complete", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_trap_fails_the_others_too()
    {
        using var service = Components.Serve(Components.Guest("c-http-p3/c-http-p3.wasm"));
        var waiting = service.HandleAsync(new FakeExchange { PathWithQuery = "/sleep/60000" });
        await Assert.ThrowsAsync<TrapException>(() => service.HandleAsync(new FakeExchange { PathWithQuery = "/trap" }));
        await Assert.ThrowsAsync<TrapException>(() => waiting);
        Assert.True(service.Instance.HasEnded);
    }

    [Fact]
    public async Task A_request_that_is_given_up_leaves_the_instance_usable()
    {
        using var service = Components.Serve(Components.Guest("c-http-p3/c-http-p3.wasm"));
        using var gone = new CancellationTokenSource();
        var waiting = service.HandleAsync(new FakeExchange { PathWithQuery = "/sleep/60000" }, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var exchange = new FakeExchange();
        await service.HandleAsync(exchange);
        Assert.StartsWith("start 200", exchange.Log[0], StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAsync(FakeExchange exchange)
    {
        var all = new MemoryStream();
        await exchange.ResponseReader.CopyToAsync(all);
        return all.ToArray();
    }
}
