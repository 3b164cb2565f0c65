using Npgsql;
using StackExchange.Redis;
using Windhover.Capabilities.Messaging;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Tests.Messaging;

/// <summary>A guest of one server asks, and a guest of another server answers, over each backend; in memory both are the same server.</summary>
public sealed class RequestTests(RedisServer redis, PostgresServer postgres) : IClassFixture<RedisServer>, IClassFixture<PostgresServer>, IDisposable
{
    private const string Capability = MessagingCapability.CapabilityName;
    private const int Long = 600_000;

    private readonly CapabilityServer _asking = new();
    private readonly CapabilityServer _other = new();

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string backend in Backends)
            {
                pairs.Add(backend, "c-request");
                pairs.Add(backend, "c-reply");
            }

            return pairs;
        }
    }

    private static string[] Backends => ["memory", "redis", "redis-channel", "postgres"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_guest_asks_and_another_answers(string backend, string guest)
    {
        CapabilityResource work = Resource(backend);
        await using Answerer answerer = Answer(work, guest);
        using ScriptedGuest asker = _asking.Start("c-request", (Capability, work));
        Warm(asker);
        Assert.Equal(
            "hello there | hello again | x, x, x | y, y",
            asker.Run($"ask work {Long} 1 echo hello there", $"request work {Long} echo hello again", $"ask work {Long} 3 times 3 x", $"ask work {Long} 2 times 5 y"));
        Assert.Equal("16777216 bytes | 20000 bytes | last", asker.Run($"ask work {Long} 1 big {16 << 20}", $"request work {Long} big 20000", $"ask work {Long} 1 echo last"));
        Assert.Empty(answerer.Errors);
        await answerer.HandledAsync();
        Assert.Equal(0, _asking.Get<MessageTopics>().Replies.Waiting);
        await Nothing_is_left_behind(backend);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task Without_an_answer_in_time_it_is_a_timeout(string backend)
    {
        CapabilityResource work = Resource(backend);
        await using Answerer answerer = Answer(work, "c-request");
        using ScriptedGuest asker = _asking.Start("c-request", (Capability, work));
        Assert.Equal(
            "timeout | nobody answered within 50 ms | timeout | none",
            asker.Run("ask work 50 1 silent", "request work 50 silent", "ask work 0 1 silent", "ask work 50 0 silent"));
        Assert.Equal("timeout", asker.Run("ask work 50 1 bad"));
        for (int i = 0; i < 5; i++)
            await answerer.HandledAsync();
        Assert.Equal(["it is bad"], answerer.Errors);
        Assert.Equal(0, _asking.Get<MessageTopics>().Replies.Waiting);
    }

    [Fact]
    public async Task Some_of_the_expected_replies_are_an_answer_and_too_large_ones_are_none()
    {
        CapabilityResource work = Resource("memory");
        await using Answerer answerer = Answer(work, "c-reply");
        using ScriptedGuest asker = _asking.Start("c-request", (Capability, work));
        Assert.Equal("x, x", asker.Run("ask work 2000 3 times 2 x"));
        Assert.Equal("timeout", asker.Run($"ask work 100 1 big {(16 << 20) + 1}"));
        await answerer.HandledAsync();
        await answerer.HandledAsync();
        Assert.Equal(["a message has more than 16 MiB"], answerer.Errors);
    }

    [Fact]
    public void Only_granted_topics_are_asked()
    {
        using ScriptedGuest asker = _asking.Start("c-request", (Capability, Resource("memory")));
        Assert.Equal(
            "denied: the topic `bills` is not granted to this component | the topic `bills` is not granted to this component",
            asker.Run("ask bills -1 -1 echo x", "request bills 10 echo x"));
        using ScriptedGuest nobody = _asking.Start("c-request");
        Assert.Equal("denied: no topic is granted to this component", nobody.Run("ask work -1 -1 echo x"));
    }

    // Who is handed a request may answer it, granted any topic or not; nobody reaches anything by an address that he made up.
    [Theory]
    [InlineData("memory")]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task Addresses_are_known_and_not_forged(string backend)
    {
        CapabilityResource work = Resource(backend);
        await using Answerer answerer = Answer(work, "c-reply");
        using ScriptedGuest asker = _asking.Start("c-request", (Capability, work));
        Assert.Equal("mine", asker.Run($"ask work {Long} 1 echo mine"));
        await answerer.HandledAsync();
        string address = answerer.Guest.Run("address");
        Assert.Matches(@"\A_INBOX\.[0-9a-f]{32}\.[0-9a-f]{32}\z", address);

        // The request is over: its inbox drops what comes; another server has no way there any more.
        Assert.Equal(backend == "memory" ? "ok" : $"the topic `{address}` is not granted to this component", answerer.Guest.Run($"publish {address} late"));
        Assert.Equal("ok", asker.Run($"publish {address} late"));
        string madeUp = $"_INBOX.{new string('0', 32)}.{new string('1', 32)}";
        Assert.Equal($"the topic `{madeUp}` is not granted to this component", answerer.Guest.Run($"publish {madeUp} x"));
        Assert.Equal("ok", asker.Run($"publish {madeUp} x")); // to the broker of its topic, where nobody has that inbox

        // Of the right inbox, but of no request that waits.
        string wrong = address[..^1] + (address[^1] == '0' ? '1' : '0');
        Assert.Equal("timeout", asker.Run($"ask work 200 1 to {wrong} forged"));
        await answerer.HandledAsync();
        foreach (string text in (string[])["_INBOX.", "_INBOX.x.y", address + "0", address[..^1], address.ToUpperInvariant(), address[..^1] + "g", address[..^1] + "*"])
            Assert.Contains("is not granted to this component", answerer.Guest.Run($"publish {text} x"), StringComparison.Ordinal);
        Assert.Equal("still here", asker.Run($"ask work {Long} 1 echo still here"));
    }

    [Fact]
    public async Task A_reply_goes_to_the_address_of_the_message_whatever_the_guest_makes_of_it()
    {
        CapabilityResource work = Resource("memory");
        await using Answerer answerer = Answer(work, "c-request");
        using ScriptedGuest asker = _asking.Start("c-request", (Capability, work));
        Assert.Equal("told", asker.Run($"ask work {Long} 1 disguise told"));
        Assert.Equal("other: the message asks for no reply", asker.Run("own x"));
        Assert.Equal("ok", asker.Run("send work echo nobody asked"));
        await answerer.HandledAsync();
        await answerer.HandledAsync();
        Assert.Equal(["the message asks for no reply"], answerer.Errors);
    }

    // A handler keeps its message and answers from a later call. A topic of the same broker is the way then.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_can_be_answered_after_it_was_handled(bool granted)
    {
        CapabilityResource work = Resource("redis");
        IMessageTopic topic = _asking.Get<MessageTopics>().Open(work);
        await using Answerer answerer = granted ? Answer(work, "c-request", (Capability, work)) : Answer(work, "c-request");
        Task<IReadOnlyList<Message>> asked = _asking.Get<MessageTopics>().Replies.RequestAsync(
            topic, new Message("keep"u8.ToArray()), new ReplyOptions(TimeSpan.FromMilliseconds(granted ? Long : 200)), Cancellation).AsTask();
        await answerer.HandledAsync();
        Assert.Equal(granted ? "ok" : "other: the message asks for a reply to where this server cannot send", answerer.Guest.Run("kept later"));
        Assert.Equal(granted ? ["later"] : [], (await asked).Select(m => System.Text.Encoding.UTF8.GetString(m.Body.Span)));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("redis")]
    public async Task A_guest_that_is_killed_while_it_waits_leaves_no_request(string backend)
    {
        CapabilityResource work = Resource(backend);
        await using Answerer answerer = Answer(work, "c-reply");
        using (ScriptedGuest asker = _asking.Start("c-request", (Capability, work)))
        {
            asker.Abort(TimeSpan.FromMilliseconds(100));
            Exception killed = Assert.ThrowsAny<Exception>(() => asker.Run($"ask work {Long} 1 silent"));
            Assert.IsAssignableFrom<OperationCanceledException>(killed.InnerException ?? killed);
        }

        await answerer.HandledAsync();
        Assert.Equal(0, _asking.Get<MessageTopics>().Replies.Waiting);
        using ScriptedGuest next = _asking.Start("c-request", (Capability, work));
        Assert.Equal("next", next.Run($"ask work {Long} 1 echo next"));
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task A_backend_that_was_away_carries_replies_again(string backend)
    {
        using PrivateServer server = backend == "redis" ? new RedisServer() : new PostgresServer();
        string url = server is RedisServer r ? r.Url : ((PostgresServer)server).Url;
        CapabilityResource work = CapabilityServer.Resource("work", backend, ("url", url), ("visibility", "1"));
        using ScriptedGuest asker = _asking.Start("c-request", (Capability, work));
        await using (Answerer answerer = Answer(work, "c-reply"))
            Assert.Equal("before", asker.Run($"ask work {Long} 1 echo before"));
        server.Kill();
        Assert.StartsWith("connection: the topic `work`: ", asker.Run("ask work 1000 1 echo away"), StringComparison.Ordinal);
        server.Start();
        await using Answerer next = Answer(work, "c-reply");
        while (asker.Run("ask work 1000 3 times 3 again") != "again, again, again")
            Cancellation.ThrowIfCancellationRequested();
        while (asker.Run("ask work 1000 1 big 100000") != "100000 bytes")
            Cancellation.ThrowIfCancellationRequested();
    }

    // A guest cannot write headers by a content that looks like a message with headers.
    [Fact]
    public async Task What_looks_like_a_whole_message_on_a_channel_is_content()
    {
        CapabilityResource news = CapabilityServer.Resource("news", "redis-channel", ("url", redis.Url));
        IMessageTopic sender = _asking.Get<MessageTopics>().Open(news), receiver = _other.Get<MessageTopics>().Open(news);
        byte[] body = [.. "\0windhover:whole\0"u8, .. MessageCodec.WriteWhole(new Message("x"u8.ToArray(), new Dictionary<string, string> { ["reply-to"] = "elsewhere" }))];
        Task<IReadOnlyList<Delivery>> waiting = receiver.ReceiveAsync(1, Cancellation).AsTask();
        await using ConnectionMultiplexer client = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{redis.Port}");
        while (await client.GetSubscriber().PublishAsync(RedisChannel.Literal("news"), "first") == 0)
            Cancellation.ThrowIfCancellationRequested();
        await waiting;
        await sender.SendAsync(new Message(body), Cancellation);
        Delivery delivery = Assert.Single(await receiver.ReceiveAsync(1, Cancellation));
        while (delivery.Message.Body.Span.SequenceEqual("first"u8))
            delivery = Assert.Single(await receiver.ReceiveAsync(1, Cancellation));
        Assert.Equal(body, delivery.Message.Body.ToArray());
        Assert.Empty(delivery.Message.Headers);
    }

    public void Dispose()
    {
        _asking.Dispose();
        _other.Dispose();
    }

    private Answerer Answer(CapabilityResource topic, string guest, params (string Capability, CapabilityResource Resource)[] grants) =>
        new(topic.Backend == "memory" ? _asking : _other, topic, guest, grants);

    // On a channel nobody keeps what is asked before the other listens.
    private static void Warm(ScriptedGuest asker)
    {
        while (asker.Run("ask work 1000 1 echo ready") != "ready")
            Cancellation.ThrowIfCancellationRequested();
    }

    private async Task Nothing_is_left_behind(string backend)
    {
        if (backend.StartsWith("redis", StringComparison.Ordinal))
        {
            await using ConnectionMultiplexer client = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{redis.Port}");
            Assert.Empty(await client.GetServer("127.0.0.1", redis.Port).KeysAsync(pattern: "windhover:reply:*").ToListAsync(Cancellation));
        }
        else if (backend == "postgres")
        {
            await using NpgsqlDataSource source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={postgres.Port};Username=windhover;Database=postgres");
            await using NpgsqlCommand count = source.CreateCommand("SELECT count(*) FROM windhover_replies");
            Assert.Equal(0L, await count.ExecuteScalarAsync(Cancellation));
        }
    }

    // The guest asks "work"; each test has a topic of its own behind it.
    private CapabilityResource Resource(string backend) => backend switch
    {
        "redis" => CapabilityServer.Resource("work", backend, ("url", redis.Url), ("stream", $"t{Guid.NewGuid():N}")),
        "redis-channel" => CapabilityServer.Resource("work", backend, ("url", redis.Url)),
        "postgres" => CapabilityServer.Resource("work", backend, ("url", postgres.Url)),
        _ => CapabilityServer.Resource("work", backend),
    };
}
