using System.Collections.Concurrent;
using Windhover.Capabilities.Messaging;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Tests.Messaging;

/// <summary>Has a guest handle the messages of a topic, one after the other, as a queue's trigger does; a failed one does not come again.</summary>
internal sealed class Answerer : IAsyncDisposable
{
    private readonly CapabilityServer _server;
    private readonly IMessageTopic _topic;
    private readonly string _name;
    private readonly MessageHandlerBinding _handler;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _handled = new(0);
    private readonly Task _running;

    public Answerer(CapabilityServer server, CapabilityResource topic, string guest, params (string Capability, CapabilityResource Resource)[] grants)
    {
        _server = server;
        _name = topic.Name;
        _topic = server.Get<MessageTopics>().Open(topic);
        _handler = MessageHandlerBinding.TryBind(server.Prepare(guest))!;
        Guest = server.Start(guest, grants);
        _running = RunAsync();
    }

    public ScriptedGuest Guest { get; }

    /// <summary>What handlers failed with.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    /// <summary>Waits until one more message was handled.</summary>
    public Task HandledAsync() => _handled.WaitAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Guest.Dispose();
        _stop.Dispose();
        _handled.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                IReadOnlyList<Delivery> deliveries;
                try
                {
                    deliveries = await _topic.ReceiveAsync(1, _stop.Token).ConfigureAwait(false);
                }
                catch (CapabilityException)
                {
                    await Task.Delay(20, _stop.Token).ConfigureAwait(false); // as the trigger does while a backend is away
                    continue;
                }

                using (_server.Get<MessageTopics>().Replies.Hold(_topic, deliveries[0].Message))
                {
                    if (Guest.Handle(_handler, _name, deliveries[0].Message) is { } error)
                        Errors.Enqueue(error);
                }

                await _topic.CompleteAsync(deliveries, CancellationToken.None).ConfigureAwait(false);
                _handled.Release();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }
}
