namespace Windhover.Engine.Tests.Wasi;

public sealed class DeterministicTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private const string Text = """
        (module
          (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "clock_res_get" (func $resolution (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "time") (param i32 i32) (result i32) (call $time (local.get 0) (i64.const 0) (local.get 1)))
          (func (export "resolution") (param i32 i32) (result i32) (call $resolution (local.get 0) (local.get 1)))
          (func (export "random") (param i32 i32) (result i32) (call $random (local.get 0) (local.get 1)))
          (func (export "poll") (param i32 i32 i32 i32) (result i32) (call $poll (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
        """;

    [Fact]
    public void Clocks_move_when_looked_at_and_random_numbers_come_from_the_seed()
    {
        var (first, second) = (Use(1), Use(1));
        Assert.Equal(first, second);
        Assert.NotEqual(first, Use(2));

        byte[] Use(ulong seed)
        {
            using var guest = new Guest(fixture.Engine, seed);
            Assert.Equal(0, guest.Call("time", 0, 0));
            Assert.Equal(0, guest.Call("time", 1, 8));
            Assert.Equal(0, guest.Call("time", 1, 16));
            Assert.Equal(0, guest.Call("resolution", 1, 24));
            Assert.Equal(0, guest.Call("random", 100, 37));
            Assert.Equal(946_684_800_000_001_000, BitConverter.ToInt64(guest.Memory));
            Assert.Equal([2000L, 3000, 1000], [BitConverter.ToInt64(guest.Memory[8..]), BitConverter.ToInt64(guest.Memory[16..]), BitConverter.ToInt64(guest.Memory[24..])]);
            return guest.Memory[..200].ToArray();
        }
    }

    [Fact]
    public void The_earliest_of_several_clocks_comes_and_takes_no_time()
    {
        using var guest = new Guest(fixture.Engine, 0);
        Subscribe(guest, 0, userdata: 11, clock: 1, timeout: 5_000_000_000_000, absolute: false);
        Subscribe(guest, 1, userdata: 22, clock: 1, timeout: 3_000_000_000_000, absolute: false);
        Assert.Equal(0, guest.Call("poll", 0, 1000, 2, 2000));
        Assert.Equal(1, BitConverter.ToInt32(guest.Memory[2000..]));
        Assert.Equal(22, BitConverter.ToInt64(guest.Memory[1000..]));
        guest.Call("time", 1, 3000);
        Assert.Equal(3_000_000_002_000, BitConverter.ToInt64(guest.Memory[3000..]));
        // A moment that is past is due at once, in wall time too; a descriptor is always.
        Subscribe(guest, 0, userdata: 33, clock: 0, timeout: 1, absolute: true);
        guest.Memory[48 + 8] = 1;
        Assert.Equal(0, guest.Call("poll", 0, 1000, 2, 2000));
        Assert.Equal(2, BitConverter.ToInt32(guest.Memory[2000..]));
        Assert.Equal(1, guest.Memory[1000 + 32 + 10]);
    }

    [Fact]
    public void Addresses_outside_of_the_memory_are_faults()
    {
        using var guest = new Guest(fixture.Engine, 0);
        Assert.Equal(21, guest.Call("time", 0, 65529));
        Assert.Equal(0, guest.Call("time", 0, 65528));
        Assert.Equal(28, guest.Call("time", 4, 0));
        Assert.Equal(28, guest.Call("resolution", -1, 0));
        Assert.Equal(21, guest.Call("random", 1, 65536));
        Assert.Equal(21, guest.Call("random", -1, -1));
        Assert.Equal(0, guest.Call("random", 65536, 0));
        Assert.Equal(28, guest.Call("poll", 0, 0, 0, 0));
        Assert.Equal(21, guest.Call("poll", 0, 0, -1, 0));
        Assert.Equal(21, guest.Call("poll", 0, 0, 0x05555556, 0));
        Assert.Equal(21, guest.Call("poll", 65536 - 47, 0, 1, 100));
        guest.Memory[8] = 3;
        Assert.Equal(28, guest.Call("poll", 0, 1000, 1, 100));
    }

    [Fact]
    public void Unbound_it_says_so()
    {
        using var guest = new Guest(fixture.Engine, 0, bind: false);
        Assert.Contains("DeterministicWorld.Bind", Assert.Throws<TrapException>(() => guest.Call("time", 0, 0)).Message, StringComparison.Ordinal);
    }

    private static void Subscribe(Guest guest, int index, ulong userdata, uint clock, ulong timeout, bool absolute)
    {
        var at = guest.Memory.Slice(index * 48, 48);
        at.Clear();
        BitConverter.TryWriteBytes(at, userdata);
        BitConverter.TryWriteBytes(at[16..], clock);
        BitConverter.TryWriteBytes(at[24..], timeout);
        at[40] = absolute ? (byte)1 : (byte)0;
    }

    private sealed class Guest : IDisposable
    {
        private readonly Store _store;
        private readonly Instance _instance;

        public Guest(WasmEngine engine, ulong seed, bool bind = true)
        {
            var world = new DeterministicWorld(seed);
            using var linker = new Linker(engine);
            linker.DefineWasiPreview1(world);
            using var module = Wat.Module(engine, Text);
            _store = new Store(engine);
            _instance = linker.Instantiate(_store, module);
            if (bind)
                world.Bind(_store, _instance);
        }

        public Span<byte> Memory => _instance.GetMemory(_store, "memory").GetSpan(_store);

        public int Call(string name, params ReadOnlySpan<int> arguments)
        {
            var slots = new RawValue[4];
            for (var i = 0; i < arguments.Length; i++)
                slots[i] = arguments[i];
            _instance.GetFunction(_store, name).Call(_store, slots);
            return slots[0].I32;
        }

        public void Dispose() => _store.Dispose();
    }
}
