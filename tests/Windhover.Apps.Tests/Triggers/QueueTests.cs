using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Capabilities;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Tests.Triggers;

public sealed class QueueTests
{
    [Fact]
    public async Task A_message_reaches_a_command_on_its_standard_input()
    {
        await using AppsFixture apps = await StartAsync("args = [\"cat\"]");
        await Topic(apps, "jobs").SendAsync(new Message(Encoding.UTF8.GetBytes("job 17")), TestContext.Current.CancellationToken);
        Assert.Equal("worker", (await apps.LineAsync(l => l.Source == "stdout" && l.Message == "job 17")).App);
    }

    [Fact]
    public async Task A_message_that_always_fails_ends_in_the_dead_letters_with_its_error()
    {
        await using AppsFixture apps = await StartAsync("args = [\"exit\", \"3\"]");
        await Topic(apps, "jobs").SendAsync(new Message(Encoding.UTF8.GetBytes("bad")), TestContext.Current.CancellationToken);
        IReadOnlyList<Delivery> dead = await Topic(apps, "jobs.dead").ReceiveAsync(10, TestContext.Current.CancellationToken);
        Delivery letter = Assert.Single(dead);
        Assert.Equal("bad", Encoding.UTF8.GetString(letter.Message.Body.Span));
        Assert.Equal("3", letter.Message.Headers["windhover-attempts"]);
        Assert.Contains("status 3", letter.Message.Headers["windhover-error"], StringComparison.Ordinal);
        Assert.Equal(0, await Topic(apps, "jobs").CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(3, apps.Server.Find("worker")!.Stats.FailedRuns);
    }

    [Fact]
    public async Task All_messages_of_many_are_handled_once_when_nothing_fails()
    {
        await using AppsFixture apps = await StartAsync("args = [\"cat\"]\nbatch = 7\nconcurrency = 3");
        IMessageTopic topic = Topic(apps, "jobs");
        for (int i = 0; i < 200; i++)
            await topic.SendAsync(new Message(Encoding.UTF8.GetBytes($"n{i}.")), TestContext.Current.CancellationToken);
        await topic.SendAsync(new Message("last"u8.ToArray()), TestContext.Current.CancellationToken);
        await apps.LineAsync(l => l.Source == "stdout" && l.Message.Contains("last", StringComparison.Ordinal));
        await apps.Services.GetRequiredService<Windhover.Apps.Runtime.AppServer>().StopAsync();
        string all = string.Concat(apps.Logs.Read("worker").Where(l => l.Source == "stdout").Select(l => l.Message));
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(2, all.Split($"\"n{i}.\"").Length));
    }

    // As many as the batch come together; each has its own outcome, and none is completed because another one was.
    [Fact]
    public async Task A_handler_of_messages_is_handed_each_of_a_batch()
    {
        await using var apps = new AppsFixture();
        apps.Write(
            "inbox",
            """
            name = "inbox"
            [component.box]
            source = "c-messaging.wasm"
            [[queue]]
            topic = "letters"
            batch = 16
            attempts = 2
            backoff = "10ms"
            """,
            "c-messaging/c-messaging.wasm");
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        IMessageTopic topic = Topic(apps, "letters");
        for (int i = 0; i < 40; i++)
            await topic.SendAsync(new Message(Encoding.UTF8.GetBytes(i % 8 == 7 ? $"bad {i}" : $"good {i}")), TestContext.Current.CancellationToken);
        var dead = new List<Delivery>();
        while (dead.Count < 5)
            dead.AddRange(await Topic(apps, "letters.dead").ReceiveAsync(10, TestContext.Current.CancellationToken));
        Assert.Equal(["bad 15", "bad 23", "bad 31", "bad 39", "bad 7"], dead.Select(d => Encoding.UTF8.GetString(d.Message.Body.Span)).Order(StringComparer.Ordinal));
        Assert.All(dead, d => Assert.Equal("the handler returned an error: it is bad", d.Message.Headers["windhover-error"]));
        await apps.Server.StopAsync();
        Assert.Equal((45, 10), (apps.Server.Find("inbox")!.Stats.Runs, apps.Server.Find("inbox")!.Stats.FailedRuns));
        Assert.Equal(0, await topic.CountAsync(TestContext.Current.CancellationToken));
    }

    private static IMessageTopic Topic(AppsFixture apps, string name) =>
        apps.Services.GetRequiredService<MessageTopics>().Open(new CapabilityResource(name, "memory", new Dictionary<string, string>()));

    private static async Task<AppsFixture> StartAsync(string queue)
    {
        var apps = new AppsFixture();
        apps.Write(
            "worker",
            $"""
            name = "worker"
            [component.cli]
            source = "c-cli.wasm"
            [[queue]]
            topic = "jobs"
            attempts = 3
            backoff = "10ms"
            {queue}
            """,
            "c-cli/c-cli.wasm");
        await apps.StartAsync();
        return apps;
    }
}
