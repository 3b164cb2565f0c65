using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Capabilities;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Tests.Triggers;

/// <summary>Requests over the queues of apps.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private readonly AppsFixture _apps = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _apps.Write(
            "front",
            """
            name = "front"
            [component.box]
            source = "c-request.wasm"
            messaging = ["work", "other"]
            [[queue]]
            topic = "front"
            """,
            "c-request/c-request.wasm");
        _apps.Write("wasi", Answers("wasi", "c-request", "work"), "c-request/c-request.wasm");
        _apps.Write("wasmcloud", Answers("wasmcloud", "c-reply", "other"), "c-reply/c-reply.wasm");
        _apps.Write(
            "command",
            """
            name = "command"
            [component.cli]
            source = "c-cli.wasm"
            [[queue]]
            topic = "commands"
            args = ["env", "REPLY_TO"]
            """,
            "c-cli/c-cli.wasm");
        await _apps.StartAsync(services: services => services.AddWindhoverCapabilities());
    }

    public ValueTask DisposeAsync() => _apps.DisposeAsync();

    // Neither app that answers is granted a topic.
    [Theory]
    [InlineData("work")]
    [InlineData("other")]
    public async Task An_app_asks_another_while_it_is_asked_itself(string topic)
    {
        Assert.Equal("hello", await AskAsync("front", $"via {topic} echo hello"));
    }

    [Fact]
    public async Task A_handler_that_fails_gives_no_reply_and_its_message_goes_the_way_of_all()
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<IReadOnlyList<Message>> asked = Topics.Replies.RequestAsync(Open("work"), Text("bad"), new ReplyOptions(TimeSpan.FromHours(1)), left.Token).AsTask();
        Delivery dead = Assert.Single(await Open("work.dead").ReceiveAsync(1, Cancellation));
        Assert.Equal("2", dead.Message.Headers["windhover-attempts"]);
        Assert.False(asked.IsCompleted);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    // As a header of a handler's request, which is made of the same.
    [Fact]
    public async Task A_command_knows_where_replies_go()
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<IReadOnlyList<Message>> asked = Topics.Replies.RequestAsync(Open("commands"), Text("x"), new ReplyOptions(TimeSpan.FromHours(1)), left.Token).AsTask();
        string address = (await _apps.LineAsync(line => line.Source == "stdout" && line.Message.StartsWith("_INBOX.", StringComparison.Ordinal))).Message;
        Assert.True(await Topics.Replies.ReplyAsync(address, Text("by hand"), [], Cancellation));
        Assert.Equal("by hand", Encoding.UTF8.GetString(Assert.Single(await asked).Body.Span));
    }

    private MessageTopics Topics => _apps.Services.GetRequiredService<MessageTopics>();

    private static Message Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Answers(string app, string guest, string topic) =>
        $"""
        name = "{app}"
        [component.box]
        source = "{guest}.wasm"
        [[queue]]
        topic = "{topic}"
        batch = 8
        attempts = 2
        backoff = "10ms"
        """;

    private IMessageTopic Open(string name) => Topics.Open(new CapabilityResource(name, "memory", new Dictionary<string, string>()));

    private async Task<string> AskAsync(string topic, string text) => Encoding.UTF8.GetString(
        Assert.Single(await Topics.Replies.RequestAsync(Open(topic), Text(text), new ReplyOptions(TimeSpan.FromMinutes(10)), Cancellation)).Body.Span);
}
