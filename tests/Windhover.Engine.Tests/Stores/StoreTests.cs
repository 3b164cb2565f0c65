namespace Windhover.Engine.Tests.Stores;

public sealed class StoreTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private const string Identity = """(module (memory (export "memory") 1) (func (export "f") (param i32) (result i32) (local.get 0)))""";

    [Fact]
    public void Everything_of_a_disposed_store_says_so()
    {
        var store = new Store(fixture.Engine);
        var instance = Wat.Instantiate(store, Identity);
        var function = instance.GetFunction(store, "f");
        var memory = instance.GetMemory(store, "memory");
        store.Dispose();
        store.Dispose();

        Assert.Throws<ObjectDisposedException>(() => function.Call(store, new RawValue[1]));
        Assert.Throws<ObjectDisposedException>(() => memory.GetSpan(store).Length);
        Assert.Throws<ObjectDisposedException>(() => instance.TryGetExport(store, "f", out _));
        Assert.Throws<ObjectDisposedException>(() => Wat.Instantiate(store, Identity));
        Assert.Throws<ObjectDisposedException>(() => store.CreateFunction(Host.Action(_ => { })));
        Assert.Throws<ObjectDisposedException>(() => store.SetDeadline(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Things_of_another_store_are_refused()
    {
        using Store one = new(fixture.Engine), other = new(fixture.Engine);
        var function = Wat.Instantiate(one, Identity).GetFunction(one, "f");

        Assert.Throws<InvalidOperationException>(() => function.Call(other, new RawValue[1]));
        Assert.Throws<InvalidOperationException>(() => default(Function).Call(one, []));
        Assert.Throws<InvalidOperationException>(() => default(LinearMemory).Size(other));
        using var module = Wat.Module(fixture.Engine, """(module (import "" "f" (func (param i32) (result i32))))""");
        Assert.Throws<InvalidOperationException>(() => other.Instantiate(module, [function]));
        Assert.Throws<InvalidOperationException>(() => one.Instantiate(module, [default(Extern)]));
        one.Instantiate(module, [function]);
    }

    [Fact]
    public void Modules_and_linkers_of_another_engine_are_refused()
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false });
        using var module = Wat.Module(engine, Identity);
        using var store = new Store(fixture.Engine);
        using var linker = new Linker(fixture.Engine);
        using var foreign = new Linker(engine);
        using var pre = foreign.Prepare(module);

        Assert.Throws<ArgumentException>(() => store.Instantiate(module, []));
        Assert.Throws<ArgumentException>(() => linker.Prepare(module));
        Assert.Throws<ArgumentException>(() => pre.Instantiate(store));
    }

    [Fact]
    public void A_disposed_module_leaves_the_store_as_it_was()
    {
        using var store = new Store(fixture.Engine);
        var module = Wat.Module(fixture.Engine, Identity);
        module.Dispose();
        var before = fixture.Engine.LiveInstances;
        Assert.Throws<ObjectDisposedException>(() => store.Instantiate(module, []));
        Assert.Equal(before, fixture.Engine.LiveInstances);
        Wat.Instantiate(store, Identity);
    }

    [Fact]
    public void Exports_are_found_by_any_name()
    {
        using var store = new Store(fixture.Engine);
        var longName = new string('ü', 5000);
        var instance = Wat.Instantiate(store, $"""(module (func (export "")) (func (export "grün")) (func (export "{longName}")))""");
        Assert.True(instance.TryGetExport(store, "", out _));
        Assert.True(instance.TryGetExport(store, ""u8, out _));
        Assert.True(instance.TryGetExport(store, "grün"u8, out _));
        Assert.True(instance.TryGetExport(store, longName, out _));
        Assert.False(instance.TryGetExport(store, "grun", out _));
        Assert.False(instance.TryGetExport(store, [0xff], out _));
    }

    [Fact]
    public void A_running_store_cannot_be_disposed()
    {
        using var store = new Store(fixture.Engine);
        var function = store.CreateFunction(Host.Action(s => s.Dispose()));

        var trap = Assert.Throws<TrapException>(() => function.Call(store, []));

        Assert.IsType<InvalidOperationException>(trap.InnerException);
    }

    [Fact]
    public void A_second_thread_is_refused_while_a_guest_runs()
    {
        using var store = new Store(fixture.Engine);
        Exception? seen = null;
        Function inner = store.CreateFunction(Host.Action(_ => { }));
        var outer = store.CreateFunction(Host.Action(s =>
        {
            var thread = new Thread(() => seen = Record.Exception(() => inner.Call(s, [])));
            thread.Start();
            thread.Join();
            inner.Call(s, []);
        }));

        outer.Call(store, []);

        Assert.Contains("another thread", Assert.IsType<InvalidOperationException>(seen).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_moves_between_threads()
    {
        using var store = new Store(fixture.Engine);
        var function = Wat.Instantiate(store, Identity).GetFunction(store, "f");
        for (var i = 0; i < 3; i++)
        {
            var values = new RawValue[] { i };
            var thread = new Thread(() => function.Call(store, values));
            thread.Start();
            thread.Join();
            Assert.Equal(i, values[0].I32);
        }
    }

    [Fact]
    public void Disposal_is_in_any_order()
    {
        var engine = new WasmEngine(new EngineOptions { MaxInstances = 2 });
        var module = Wat.Module(engine, Identity);
        var linker = new Linker(engine);
        var pre = linker.Prepare(module);
        var store = new Store(engine);
        var instance = pre.Instantiate(store);
        engine.Dispose();
        module.Dispose();
        linker.Dispose();
        pre.Dispose();

        var values = new RawValue[] { 5 };
        instance.GetFunction(store, "f").Call(store, values);

        Assert.Equal(5, values[0].I32);
        Assert.Throws<ObjectDisposedException>(() => pre.Instantiate(store));
        Assert.Throws<ObjectDisposedException>(() => new Store(engine));
        store.Dispose();
    }

    [Fact]
    public void A_forgotten_store_is_collected_and_counted_off()
    {
        var before = fixture.Engine.LiveInstances;
        Forget(20);
        Assert.Equal(before + 20, fixture.Engine.LiveInstances);
        for (var i = 0; i < 10 && fixture.Engine.LiveInstances > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(fixture.Engine.LiveInstances <= before, $"{fixture.Engine.LiveInstances} instances are still counted, {before} before.");

        void Forget(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var store = new Store(fixture.Engine);
                Wat.Instantiate(store, Identity);
                store.SetDeadline(TimeSpan.FromSeconds(10));
            }
        }
    }

    [Fact]
    public void Host_functions_are_released_with_their_store_and_linker()
    {
        var (inStore, inLinker) = Use();
        for (var i = 0; i < 10 && (inStore.IsAlive || inLinker.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(inStore.IsAlive);
        Assert.False(inLinker.IsAlive);

        (WeakReference, WeakReference) Use()
        {
            HostFunction one = Host.Action(_ => { }), other = Host.Action(_ => { });
            using var store = new Store(fixture.Engine);
            store.CreateFunction(one);
            using var linker = new Linker(fixture.Engine);
            linker.Define("a", "b", other);
            return (new(one), new(other));
        }
    }
}
