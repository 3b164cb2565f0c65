namespace Windhover.Engine.Tests.Instances;

public sealed class DiscardTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void A_large_memory_is_as_it_was_when_the_instance_was_made()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 1, KeepResidentBytes = 65536 });
        using var module = Wat.Module(engine, """(module (memory (export "m") 64) (data (i32.const 70000) "as it was") (data (i32.const 3000000) "far"))""");
        for (int i = 0; i < 3; i++)
        {
            using var store = new Store(engine);
            var memory = store.Instantiate(module, []).GetMemory(store, "m");
            Check();
            memory.GetSpan(store).Fill(0xAA);
            memory.Discard(store);
            Assert.Equal(0xAA, memory.GetSpan(store)[65535]); // what slots keep is the pool's to clear
            memory.GetSpan(store)[..65536].Clear();
            Check();
            memory.GetSpan(store).Fill(0xBB); // for the next one

            void Check()
            {
                Assert.True(memory.GetSpan(store).Slice(70000, 9).SequenceEqual("as it was"u8));
                Assert.True(memory.GetSpan(store).Slice(3000000, 3).SequenceEqual("far"u8));
                Assert.False(memory.GetSpan(store)[..70000].ContainsAnyExcept((byte)0));
                Assert.False(memory.GetSpan(store)[3000003..].ContainsAnyExcept((byte)0));
            }
        }
    }

    [Fact]
    public void It_is_resident_no_more()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere nothing happens.");
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 1, KeepResidentBytes = 65536 });
        using var store = new Store(engine);
        var memory = Wat.Instantiate(store, """(module (memory (export "m") 4096))""").GetMemory(store, "m"); // 256 MiB
        long before = Resident();
        memory.GetSpan(store).Fill(1);
        Assert.True(Resident() - before > 200L * Megabyte);
        memory.Discard(store);
        Assert.True(Resident() - before < 100L * Megabyte);
    }

    [Fact]
    public void A_small_one_is_left_to_the_pool()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 1, KeepResidentBytes = 65536 });
        using var store = new Store(engine);
        var memory = Wat.Instantiate(store, """(module (memory (export "m") 32))""").GetMemory(store, "m");
        memory.GetSpan(store).Fill(1);
        memory.Discard(store);
        Assert.Equal(1, memory.GetSpan(store)[^1]);
    }

    [Theory]
    [InlineData(1, 1280 * 1024)]
    [InlineData(1_000_000, 64 * 1024)]
    public void What_slots_keep_is_much_only_where_all_of_them_can(int slots, int bytes)
    {
        Assert.Equal(bytes, new EngineOptions { MaxInstances = slots }.KeptBytes);
        Assert.Equal(4096, new EngineOptions { MaxInstances = slots, KeepResidentBytes = 4096 }.KeptBytes);
    }

    // In bytes: the second number of statm, in pages.
    private static long Resident() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
