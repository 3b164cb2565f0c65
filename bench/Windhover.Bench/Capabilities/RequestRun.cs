using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Capabilities.Messaging;
using Windhover.Capabilities.Redis;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;
using Windhover.Wasi;

namespace Windhover.Bench.Capabilities;

/// <summary>
/// How long a C guest waits for the answer of another one, by <c>wasi:messaging/request-reply</c>: in memory, over Redis in one server, and over Redis to a second
/// server of the same process. One request at a time.
/// </summary>
internal static class RequestRun
{
    private const int Requests = 2000;

    public static async Task MeasureAsync(string folder, int port)
    {
        await using ServiceProvider one = new ServiceCollection().AddWindhoverRedis().BuildServiceProvider();
        await using ServiceProvider two = new ServiceCollection().AddWindhoverRedis().BuildServiceProvider();
        var memory = new CapabilityResource("work", "memory", new Dictionary<string, string>());
        CapabilityResource Redis(string stream) => new("work", "redis", new Dictionary<string, string> { ["url"] = $"redis://127.0.0.1:{port}", ["stream"] = stream });
        await MeasureAsync("request in memory", one, one, memory, folder).ConfigureAwait(false);
        await MeasureAsync("request over Redis, same server", one, one, Redis("same"), folder).ConfigureAwait(false);
        await MeasureAsync("request over Redis, another server", one, two, Redis("other"), folder).ConfigureAwait(false);
    }

    private static async Task MeasureAsync(string what, ServiceProvider asking, ServiceProvider answering, CapabilityResource topic, string folder)
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false });
        using var asker = new Guest(engine, asking, topic, folder);
        using var answerer = new Guest(engine, answering, topic, folder);
        using var stop = new CancellationTokenSource();
        Task answers = AnswerAsync(answerer, answering.GetRequiredService<MessageTopics>(), topic, stop.Token);
        var times = new List<double>();
        for (int i = 0; i < Requests + 200; i++)
        {
            long started = Stopwatch.GetTimestamp();
            if ((string)asker.Call("ask work -1 -1 echo hello")! != "hello\n")
                throw new InvalidOperationException("There was no answer.");
            if (i >= 200)
                times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await answers.ConfigureAwait(false);
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {times[Requests / 2],8:F0} µs, 99 of 100 {times[Requests * 99 / 100],8:F0} µs"));
    }

    private static async Task AnswerAsync(Guest guest, MessageTopics topics, CapabilityResource resource, CancellationToken stop)
    {
        IMessageTopic topic = topics.Open(resource);
        MessageHandlerBinding handler = MessageHandlerBinding.TryBind(guest.Prepared)!;
        try
        {
            while (true)
            {
                IReadOnlyList<Delivery> deliveries = await topic.ReceiveAsync(1, stop).ConfigureAwait(false);
                using (topics.Replies.Hold(topic, deliveries[0].Message))
                    handler.Handle(guest.Instance, topic: "work", deliveries[0].Message);
                await topic.CompleteAsync(deliveries, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // All are answered.
        }
    }

    private sealed class Guest : IDisposable
    {
        private readonly CapabilityGrant _grant;
        private readonly Component _component;
        private readonly GuestContext _context;
        private readonly Store _store;
        private readonly CapabilitySet _set;

        public Guest(WasmEngine engine, ServiceProvider services, CapabilityResource topic, string folder)
        {
            MessagingCapability capability = services.GetServices<ICapability>().OfType<MessagingCapability>().Single();
            var linker = new ComponentLinker(engine);
            _set = new CapabilitySet([capability], linker);
            _grant = capability.Grant(new CapabilityRequest("bench", "bench", folder, [topic]));
            _component = Component.Load(engine, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "c-request.wasm")));
            Prepared = linker.Prepare(_component);
            _context = new GuestContext("bench", new WasiOptions(), [_grant], null, CancellationToken.None);
            _store = new Store(engine);
            Instance = Prepared.Instantiate(_store, _context);
        }

        public PreparedComponent Prepared { get; }

        public ComponentInstance Instance { get; }

        public object? Call(string script) => Instance.Call(Prepared.FindFunction(null, "run")!, script);

        public void Dispose()
        {
            Instance.Dispose();
            _store.Dispose();
            _context.Dispose();
            Prepared.Dispose();
            _component.Dispose();
            _grant.Dispose();
            GC.KeepAlive(_set);
        }
    }
}
