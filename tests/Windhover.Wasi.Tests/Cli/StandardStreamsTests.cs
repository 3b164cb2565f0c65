using System.IO.Pipelines;
using System.Text;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Tests.Cli;

public sealed class StandardStreamsTests
{
    [Fact]
    public void Nothing_is_granted_by_default()
    {
        using var context = Guest.Context();
        Assert.Empty(context.Options.Arguments);
        Assert.Empty(context.Options.Environment);
        Assert.Empty(context.GetDirectories());
        Assert.Null(context.Options.OutgoingHttp);
        Guest.Fails(StreamErrors.Closed, context.Streams.GetStdin().BlockingRead(1));
        Guest.Ok(context.Streams.GetStdout().BlockingWriteAndFlush("nobody reads this"u8));
    }

    [Fact]
    public void All_handles_are_views_of_one_stream()
    {
        var output = new MemoryStream();
        using var context = Guest.Context(new WasiOptions
        {
            Stdin = InputGrant.FromBytes("one two"u8.ToArray()),
            Stdout = OutputGrant.ToStream(output),
        });
        using (var first = context.Streams.GetStdin())
            Assert.Equal("one", Encoding.UTF8.GetString(Guest.Ok(first.BlockingRead(3)).Span));
        Assert.Equal(" two", Guest.ReadText(context.Streams.GetStdin()));
        using (var first = context.Streams.GetStdout())
            Guest.Ok(first.BlockingWriteAndFlush("a"u8));
        Guest.Ok(context.Streams.GetStdout().BlockingWriteAndFlush("b"u8));
        Assert.Equal("ab", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task A_guest_waits_for_its_input()
    {
        var pipe = new Pipe();
        using var context = Guest.Context(new WasiOptions { Stdin = InputGrant.FromPipe(pipe.Reader) });
        var guest = Task.Factory.StartNew(
            () => Guest.ReadText(context.Streams.GetStdin()), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        foreach (var part in new[] { "x", "y", "z" })
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(part), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        Assert.Equal("xyz", await guest);
    }

    [Fact]
    public void A_sink_that_breaks_is_an_error_of_the_guest()
    {
        var closed = new MemoryStream();
        closed.Dispose();
        using var context = Guest.Context(new WasiOptions { Stdout = OutputGrant.ToStream(closed) });
        var stream = context.Streams.GetStdout();
        Assert.NotNull(stream.BlockingWriteAndFlush("x"u8).Error.GetFailure());
        Guest.Fails(StreamErrors.Closed, stream.CheckWrite());
    }
}
