using System.Text;
using Windhover.Wasi.Http;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Tests.Http;

/// <summary>A guest that answers requests.</summary>
public sealed class IncomingTests
{
    [Fact]
    public void The_request_is_as_the_server_has_it()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange { Method = "PURGE", PathWithQuery = "/a?b=%20", RequestHeaders = { ["X-One"] = "1", ["Connection"] = "close" } };
        using var request = new IncomingRequest(context, exchange);
        Assert.Equal(("PURGE", "/a?b=%20", "http", "test.example"), (request.Method, request.PathWithQuery, request.Scheme, request.Authority));
        Assert.Equal("1", request.Headers.Find("x-one"));
        Assert.False(request.Headers.Has("connection"));
        Guest.Fails(HeaderError.Immutable, request.Headers.Append("x", "y"u8));
        Guest.Ok(request.Consume());
        Assert.True(request.Consume().IsErr);
    }

    [Fact]
    public void A_short_answer_leaves_in_one_piece_with_its_length()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        var (response, body, stream) = Respond(context, exchange);
        // As most guests write: each piece flushed.
        Guest.Ok(stream.BlockingWriteAndFlush("hello "u8));
        Guest.Ok(stream.BlockingWriteAndFlush("world"u8));
        Assert.Empty(exchange.Log);
        stream.Dispose();
        Guest.Ok(body.Finish(null));
        Assert.Equal(["start 200 length 11", "complete"], exchange.Log);
        Assert.Equal("hello world", exchange.ReadResponse());
        response.Dispose();
    }

    [Fact]
    public void A_body_written_and_finished_before_the_answer_is_set_also_has_its_length()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        using var response = new OutgoingResponse(context, new Fields(1000));
        Guest.Ok(response.SetStatusCode(404));
        var body = Guest.Ok(response.Body());
        using (var stream = Guest.Ok(body.Write()))
            Guest.Ok(stream.BlockingWriteAndFlush("no"u8));
        Guest.Ok(body.Finish(null));
        new ResponseOutparam(exchange).Set(response);
        Assert.Equal(["start 404 length 2", "complete"], exchange.Log);
        Assert.Equal("no", exchange.ReadResponse());
    }

    [Fact]
    public void An_answer_without_a_body_is_empty()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        new ResponseOutparam(exchange).Set(new OutgoingResponse(context, new Fields(1000)));
        Assert.Equal(["start 200 length 0", "complete"], exchange.Log);
    }

    [Fact]
    public void A_flush_is_carried_out_when_the_guest_waits()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        var (_, body, stream) = Respond(context, exchange);
        Guest.Ok(stream.BlockingWriteAndFlush("event 1"u8));
        Assert.Equal("", exchange.ReadResponse());
        using (var timer = context.Clocks.SubscribeDuration(1_000_000))
            timer.Block();
        Assert.Equal(["start 200 length unknown"], exchange.Log);
        Assert.Equal("event 1", exchange.ReadResponse());
        // From now on each flush is one.
        Guest.Ok(stream.BlockingWriteAndFlush("event 2"u8));
        Assert.Equal("event 2", exchange.ReadResponse());
        Guest.Ok(body.Finish(null));
        Assert.Equal(["start 200 length unknown", "complete"], exchange.Log);
    }

    [Fact]
    public void The_headers_go_out_when_the_guest_waits_without_having_written()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        Respond(context, exchange);
        using (var timer = context.Clocks.SubscribeDuration(1_000_000))
            timer.Block();
        Assert.Equal(["start 200 length unknown"], exchange.Log);
    }

    [Fact]
    public async Task A_large_answer_is_streamed_in_flat_memory()
    {
        const int size = 64 << 20;
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        var (_, body, stream) = Respond(context, exchange);
        var received = Task.Run(
            async () =>
            {
                var total = 0L;
                while (true)
                {
                    var read = await exchange.ResponseReader.ReadAsync();
                    total += read.Buffer.Length;
                    Assert.InRange(read.Buffer.Length, 0, 512 * 1024);
                    exchange.ResponseReader.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted)
                        return total;
                }
            },
            TestContext.Current.CancellationToken);
        Guest.WriteAll(stream, new byte[size]);
        Guest.Ok(body.Finish(null));
        Assert.Equal(size, await received);
        Assert.Equal("start 200 length unknown", exchange.Log[0]);
    }

    [Fact]
    public void A_declared_length_is_passed_on_and_must_be_kept()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        var (_, body, stream) = Respond(context, exchange, ("content-length", "5"));
        Guest.Ok(stream.BlockingWriteAndFlush("12345"u8));
        Guest.Ok(stream.CheckWrite());
        var failed = stream.Write("6"u8);
        Assert.Equal(new HttpError(HttpErrorKind.HttpResponseBodySize, Number: 6), failed.Error.GetFailure()?.Code);
        Guest.Ok(body.Finish(null));

        exchange = new FakeExchange();
        (_, body, stream) = Respond(context, exchange, ("content-length", "5"));
        Guest.Ok(stream.BlockingWriteAndFlush("1234"u8));
        Guest.Fails(new HttpError(HttpErrorKind.HttpResponseBodySize, Number: 4), body.Finish(null));
        Assert.Equal(["abort HttpResponseBodySize"], exchange.Log);
    }

    [Fact]
    public void Trailers_are_passed_on()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        var (_, body, stream) = Respond(context, exchange);
        Guest.Ok(stream.BlockingWriteAndFlush("x"u8));
        Guest.Ok(body.Finish(Guest.Ok(Fields.FromList([("checksum", "1"u8.ToArray())], 1000, Guest.Usage))));
        Assert.Equal(["start 200 length unknown", "complete with 1 trailers"], exchange.Log);
    }

    [Fact]
    public void An_unfinished_body_breaks_the_answer_off()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        var (_, body, stream) = Respond(context, exchange);
        Guest.Ok(stream.BlockingWriteAndFlush("half"u8));
        stream.Dispose();
        body.Dispose();
        Assert.Equal(["abort InternalError"], exchange.Log);
    }

    [Fact]
    public void No_answer_and_an_error_as_answer_are_told()
    {
        var exchange = new FakeExchange();
        new ResponseOutparam(exchange).Dispose();
        Assert.Equal(["abort InternalError"], exchange.Log);
        exchange = new FakeExchange();
        var outparam = new ResponseOutparam(exchange);
        Guest.Ok(outparam.SendInformational(103, new Fields(100)));
        Assert.True(outparam.SendInformational(200, new Fields(100)).IsErr);
        outparam.Set(new HttpError(HttpErrorKind.LoopDetected));
        outparam.Dispose();
        Assert.Equal(["informational 103", "abort LoopDetected"], exchange.Log);
    }

    [Fact]
    public async Task A_guest_that_reads_no_more_learns_that_the_client_is_gone()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        var (_, _, stream) = Respond(context, exchange);
        Guest.WriteAll(stream, new byte[20_000]);
        await exchange.ResponseReader.CompleteAsync();
        Guest.Ok(stream.BlockingFlush());
        Guest.Fails(StreamErrors.Closed, stream.CheckWrite());
    }

    [Fact]
    public async Task The_content_is_read_as_it_comes_and_then_the_trailers()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange { RequestTrailers = { ["x-end"] = "yes" } };
        using var request = new IncomingRequest(context, exchange);
        var body = Guest.Ok(request.Consume());
        var stream = Guest.Ok(body.Stream());
        Assert.True(body.Stream().IsErr);
        Assert.Equal(0, Guest.Ok(stream.Read(10)).Length);
        await exchange.RequestWriter.WriteAsync("0123456789"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("01", Encoding.UTF8.GetString(Guest.Ok(stream.Read(2)).Span));
        stream.Dispose();

        using var trailers = body.Finish();
        Assert.Null(trailers.Get());
        await exchange.RequestWriter.WriteAsync("more"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.False(trailers.IsReady);
        var waiting = trailers.WaitReadyAsync(TestContext.Current.CancellationToken);
        await exchange.RequestWriter.CompleteAsync();
        await waiting;
        Assert.Equal("yes", Guest.Ok(Guest.Ok(trailers.Get()!.Value))!.Find("x-end"));
        Assert.True(trailers.Get()!.Value.IsErr);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_an_error_of_the_stream_and_of_the_trailers()
    {
        using var context = Guest.Context();
        var exchange = new FakeExchange();
        using var request = new IncomingRequest(context, exchange);
        var body = Guest.Ok(request.Consume());
        var stream = Guest.Ok(body.Stream());
        await exchange.RequestWriter.CompleteAsync(new IOException("reset"));
        Assert.Equal(new HttpError(HttpErrorKind.ConnectionTerminated), stream.BlockingRead(1).Error.GetFailure()?.Code);

        exchange = new FakeExchange();
        body = Guest.Ok(new IncomingRequest(context, exchange).Consume());
        await exchange.RequestWriter.CompleteAsync(new IOException("reset"));
        using var trailers = body.Finish();
        Guest.Fails(new HttpError(HttpErrorKind.ConnectionTerminated), Guest.Ok(trailers.Get()!.Value));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(599, true)]
    [InlineData(0, false)]
    [InlineData(99, false)]
    [InlineData(600, false)]
    [InlineData(65535, false)]
    public void Statuses_have_three_digits(int status, bool valid)
    {
        using var context = Guest.Context();
        Assert.Equal(valid, new OutgoingResponse(context, new Fields(100)).SetStatusCode((ushort)status).IsOk);
    }

    private static (OutgoingResponse, OutgoingBody, OutputStream) Respond(WasiContext context, FakeExchange exchange, params (string, string)[] headers)
    {
        var fields = new Fields(1000);
        foreach (var (name, value) in headers)
            Guest.Ok(fields.Append(name, Encoding.ASCII.GetBytes(value)));
        var response = new OutgoingResponse(context, fields);
        var body = Guest.Ok(response.Body());
        Assert.True(response.Body().IsErr);
        new ResponseOutparam(exchange).Set(response);
        var stream = Guest.Ok(body.Write());
        Assert.True(body.Write().IsErr);
        return (response, body, stream);
    }
}
