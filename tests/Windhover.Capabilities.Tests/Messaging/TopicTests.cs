using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Tests.Messaging;

/// <summary>What every backend of topics does alike.</summary>
public sealed class TopicTests(RedisServer redis, PostgresServer postgres) : IClassFixture<RedisServer>, IClassFixture<PostgresServer>, IDisposable
{
    private readonly CapabilityServer _server = new();

    public static TheoryData<string> Backends => ["memory", "redis", "postgres"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task What_is_sent_is_received_with_its_headers_and_once_completed_is_gone(string backend)
    {
        IMessageTopic topic = Open(backend);
        await topic.SendAsync(new Message(new byte[] { 0, 255, 10 }, new Dictionary<string, string> { ["content-type"] = "text/x", ["Ünïcode"] = "wert\n" }), Cancellation);
        Delivery delivery = Assert.Single(await topic.ReceiveAsync(10, Cancellation));
        Assert.Equal(new byte[] { 0, 255, 10 }, delivery.Message.Body.ToArray());
        Assert.Equal("text/x", delivery.Message.Headers["content-type"]);
        Assert.Equal("wert\n", delivery.Message.Headers["Ünïcode"]);
        Assert.Equal(1, delivery.Attempt);
        Assert.Equal(1, await topic.CountAsync(Cancellation));
        await topic.CompleteAsync([delivery], Cancellation);
        Assert.Equal(0, await topic.CountAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_failed_message_comes_again_with_its_attempt_counted(string backend)
    {
        IMessageTopic topic = Open(backend);
        await topic.SendAsync(new Message("x"u8.ToArray(), new Dictionary<string, string> { ["k"] = "v" }), Cancellation);
        for (int attempt = 1; attempt <= 4; attempt++)
        {
            Delivery delivery = Assert.Single(await topic.ReceiveAsync(1, Cancellation));
            Assert.Equal(attempt, delivery.Attempt);
            Assert.Equal("v", delivery.Message.Headers["k"]);
            if (attempt < 4)
                await topic.RetryAsync(delivery, attempt == 2 ? TimeSpan.FromMilliseconds(300) : TimeSpan.Zero, Cancellation);
            else
                await topic.CompleteAsync([delivery], Cancellation);
        }

        Assert.Equal(0, await topic.CountAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Consumers_share_the_messages(string backend)
    {
        IMessageTopic topic = Open(backend);
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task[] consumers = [.. Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                while (true)
                {
                    IReadOnlyList<Delivery> deliveries = await topic.ReceiveAsync(7, done.Token);
                    foreach (Delivery delivery in deliveries)
                        seen.Add(Encoding.UTF8.GetString(delivery.Message.Body.Span));
                    await topic.CompleteAsync(deliveries, Cancellation);
                    if (seen.Count == 200)
                        await done.CancelAsync();
                }
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested && !Cancellation.IsCancellationRequested)
            {
            }
        })];
        for (int i = 0; i < 200; i++)
            await topic.SendAsync(new Message(Encoding.UTF8.GetBytes($"{i}")), Cancellation);
        await Task.WhenAll(consumers);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}").Order(), seen.Order());
        Assert.Equal(0, await topic.CountAsync(Cancellation));
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task What_a_consumer_that_died_had_comes_again(string backend)
    {
        string name = $"t{Guid.NewGuid():N}";
        await using (IMessageTopic first = Backend(backend).Open(Resource(name, backend)))
        {
            await first.SendAsync(new Message("x"u8.ToArray()), Cancellation);
            Assert.Equal(1, Assert.Single(await first.ReceiveAsync(1, Cancellation)).Attempt);
        }

        await using IMessageTopic next = Backend(backend).Open(Resource(name, backend));
        Delivery delivery = Assert.Single(await next.ReceiveAsync(1, Cancellation));
        Assert.Equal(2, delivery.Attempt);
        await next.CompleteAsync([delivery], Cancellation);
        Assert.Equal(0, await next.CountAsync(Cancellation));
    }

    public void Dispose() => _server.Dispose();

    private IMessageBackend Backend(string backend) => _server.Services.GetServices<IMessageBackend>().First(b => b.Kind.Name == backend);

    private IMessageTopic Open(string backend) => _server.Get<MessageTopics>().Open(Resource($"t{Guid.NewGuid():N}", backend));

    private CapabilityResource Resource(string name, string backend) => backend switch
    {
        "redis" => CapabilityServer.Resource(name, backend, ("url", redis.Url), ("visibility", "1")),
        "postgres" => CapabilityServer.Resource(name, backend, ("url", postgres.Url), ("visibility", "1")),
        _ => CapabilityServer.Resource(name, backend),
    };
}
