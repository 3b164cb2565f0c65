using System.Text;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Tests.Messaging;

/// <summary>A PostgreSQL that is killed while messages go through it: what it took is there afterwards, and consumers go on.</summary>
public sealed class BackendKilledTests : IDisposable
{
    private readonly PostgresServer _postgres = new();
    private readonly CapabilityServer _server = new();

    [Fact]
    public async Task No_message_that_was_taken_is_lost()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        IMessageTopic topic = _server.Get<MessageTopics>().Open(CapabilityServer.Resource("orders", "postgres", ("url", _postgres.Url), ("visibility", "1")));
        var sent = new HashSet<string>();
        var seen = new HashSet<string>();
        int duplicates = 0;
        for (int i = 0; i < 300; i++)
        {
            if (i == 150)
            {
                IReadOnlyList<Delivery> lost = await topic.ReceiveAsync(10, cancellation);
                Assert.NotEmpty(lost);
                _postgres.Kill();
                CapabilityException error = await Assert.ThrowsAsync<CapabilityException>(async () => await topic.CompleteAsync(lost, cancellation));
                Assert.Contains("`orders`", error.Message, StringComparison.Ordinal);
                await Assert.ThrowsAsync<CapabilityException>(async () => await topic.SendAsync(new Message("never"u8.ToArray()), cancellation));
                _postgres.Start();
            }

            await topic.SendAsync(new Message(Encoding.UTF8.GetBytes($"{i}")), cancellation);
            sent.Add($"{i}");
        }

        while (seen.Count < sent.Count)
        {
            IReadOnlyList<Delivery> deliveries = await topic.ReceiveAsync(50, cancellation);
            foreach (Delivery delivery in deliveries)
                duplicates += seen.Add(Encoding.UTF8.GetString(delivery.Message.Body.Span)) ? 0 : 1;
            await topic.CompleteAsync(deliveries, cancellation);
        }

        Assert.Equal(sent.Order(), seen.Order());
        Assert.InRange(duplicates, 0, 10);
        Assert.Equal(0, await topic.CountAsync(cancellation));
        Assert.Single(_server.Log.Lines, line => line.StartsWith("Error PostgreSQL, for the topic `orders`, cannot be reached", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _server.Dispose();
        _postgres.Dispose();
    }
}
