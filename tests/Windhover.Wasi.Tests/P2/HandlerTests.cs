using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Engine;
using Windhover.Wasi.Http;
using Windhover.Wasi.Tests.Http;

namespace Windhover.Wasi.Tests.P2;

/// <summary>HTTP handlers of C and Rust as components.</summary>
public sealed class HandlerTests
{
    private const string C = "c-http/c-http.wasm";
    private const string Rust = "rust-http/rust-http.wasm";

    public static TheoryData<string> Both => [C, Rust];

    [Fact]
    public void Hello_leaves_in_one_piece()
    {
        var exchange = new FakeExchange();
        Components.Handle(Components.Guest(C), exchange);
        Assert.Equal(["start 200 length 13", "complete"], exchange.Log);
        Assert.Equal("Hello from C\n", exchange.ReadResponse());

        exchange = new FakeExchange();
        Components.Handle(Components.Guest(Rust), exchange);
        Assert.StartsWith("start 200 length ", exchange.Log[0], StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", exchange.Log[0], StringComparison.Ordinal);
        Assert.StartsWith("Hello", exchange.ReadResponse(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(C, "/echo")]
    [InlineData(C, "/splice")]
    [InlineData(Rust, "/echo")]
    public async Task A_large_content_is_echoed_as_it_comes(string guest, string path)
    {
        var content = new byte[3_000_000];
        new global::System.Random(9).NextBytes(content);
        var exchange = new FakeExchange { Method = "POST", PathWithQuery = path };
        var component = Components.Guest(guest);
        var handling = Task.Factory.StartNew(
            () => Components.Handle(component, exchange), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var sending = Task.Run(
            async () =>
            {
                for (var at = 0; at < content.Length; at += 100_000)
                    await exchange.RequestWriter.WriteAsync(content.AsMemory(at, Math.Min(100_000, content.Length - at)));
                await exchange.RequestWriter.CompleteAsync();
            },
            TestContext.Current.CancellationToken);
        var received = new MemoryStream();
        await exchange.ResponseReader.CopyToAsync(received, TestContext.Current.CancellationToken);
        await Task.WhenAll(handling, sending);
        Assert.True(received.ToArray().AsSpan().SequenceEqual(content));
        Assert.Equal("complete", exchange.Log[^1]);
    }

    [Theory, MemberData(nameof(Both))]
    public void The_guest_sees_the_headers(string guest)
    {
        var exchange = new FakeExchange { PathWithQuery = "/headers", RequestHeaders = { ["x-one"] = "1", ["x-two"] = "caf\u00e9", ["connection"] = "close" } };
        Components.Handle(Components.Guest(guest), exchange);
        var text = exchange.ReadResponse();
        Assert.Contains("x-one: 1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("connection", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_a_wait_and_a_trap()
    {
        var exchange = new FakeExchange { PathWithQuery = "/status/418" };
        Components.Handle(Components.Guest(C), exchange);
        Assert.Equal("start 418 length 0", exchange.Log[0]);

        exchange = new FakeExchange { PathWithQuery = "/sleep/20" };
        Components.Handle(Components.Guest(C), exchange);
        Assert.Equal("complete", exchange.Log[^1]);

        exchange = new FakeExchange { PathWithQuery = "/trap" };
        Assert.Throws<TrapException>(() => Components.Handle(Components.Guest(C), exchange));
        Assert.Equal(["abort InternalError"], exchange.Log); // the instance's end drops the outparam
    }

    [Fact]
    public void An_aborted_request_ends_the_guest_that_waits()
    {
        using var abort = new CancellationTokenSource();
        var component = Components.Guest(C);
        var exchange = new FakeExchange { PathWithQuery = "/sleep/600000" };
        using var timer = new Timer(_ => abort.Cancel(), null, 50, Timeout.Infinite);
        var trap = Assert.ThrowsAny<TrapException>(() => Components.Handle(component, exchange, aborted: abort.Token));
        Assert.IsAssignableFrom<OperationCanceledException>(trap.InnerException);
    }

    [Fact]
    public async Task A_proxy_reaches_only_what_it_may()
    {
        await using var server = await TestServer.StartAsync();
        using var services = new ServiceCollection().AddGuestHttpClient().Services.BuildServiceProvider();
        var options = new WasiOptions { OutgoingHttp = new OutgoingHttp(services.GetRequiredService<IHttpClientFactory>(), [$"http://{server.Authority}"]) };

        var exchange = new FakeExchange { Method = "POST", PathWithQuery = $"/{server.Authority}/upper" };
        await exchange.RequestWriter.WriteAsync(Encoding.ASCII.GetBytes("shout"), TestContext.Current.CancellationToken);
        await exchange.RequestWriter.CompleteAsync();
        Components.Handle(Components.Guest("rust-proxy/rust-proxy.wasm"), exchange, options);
        Assert.StartsWith("start 200", exchange.Log[0], StringComparison.Ordinal);
        Assert.Equal("SHOUT", exchange.ReadResponse());

        exchange = new FakeExchange { PathWithQuery = "/forbidden.example/" };
        await exchange.RequestWriter.CompleteAsync();
        Components.Handle(Components.Guest("rust-proxy/rust-proxy.wasm"), exchange, options);
        Assert.DoesNotContain("start 200 length 0", exchange.Log);
        Assert.DoesNotContain("start 200 length unknown", exchange.Log);
    }
}
