using System.Text;
using StackExchange.Redis;
using Windhover.Capabilities.Redis;
using Windhover.Capabilities.Tests.Servers;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Tests.Triggers;

/// <summary>What every backend of topics has to keep, on real servers.</summary>
public abstract class TopicTests
{
    protected abstract IMessageBackend Backend { get; }

    protected abstract Dictionary<string, string> Options { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_arrives_whole_and_once()
    {
        await using IMessageTopic topic = Open("whole");
        byte[] body = [.. Enumerable.Range(0, 70_000).Select(i => (byte)(i * 31))];
        await topic.SendAsync(new Message(body, new Dictionary<string, string> { ["content-type"] = "x/y", ["ä"] = "ö\n" }), Cancellation);
        Delivery delivery = Assert.Single(await topic.ReceiveAsync(10, Cancellation));
        Assert.Equal(body, delivery.Message.Body.ToArray());
        Assert.Equal(("x/y", "ö\n", 1), (delivery.Message.Headers["content-type"], delivery.Message.Headers["ä"], delivery.Attempt));
        await topic.CompleteAsync([delivery], Cancellation);
        Assert.Equal(0, await topic.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Many_consumers_share_many_messages()
    {
        await using IMessageTopic topic = Open("many");
        const int Count = 1000;
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => topic.SendAsync(Text($"{i}"), Cancellation).AsTask()));
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                while (true)
                {
                    IReadOnlyList<Delivery> taken = await topic.ReceiveAsync(16, done.Token);
                    await topic.CompleteAsync(taken, Cancellation);
                    foreach (Delivery delivery in taken)
                        seen.Add(Encoding.UTF8.GetString(delivery.Message.Body.Span));
                    if (seen.Count >= Count)
                        await done.CancelAsync();
                }
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                // All are there.
            }
        }));
        Assert.Equal(Count, seen.Distinct().Count());
        Assert.Equal(Count, seen.Count);
    }

    [Fact]
    public async Task A_retry_comes_again_with_its_attempt_counted()
    {
        await using IMessageTopic topic = Open("retry");
        await topic.SendAsync(Text("again"), Cancellation);
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Delivery delivery = Assert.Single(await topic.ReceiveAsync(1, Cancellation));
            Assert.Equal(attempt, delivery.Attempt);
            await topic.RetryAsync(delivery, TimeSpan.FromMilliseconds(attempt * 20), Cancellation);
        }

        Assert.Equal(1, await topic.CountAsync(Cancellation));
        Delivery last = Assert.Single(await topic.ReceiveAsync(1, Cancellation));
        await topic.RetryAsync(last with { Attempt = last.Attempt - 1 }, TimeSpan.Zero, Cancellation);
        Assert.Equal(last.Attempt, Assert.Single(await topic.ReceiveAsync(1, Cancellation)).Attempt);
    }

    [Fact]
    public async Task Who_waits_is_woken()
    {
        await using IMessageTopic topic = Open("wake");
        Task<IReadOnlyList<Delivery>> waiting = topic.ReceiveAsync(1, Cancellation).AsTask();
        await topic.SendAsync(Text("now"), Cancellation);
        Assert.Single(await waiting);
        using var stop = new CancellationTokenSource();
        Task<IReadOnlyList<Delivery>> stopped = topic.ReceiveAsync(1, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
    }

    protected IMessageTopic Open(string name) => Backend.Open(new CapabilityResource(name, Backend.Kind.Name, Options));

    protected static Message Text(string text) => new(Encoding.UTF8.GetBytes(text));
}

public sealed class MemoryTopicTests : TopicTests
{
    protected override IMessageBackend Backend { get; } = new MemoryMessages(TimeProvider.System);

    protected override Dictionary<string, string> Options => [];

    [Fact]
    public async Task A_full_topic_refuses()
    {
        await using IMessageTopic topic = Backend.Open(new CapabilityResource("full", "memory", new Dictionary<string, string> { ["capacity"] = "1" }));
        await topic.SendAsync(Text("1"), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<CapabilityException>(async () => await topic.SendAsync(Text("2"), TestContext.Current.CancellationToken));
    }
}

public sealed class RedisChannelTests(RedisServer server) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task A_channel_hands_on_what_is_published()
    {
        var options = new Dictionary<string, string> { ["url"] = server.Url };
        await using IMessageTopic channel = new RedisChannels(new RedisConnections(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TimeProvider.System), TimeProvider.System).Open(new CapabilityResource("news", "redis-channel", options));
        Task<IReadOnlyList<Delivery>> waiting = channel.ReceiveAsync(1, TestContext.Current.CancellationToken).AsTask();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{server.Port}");
        // Subscribing is not over when receiving begins: published until somebody has it.
        while (await redis.GetSubscriber().PublishAsync(RedisChannel.Literal("news"), "hello") == 0)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        Assert.Equal("hello", Encoding.UTF8.GetString(Assert.Single(await waiting).Message.Body.Span));
    }
}
