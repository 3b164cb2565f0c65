using System.Text;
using Windhover.Capabilities.Messaging;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Tests.Messaging;

/// <summary>Messages and log lines of a C guest.</summary>
public sealed class MessagingTests : IDisposable
{
    private const string Capability = MessagingCapability.CapabilityName;

    private readonly CapabilityServer _server = new();

    [Fact]
    public async Task What_a_guest_sends_by_either_name_arrives()
    {
        CapabilityResource orders = CapabilityServer.Resource("orders", "memory");
        using ScriptedGuest guest = _server.Start("c-messaging", (Capability, orders));
        Assert.Equal("ok | ok", guest.Run("send orders first colour red", "publish orders second"));
        IMessageTopic topic = _server.Get<MessageTopics>().Open(orders);
        IReadOnlyList<Delivery> deliveries = await topic.ReceiveAsync(10, TestContext.Current.CancellationToken);
        Assert.Equal(["first", "second"], deliveries.Select(d => Encoding.UTF8.GetString(d.Message.Body.Span)));
        Assert.Equal("red", deliveries[0].Message.Headers["colour"]);
    }

    [Fact]
    public void Topics_that_are_not_granted_are_refused()
    {
        using ScriptedGuest guest = _server.Start("c-messaging", (Capability, CapabilityServer.Resource("orders", "memory")));
        Assert.Equal(
            "denied: the topic `bills` is not granted to this component | the topic `bills` is not granted to this component",
            guest.Run("send bills x", "publish bills x"));
        using ScriptedGuest nobody = _server.Start("c-messaging");
        Assert.Equal("denied: no topic is granted to this component", nobody.Run("send orders x"));
    }

    [Fact]
    public void Huge_messages_and_full_topics_are_errors()
    {
        using ScriptedGuest guest = _server.Start("c-messaging", (Capability, CapabilityServer.Resource("orders", "memory", ("capacity", "1"))));
        Assert.Equal(
            "other: a message has more than 16 MiB | ok | connection: the topic `orders` is full: 1 messages wait",
            guest.Run($"fill orders {(16 << 20) + 1}", "send orders a", "send orders b"));
    }

    [Fact]
    public void A_component_handles_messages()
    {
        using ScriptedGuest guest = _server.Start("c-messaging");
        MessageHandlerBinding handler = MessageHandlerBinding.TryBind(_server.Prepare("c-messaging"))!;
        Assert.Null(guest.Handle(handler, "orders", new Message("good"u8.ToArray(), new Dictionary<string, string> { ["colour"] = "red" })));
        Assert.Equal("orders good colour red", guest.Run("handled"));
        Assert.Equal("it is bad", guest.Handle(handler, "orders", new Message("bad one"u8.ToArray())));
        Assert.Null(MessageHandlerBinding.TryBind(_server.Prepare("c-sqlite")));
    }

    [Fact]
    public void Guests_log_without_forging_lines()
    {
        using ScriptedGuest guest = _server.Start("c-messaging");
        guest.Run("log 2 hello there", "log 4 evil\u001b[2J\rline");
        Assert.Contains("Information script: hello there", _server.Log.Lines);
        Assert.Contains("Error script: evil [2J line", _server.Log.Lines);
        guest.Run([.. Enumerable.Repeat($"log 1 {new string('x', 16000)}", 100)]);
        Assert.Single(_server.Log.Lines, line => line.StartsWith("Warning windhover: this run has logged 1 MiB", StringComparison.Ordinal));
        Assert.InRange(_server.Log.Lines.Count(line => line.StartsWith("Debug script", StringComparison.Ordinal)), 60, 70);
    }

    public void Dispose() => _server.Dispose();
}
