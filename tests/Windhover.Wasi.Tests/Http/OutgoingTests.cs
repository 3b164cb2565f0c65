using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Engine;
using Windhover.Tests;
using Windhover.Wasi.Http;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Tests.Http;

/// <summary>A guest that makes requests, to a real server on loopback.</summary>
public sealed class OutgoingTests : IAsyncLifetime
{
    private const string Http2Client = "http2";

    private readonly ServiceProvider _services = new ServiceCollection()
        .AddGuestHttpClient().Services
        .AddGuestHttpClient(Http2Client).ConfigureHttpClient(client =>
        {
            client.DefaultRequestVersion = HttpVersion.Version20;
            client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }).Services.BuildServiceProvider();
    private readonly TaskCompletionSource _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _server;
    private string _authority = "";
    private string _http2Authority = "";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<KestrelServerOptions>(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.RequestHeaderEncodingSelector = options.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            options.Listen(IPAddress.Loopback, 0);
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _server = builder.Build();
        _server.UseRouting();
        _server.MapGet("/hello", () => "hello");
        _server.MapPost("/echo", async context =>
        {
            context.Response.Headers["x-length"] = context.Request.ContentLength?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown";
            context.Response.Headers["x-seen"] = context.Request.Headers["x-sent"];
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        _server.Map("/redirect", context =>
        {
            context.Response.Redirect("http://forbidden.example/");
            return Task.CompletedTask;
        });
        _server.Map("/trailers", async context =>
        {
            context.Response.DeclareTrailer("x-sum");
            await context.Response.WriteAsync("content");
            context.Response.AppendTrailer("x-sum", "42");
        });
        _server.Map("/hold", async context =>
        {
            if (context.Request.Query.ContainsKey("headers"))
                await context.Response.Body.FlushAsync();
            await _hold.Task;
        });
        await _server.StartAsync();
        var addresses = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        _authority = new Uri(addresses[0]).Authority;
        _http2Authority = new Uri(addresses[1]).Authority;
    }

    public async ValueTask DisposeAsync()
    {
        _hold.TrySetResult();
        await _server!.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public void A_request_is_answered()
    {
        using var context = Context();
        var request = Request(context, "GET", "/hello");
        using var future = Guest.Ok(request.Handle(null));
        var response = Wait(future);
        Assert.Equal(200, response.Status);
        Assert.Equal("text/plain; charset=utf-8", response.Headers.Find("content-type"));
        Guest.Fails(HeaderError.Immutable, response.Headers.Delete("content-type"));
        var body = Guest.Ok(response.Consume());
        Assert.Equal("hello", Guest.ReadText(Guest.Ok(body.Stream())));
        Assert.Equal(1, context.Usage.Count(BudgetKind.OutboundRequests));
        body.Dispose();
        response.Dispose();
        Assert.Equal(0, context.Usage.Count(BudgetKind.OutboundRequests));
        Assert.True(future.Get()!.Value.IsErr);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_short_content_goes_with_its_length_whenever_it_was_written(bool before)
    {
        using var context = Context();
        var request = Request(context, "POST", "/echo", ("x-sent", "caf\u00e9"));
        var body = Guest.Ok(request.Body());
        FutureIncomingResponse? future = null;
        if (!before)
            future = Guest.Ok(request.Handle(null));
        using (var stream = Guest.Ok(body.Write()))
            Guest.Ok(stream.BlockingWriteAndFlush("content"u8));
        Guest.Ok(body.Finish(null));
        future ??= Guest.Ok(request.Handle(null));
        var response = Wait(future);
        Assert.Equal("7", response.Headers.Find("x-length"));
        Assert.Equal("caf\u00e9", response.Headers.Find("x-seen"));
        Assert.Equal("content", Guest.ReadText(Guest.Ok(Guest.Ok(response.Consume()).Stream())));
        future.Dispose();
    }

    [Fact]
    public void A_large_content_is_streamed_both_ways_at_once()
    {
        using var context = Http2Context();
        var request = Request(context, "POST", "/echo");
        Guest.Ok(request.SetAuthority(_http2Authority));
        var body = Guest.Ok(request.Body());
        using var future = Guest.Ok(request.Handle(null));
        using var output = Guest.Ok(body.Write());
        var piece = new byte[64 * 1024];
        new global::System.Random(3).NextBytes(piece);
        Guest.WriteAll(output, piece);
        var response = Wait(future);
        Assert.Equal("unknown", response.Headers.Find("x-length"));
        var incoming = Guest.Ok(response.Consume());
        var input = Guest.Ok(incoming.Stream());
        for (var round = 0; round < 100; round++)
        {
            if (round > 0)
                Guest.WriteAll(output, piece);
            Guest.Ok(output.BlockingFlush());
            for (var at = 0; at < piece.Length;)
            {
                var read = Guest.Ok(input.BlockingRead((ulong)(piece.Length - at)));
                Assert.True(read.Span.SequenceEqual(piece.AsSpan(at, read.Length)));
                at += read.Length;
            }
        }
        Guest.Ok(body.Finish(null));
        Assert.Empty(Guest.ReadAll(input));
    }

    [Fact]
    public void Trailers_come_after_the_content()
    {
        using var context = Http2Context();
        var request = Request(context, "GET", "/trailers");
        Guest.Ok(request.SetAuthority(_http2Authority));
        using var future = Guest.Ok(request.Handle(null));
        var body = Guest.Ok(Wait(future).Consume());
        Assert.Equal("content", Guest.ReadText(Guest.Ok(body.Stream())));
        using var trailers = body.Finish();
        trailers.Subscribe().Block();
        Assert.Equal("42", Guest.Ok(Guest.Ok(trailers.Get()!.Value))!.Find("x-sum"));
        Assert.Equal(0, context.Usage.Count(BudgetKind.OutboundRequests));
    }

    [Fact]
    public void Redirects_are_the_guests_own_business()
    {
        using var context = Context();
        using var future = Guest.Ok(Request(context, "GET", "/redirect").Handle(null));
        using var response = Wait(future);
        Assert.Equal(302, response.Status);
        Assert.Equal("http://forbidden.example/", response.Headers.Find("location"));
    }

    [Fact]
    public void What_is_not_allowed_is_denied_before_anything_is_sent()
    {
        using var none = Guest.Context();
        Guest.Fails(new HttpError(HttpErrorKind.HttpRequestDenied), Request(none, "GET", "/").Handle(null));
        using var context = Context();
        var other = Request(context, "GET", "/");
        Guest.Ok(other.SetAuthority("other.example"));
        Guest.Fails(new HttpError(HttpErrorKind.HttpRequestDenied), other.Handle(null));
        var secure = Request(context, "GET", "/");
        Guest.Ok(secure.SetScheme("https"));
        Guest.Fails(new HttpError(HttpErrorKind.HttpRequestDenied), secure.Handle(null));
        var gopher = Request(context, "GET", "/");
        Guest.Ok(gopher.SetScheme("gopher"));
        Guest.Fails(new HttpError(HttpErrorKind.HttpProtocolError), gopher.Handle(null));
        var disguised = Request(context, "GET", "/");
        Guest.Ok(disguised.SetAuthority($"{_authority.Split(':')[0]}@other.example"));
        Guest.Fails(new HttpError(HttpErrorKind.HttpRequestUriInvalid), disguised.Handle(null));
        Assert.Equal(0, context.Usage.Count(BudgetKind.OutboundRequests));
    }

    [Fact]
    public void A_closed_port_and_an_unknown_name_are_errors_of_the_answer()
    {
        using var context = Context("http://127.0.0.1:1", "http://nonexistent.invalid");
        var closed = Request(context, "GET", "/");
        Guest.Ok(closed.SetAuthority("127.0.0.1:1"));
        using (var future = Guest.Ok(closed.Handle(null)))
        {
            future.Subscribe().Block();
            Guest.Fails(new HttpError(HttpErrorKind.ConnectionRefused), Guest.Ok(future.Get()!.Value));
        }
        var unknown = Request(context, "GET", "/");
        Guest.Ok(unknown.SetAuthority("nonexistent.invalid"));
        using (var future = Guest.Ok(unknown.Handle(null)))
        {
            future.Subscribe().Block();
            Assert.Contains(Guest.Ok(future.Get()!.Value).Error.Kind, new[] { HttpErrorKind.DnsError, HttpErrorKind.DnsTimeout });
        }
        Assert.Equal(0, context.Usage.Count(BudgetKind.OutboundRequests));
    }

    [Fact]
    public void Timeouts_are_heeded()
    {
        using var context = Context();
        using (var future = Guest.Ok(Request(context, "GET", "/hold").Handle(new RequestOptions { FirstByteTimeout = 50_000_000 })))
        {
            future.Subscribe().Block();
            Guest.Fails(new HttpError(HttpErrorKind.HttpResponseTimeout), Guest.Ok(future.Get()!.Value));
        }
        using (var future = Guest.Ok(Request(context, "GET", "/hold?headers").Handle(new RequestOptions { BetweenBytesTimeout = 50_000_000 })))
        {
            var stream = Guest.Ok(Guest.Ok(Wait(future).Consume()).Stream());
            Assert.Equal(new HttpError(HttpErrorKind.ConnectionReadTimeout), stream.BlockingRead(1).Error.GetFailure()?.Code);
        }
    }

    [Fact]
    public async Task A_dropped_request_is_given_up()
    {
        using var context = Context();
        Guest.Ok(Request(context, "GET", "/hold").Handle(null)).Dispose();
        Guest.Ok(Request(context, "GET", "/hold?headers").Handle(null)).Dispose();
        using var patience = new CancellationTokenSource(Guest.Patience);
        while (context.Usage.Count(BudgetKind.OutboundRequests) > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    [BudgetTest("outbound-requests", Edge.Reached)]
    [BudgetTest("outbound-requests", Edge.PassedByOne)]
    public void Requests_under_way_are_limited()
    {
        using var context = Guest.Context(new WasiOptions { OutgoingHttp = Http($"http://{_authority}"), Budget = Budget.Default with { OutboundRequests = 1 } });
        using var future = Guest.Ok(Request(context, "GET", "/hold").Handle(null));
        Guest.Fails(new HttpError(HttpErrorKind.ConnectionLimitReached), Request(context, "GET", "/hold").Handle(null));
    }

    [Fact]
    public void An_unfinished_content_fails_the_request()
    {
        using var context = Context();
        var request = Request(context, "POST", "/echo");
        var body = Guest.Ok(request.Body());
        using var future = Guest.Ok(request.Handle(null));
        using (var stream = Guest.Ok(body.Write()))
            Guest.WriteAll(stream, new byte[20_000]);
        body.Dispose();
        future.Subscribe().Block();
        var outcome = Guest.Ok(future.Get()!.Value);
        if (outcome.IsErr)
            return;
        // The server was faster: then its echo breaks off.
        var input = Guest.Ok(Guest.Ok(outcome.Value.Consume()).Stream());
        while (true)
        {
            var read = input.BlockingRead(65536);
            if (read.IsOk)
                continue;
            Assert.NotNull(read.Error.GetFailure());
            return;
        }
    }

    private static IncomingResponse Wait(FutureIncomingResponse future)
    {
        Assert.Null(future.IsReady ? null : future.Get());
        future.Subscribe().Block();
        return Guest.Ok(Guest.Ok(future.Get()!.Value));
    }

    private WasiContext Context(params string[] more) => Guest.Context(new WasiOptions { OutgoingHttp = Http([$"http://{_authority}", .. more]) });

    private WasiContext Http2Context() => Guest.Context(new WasiOptions
    {
        OutgoingHttp = new OutgoingHttp(_services.GetRequiredService<IHttpClientFactory>(), [$"http://{_http2Authority}"], Http2Client),
    });

    private OutgoingHttp Http(params string[] allowed) => new(_services.GetRequiredService<IHttpClientFactory>(), allowed);

    private OutgoingRequest Request(WasiContext context, string method, string path, params (string, string)[] headers)
    {
        var fields = new Fields(1000);
        foreach (var (name, value) in headers)
            Guest.Ok(fields.Append(name, Encoding.Latin1.GetBytes(value)));
        var request = new OutgoingRequest(context, fields);
        Guest.Ok(request.SetMethod(method));
        Guest.Ok(request.SetScheme("http"));
        Guest.Ok(request.SetAuthority(_authority));
        Guest.Ok(request.SetPathWithQuery(path));
        return request;
    }
}
