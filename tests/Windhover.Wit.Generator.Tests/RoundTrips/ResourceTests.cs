using Windhover.Components.Bindings;
using Counter = Acme.Exports.Windhover_.Values.Resources.Counter;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>Handles in both directions: the guest's counter wraps one of the host's.</summary>
public sealed class ResourceTests(ValuesGuest guest) : IClassFixture<ValuesGuest>
{
    [Fact]
    public void Methods_statics_and_constructors()
    {
        using ValuesGuest.Running run = guest.Start("values.wasm");
        var (i, r) = (run.Instance, run.World.Resources);
        using Counter counter = r.CreateCounter(i, 5);
        Assert.Equal(8u, counter.Add(3));
        Assert.Equal(8u, counter.Value());
        using Counter merged = r.CounterMerge(i, r.CreateCounter(i, 1), r.CreateCounter(i, 2));
        Assert.Equal(3u, merged.Value());
        using Counter even = r.CounterEven(i, 4).Value;
        Assert.Equal(4u, even.Value());
        Assert.Contains("odd", r.CounterEven(i, 3).Error, StringComparison.Ordinal);
        Assert.Contains("odd", Assert.Throws<WitException<string>>(() => r.CounterEven(i, 3).Value).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ownership_goes_where_the_signature_says()
    {
        using ValuesGuest.Running run = guest.Start("values.wasm");
        var (i, r) = (run.Instance, run.World.Resources);
        Counter counter = r.CreateCounter(i, 5);
        Assert.Equal(5u, r.Peek(i, counter));
        Assert.Equal(5u, r.Take(i, counter));
        Assert.Throws<InvalidOperationException>(() => r.Take(i, counter));
    }

    [Fact]
    public void Options_and_lists_of_handles()
    {
        using ValuesGuest.Running run = guest.Start("values.wasm");
        var (i, r) = (run.Instance, run.World.Resources);
        Assert.Null(r.Maybe(i, null));
        using (Counter maybe = r.Maybe(i, r.CreateCounter(i, 6))!)
            Assert.Equal(6u, maybe.Value());
        Counter[] made = r.Make(i, 4);
        Assert.Equal([0u, 1u, 2u, 3u], made.Select(c => c.Value()));
        Assert.Equal(6u, r.PeekAll(i, made));
        Assert.Equal(6u, r.Sum(i, made));
    }

    [Fact]
    public void Nothing_is_left_when_everything_was_dropped()
    {
        using ValuesGuest.Running run = guest.Start("values.wasm");
        var (i, r) = (run.Instance, run.World.Resources);
        r.CreateCounter(i, 5).Dispose();
        r.RoundtripOwn(i, r.CreateCounter(i, 6)).Dispose();
        Assert.Equal(0, run.Host.Counters.Live);
        Assert.NotEqual(0u, r.Dropped(i));
    }

    [Fact]
    public void A_null_does_not_close_the_instance()
    {
        using ValuesGuest.Running run = guest.Start("values.wasm");
        Assert.Throws<ArgumentNullException>(() => run.World.Roundtrip.RoundtripString(run.Instance, null!));
        Assert.Equal("x", run.World.Roundtrip.RoundtripString(run.Instance, "x"));
    }
}
