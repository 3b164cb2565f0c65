using Microsoft.Extensions.Time.Testing;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Hosting.Tests.Messaging;

/// <summary>What is kept of replies, and for how long.</summary>
public sealed class MessageRepliesTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MessageTopics _topics;
    private readonly IMessageTopic _topic;

    public MessageRepliesTests()
    {
        _topics = new MessageTopics([new MemoryMessages(_time)], time: _time);
        _topic = _topics.Open(new CapabilityResource("work", "memory", new Dictionary<string, string>()));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _topics.DisposeAsync();

    [Fact]
    public async Task What_came_until_the_timeout_is_the_answer_and_the_rest_is_dropped()
    {
        (Task<IReadOnlyList<Message>> asked, string address) = await AskAsync(new ReplyOptions(TimeSpan.FromSeconds(5), 3));
        Assert.True(await ReplyAsync(address, 1));
        Assert.True(await ReplyAsync(address, 2));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(asked.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([1, 2], (await asked).Select(m => m.Body.Length));
        Assert.True(await ReplyAsync(address, 3));
        Assert.Equal(2, (await asked).Count);
        Assert.Equal(0, _topics.Replies.Waiting);
    }

    [Fact]
    public async Task The_last_of_the_expected_ends_the_wait_and_more_are_dropped()
    {
        (Task<IReadOnlyList<Message>> asked, string address) = await AskAsync(new ReplyOptions(TimeSpan.FromSeconds(5), 2));
        for (int i = 1; i <= 5; i++)
            await ReplyAsync(address, i);
        Assert.Equal([1, 2], (await asked).Select(m => m.Body.Length));
    }

    [Fact]
    public async Task Replies_are_bounded_in_size_in_total_and_in_number()
    {
        (Task<IReadOnlyList<Message>> asked, string address) = await AskAsync(new ReplyOptions(TimeSpan.FromSeconds(5), int.MaxValue));
        await ReplyAsync(address, MessageReplies.MaxReply + 1);
        for (int i = 0; i < 5; i++)
            await ReplyAsync(address, 16 << 20);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([16 << 20, 16 << 20, 16 << 20, 16 << 20], (await asked).Select(m => m.Body.Length));

        (asked, address) = await AskAsync(new ReplyOptions(TimeSpan.FromSeconds(5), int.MaxValue));
        for (int i = 0; i <= MessageReplies.MaxReplies; i++)
            await ReplyAsync(address, 1);
        Assert.Equal(MessageReplies.MaxReplies, (await asked).Count);
    }

    [Fact]
    public async Task What_finds_no_room_is_dropped_and_what_is_lost_on_the_way_gives_its_place_back()
    {
        int held = 0;
        (Task<IReadOnlyList<Message>> asked, string address) = await AskAsync(new ReplyOptions(TimeSpan.FromSeconds(5), 2)
        {
            Hold = bytes => bytes <= 100 && (held += bytes) > 0,
            Release = bytes => held -= bytes,
        });
        string[] parts = address.Split('.');
        await ReplyAsync(address, 101);
        using (ReplyClaim lost = _topics.Replies.Claim(parts[1], parts[2], 50)!)
        {
            using ReplyClaim second = _topics.Replies.Claim(parts[1], parts[2], 50)!;
            Assert.Null(_topics.Replies.Claim(parts[1], parts[2], 1));
            Assert.Equal(100, held);
            second.Deliver(new Message(new byte[51])); // larger than it was said to be
        }

        Assert.Equal(0, held);
        await ReplyAsync(address, 10);
        ReplyClaim late = _topics.Replies.Claim(parts[1], parts[2], 20)!;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(10, Assert.Single(await asked).Body.Length);
        late.Deliver(new Message(new byte[20]));
        Assert.Equal(10, held);
        Assert.Null(_topics.Replies.Claim(parts[1], parts[2], 1));
        Assert.Null(_topics.Replies.Claim(parts[1], "x", -1));
    }

    [Fact]
    public async Task Who_leaves_is_asked_for_nothing_more()
    {
        using var left = new CancellationTokenSource();
        (Task<IReadOnlyList<Message>> asked, string address) = await AskAsync(new ReplyOptions(TimeSpan.MaxValue), left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal(0, _topics.Replies.Waiting);
        Assert.True(await ReplyAsync(address, 1));
    }

    [Fact]
    public async Task A_backend_without_replies_takes_no_request()
    {
        var plain = new PlainTopic();
        CapabilityException error = await Assert.ThrowsAsync<CapabilityException>(
            async () => await _topics.Replies.RequestAsync(plain, new Message(default), new ReplyOptions(TimeSpan.FromSeconds(1)), Cancellation));
        Assert.Equal("the backend of this topic carries no replies", error.Message);
        Assert.Null(_topics.Replies.Hold(plain, new Message(default)));
    }

    [Fact]
    public async Task An_address_of_another_server_is_held_while_its_message_is_handled()
    {
        string address = $"_INBOX.{new string('a', 32)}.{new string('b', 32)}";
        var message = new Message(default, new Dictionary<string, string> { ["Reply-To"] = address });
        Assert.False(await ReplyAsync(address, 1));
        using (IDisposable first = _topics.Replies.Hold(_topic, message)!)
        {
            using (IDisposable again = _topics.Replies.Hold(_topic, message)!)
                Assert.True(await ReplyAsync(address, 1));
            Assert.True(await ReplyAsync(address, 1));
            first.Dispose();
        }

        Assert.False(await ReplyAsync(address, 1));
        Assert.Null(_topics.Replies.Hold(_topic, new Message(default, new Dictionary<string, string> { ["reply-to"] = "orders.answers" })));
    }

    private async Task<(Task<IReadOnlyList<Message>> Asked, string Address)> AskAsync(ReplyOptions options, CancellationToken cancellationToken = default)
    {
        Task<IReadOnlyList<Message>> asked = _topics.Replies.RequestAsync(_topic, new Message(default), options, cancellationToken).AsTask();
        Delivery delivery = Assert.Single(await _topic.ReceiveAsync(1, Cancellation));
        await _topic.CompleteAsync([delivery], Cancellation);
        return (asked, delivery.Message.Headers["reply-to"]);
    }

    private ValueTask<bool> ReplyAsync(string address, int bytes) => _topics.Replies.ReplyAsync(address, new Message(new byte[bytes]), [], Cancellation);

    private sealed class PlainTopic : IMessageTopic
    {
        public ValueTask SendAsync(Message message, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
