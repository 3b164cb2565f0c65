using Windhover.Hosting.Threads;
using Windhover.Wasi.Io;

namespace Windhover.Hosting.Tests.Threads;

public sealed class ComputeShareTests
{
    private static readonly int s_places = Math.Max(1, Environment.ProcessorCount - 1);

    private readonly ComputeShare _share = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void There_is_a_place_for_each_processor_but_one()
    {
        Fill();
        Assert.False(_share.TryEnter());
        _share.Leave();
        Assert.True(_share.TryEnter());
        Assert.False(_share.TryEnter());
    }

    [Fact]
    public async Task Who_waits_gets_the_place_of_who_leaves()
    {
        Fill();
        ValueTask<bool> waits = _share.WaitAsync(Token);
        Assert.False(waits.IsCompleted);
        _share.Leave();
        Assert.True(await waits);
        Assert.False(_share.TryEnter());
    }

    [Fact]
    public async Task Who_gives_up_takes_no_place()
    {
        Fill();
        using var ended = new CancellationTokenSource();
        ValueTask<bool> waits = _share.WaitAsync(ended.Token);
        await ended.CancelAsync();
        Assert.False(await waits);
        Assert.False(_share.Wait(ended.Token));
        _share.Leave();
        Assert.True(_share.TryEnter());
    }

    [Fact]
    public void A_guest_that_waits_leaves_its_place_and_takes_one_again()
    {
        Fill();
        using (var blocking = new RequestBlocking(new BlockingHistory(), GuestPlace.On(new GuestThreads(max: 1, maxQueued: 0), _share), TimeProvider.System, TimeProvider.System.GetTimestamp(), TimeSpan.FromMinutes(1), Token))
        {
            using ManualResetEventSlim entered = new(), left = new();
            var other = new Thread(() =>
            {
                // Free only while the guest waits.
                if (_share.Wait(Token))
                    entered.Set();
                left.Wait(Token);
                _share.Leave();
            });
            other.Start();
            var ready = new ReadyWhen();
            var guest = new Thread(() => blocking.Wait([ready]));
            guest.Start();
            entered.Wait(Token);
            ready.Set();
            Assert.True(guest.IsAlive); // the other one has its place
            left.Set();
            guest.Join();
            other.Join();
            Assert.False(_share.TryEnter());
        }

        Assert.True(_share.TryEnter()); // the request's end
    }

    [Fact]
    public void Neighbours_are_two_apps_that_are_asked()
    {
        var neighbours = new Neighbours();
        object one = new(), two = new();
        neighbours.Asked(one, isQuick: false);
        neighbours.Asked(one, isQuick: false);
        Assert.False(neighbours.AreThere);
        neighbours.Asked(two, isQuick: false);
        Assert.True(neighbours.AreThere);
        Assert.False(neighbours.QuickAreThere);
        neighbours.Asked(one, isQuick: true);
        Assert.True(neighbours.QuickAreThere);
    }

    private void Fill()
    {
        for (int i = 0; i < s_places; i++)
            Assert.True(_share.TryEnter());
    }

    private sealed class ReadyWhen : ReadinessSource
    {
        private volatile bool _isSet;

        public override bool IsReady => _isSet;

        public void Set()
        {
            _isSet = true;
            SignalReady();
        }
    }
}
