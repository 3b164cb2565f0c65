using Acme.Windhover_.Values.Resources;
using Windhover.Components.Bindings;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>The host's side of guests/values' resources.</summary>
internal sealed class Counters : IResources
{
    private uint _dropped;

    public int Live { get; private set; }

    public ICounter CreateCounter(uint start) => new Counter(this, start);

    public ICounter CounterMerge(ICounter a, ICounter b)
    {
        using (a)
        using (b)
            return new Counter(this, a.Value() + b.Value());
    }

    public Result<ICounter, string> CounterEven(uint start) => start % 2 == 0 ? Result.Ok(CreateCounter(start)) : $"{start} is odd";

    public uint Take(ICounter c)
    {
        using (c)
            return c.Value();
    }

    public uint Peek(ICounter c) => c.Value();

    public ICounter RoundtripOwn(ICounter c) => c;

    public ICounter? Maybe(ICounter? c) => c;

    public IReadOnlyList<ICounter> Make(uint count) => [.. Enumerable.Range(0, (int)count).Select(i => CreateCounter((uint)i))];

    public uint Sum(ICounter[] all) => (uint)all.Sum(c => Take(c));

    public uint PeekAll(ICounter[] all) => (uint)all.Sum(c => c.Value());

    public uint Dropped() => _dropped;

    private sealed class Counter : ICounter
    {
        private readonly Counters _owner;
        private uint _value;
        private bool _gone;

        public Counter(Counters owner, uint value)
        {
            _owner = owner;
            _value = value;
            owner.Live++;
        }

        public uint Add(uint n) => _value += n;

        public uint Value() => _value;

        public void Dispose()
        {
            Assert.False(_gone);
            _gone = true;
            _owner.Live--;
            _owner._dropped++;
        }
    }
}
