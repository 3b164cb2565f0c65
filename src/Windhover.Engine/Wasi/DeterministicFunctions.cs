using System.Buffers.Binary;

namespace Windhover.Engine;

// The functions of WASI 0.1 that look at the world (clock_res_get, clock_time_get, random_get, poll_oneoff), on a DeterministicWorld. What is granted, such
// as files, is input of the run and no business of these.
internal static class DeterministicFunctions
{
    private const int Success = 0, Fault = 21, Invalid = 28;
    private const ValueKind I32 = ValueKind.I32;

    public static IEnumerable<(string Name, HostFunction Function)> Create(DeterministicWorld world) =>
    [
        ("clock_res_get", new Body([I32, I32], (s, v) => (uint)v[0].I32 > 3 ? Invalid : Put(world, s, v[1].U32, 1000))),
        ("clock_time_get", new Body([I32, ValueKind.I64, I32], (s, v) => (uint)v[0].I32 > 3 ? Invalid : Put(world, s, v[2].U32, Now(world, v[0].U32)))),
        ("random_get", new Body([I32, I32], (s, v) => Random(world, s, v[0].U32, v[1].U32))),
        ("poll_oneoff", new Body([I32, I32, I32, I32], (s, v) => Poll(world, s, v[0].U32, v[1].U32, v[2].U32, v[3].U32))),
    ];

    private static ulong Now(DeterministicWorld world, uint clock)
    {
        const uint Realtime = 0;
        var now = world.Look();
        return clock == Realtime ? Epoch(world) + now : now;
    }

    private static ulong Epoch(DeterministicWorld world) => (ulong)Math.Max(0, (world.Start - DateTimeOffset.UnixEpoch).Ticks) * 100;

    private static int Put(DeterministicWorld world, Store store, uint at, ulong value)
    {
        if (!TryGet(world, store, at, 8, out var bytes))
            return Fault;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Success;
    }

    private static int Random(DeterministicWorld world, Store store, uint at, uint length)
    {
        if (!TryGet(world, store, at, length, out var bytes))
            return Fault;
        world.Fill(bytes);
        return Success;
    }

    // struct subscription: userdata u64, tag u8 at 8, then for a clock: id u32 at 16, timeout u64 at 24, flags u16 at 40; 48 bytes.
    // struct event: userdata u64, error u16 at 8, type u8 at 10, for a descriptor: bytes u64 at 16, flags u16 at 24; 32 bytes.
    // Reading and writing never wait in such a run, so time passes when there are clocks alone: to the earliest of them.
    private static int Poll(DeterministicWorld world, Store store, uint subscriptions, uint events, uint count, uint result)
    {
        const uint SubscriptionSize = 48, EventSize = 32;
        if (count == 0)
            return Invalid;
        if (count > uint.MaxValue / SubscriptionSize
            || !TryGet(world, store, subscriptions, count * SubscriptionSize, out var input)
            || !TryGet(world, store, events, count * EventSize, out var output)
            || !TryGet(world, store, result, 4, out var number))
            return Fault;
        // Input and output may overlap.
        input = input.ToArray();
        var now = world.Look();
        var due = new ulong[count];
        var earliest = ulong.MaxValue;
        var onlyClocks = true;
        for (var i = 0; i < (int)count; i++)
        {
            var subscription = input.Slice(i * (int)SubscriptionSize, (int)SubscriptionSize);
            if (subscription[8] > 2)
                return Invalid;
            onlyClocks &= subscription[8] == 0;
            due[i] = subscription[8] == 0 ? Due(world, subscription, now) : 0;
            earliest = Math.Min(earliest, due[i]);
        }
        if (onlyClocks)
            world.PassTo(now = Math.Max(now, earliest));
        var ready = 0;
        for (var i = 0; i < (int)count; i++)
        {
            if (due[i] > now)
                continue;
            var subscription = input.Slice(i * (int)SubscriptionSize, (int)SubscriptionSize);
            var one = output.Slice(ready++ * (int)EventSize, (int)EventSize);
            one.Clear();
            subscription[..8].CopyTo(one);
            one[10] = subscription[8];
        }
        BinaryPrimitives.WriteInt32LittleEndian(number, ready);
        return Success;
    }

    private static ulong Due(DeterministicWorld world, ReadOnlySpan<byte> subscription, ulong now)
    {
        const int Absolute = 1;
        var timeout = BinaryPrimitives.ReadUInt64LittleEndian(subscription[24..]);
        if ((subscription[40] & Absolute) == 0)
            return timeout > ulong.MaxValue - now ? ulong.MaxValue : now + timeout;
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(subscription[16..]) == 0 ? Epoch(world) : 0;
        return timeout > offset ? timeout - offset : 0;
    }

    private static bool TryGet(DeterministicWorld world, Store store, uint at, uint length, out Span<byte> bytes)
    {
        var memory = world.Memory ?? throw new InvalidOperationException("The guest looked at its clock before it was bound to its world: see DeterministicWorld.Bind.");
        bytes = default;
        if (length > int.MaxValue || at > memory.Size(store) || length > memory.Size(store) - at)
            return false;
        bytes = memory.GetSpan(store, at, (int)length);
        return true;
    }

    private delegate int Run(Store store, ReadOnlySpan<RawValue> values);

    private sealed class Body(System.Collections.Immutable.ImmutableArray<ValueKind> parameters, Run run) : HostFunction(new FunctionType(parameters, [I32]))
    {
        protected internal override void Invoke(Store store, Span<RawValue> values) => values[0] = run(store, values);
    }
}
