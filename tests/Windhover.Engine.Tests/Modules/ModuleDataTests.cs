namespace Windhover.Engine.Tests.Modules;

public sealed class ModuleDataTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "windhover-" + Guid.NewGuid().ToString("N"));
    private readonly WasmEngine _engine = new(new EngineOptions { MaxInstances = 4, SeparateData = true });

    public void Dispose()
    {
        _engine.Dispose();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Modules_that_differ_in_data_share_code_and_each_instance_has_its_own()
    {
        var cache = new CompileCache(_directory);
        var (first, outcome) = Load(cache, Program('a'));
        Assert.Equal(CacheOutcome.Miss, outcome);
        var (second, next) = Load(cache, Program('b'));
        Assert.Equal(CacheOutcome.Hit, next);
        using (first)
        using (second)
        {
            Assert.Equal(["memory", "at"], first.Exports.Select(e => e.Name));
            Assert.Equal('a', At(first, 100_000));
            Assert.Equal('b', At(second, 100_000));
            Assert.Equal(0, At(second, 1_000)); // before the segment
        }

        using var third = cache.TryGet(_engine, Program('c', 65_000)); // elsewhere
        Assert.Equal('c', At(third!, 300_000));
        Assert.Equal('c', At(third!, 65_000));
    }

    [Fact]
    public void What_one_instance_writes_is_not_in_the_next()
    {
        var (module, _) = Load(new CompileCache(_directory), Program('a'));
        using (module)
        {
            for (int i = 0; i < 3; i++)
            {
                using var store = new Store(_engine);
                var memory = store.Instantiate(module, []).GetMemory(store, "memory");
                Assert.Equal((byte)'a', memory.GetSpan(store)[70_000]);
                memory.GetSpan(store)[70_000] = 1;
                memory.GetSpan(store)[0] = 1;
            }
        }
    }

    [Fact]
    public void A_start_function_finds_the_data_and_passive_segments_keep_their_numbers()
    {
        byte[] wasm = WatCompiler.Compile($"""
            (module
              (memory (export "memory") 8)
              (global $seen (export "seen") (mut i32) (i32.const 0))
              (func $start
                (global.set $seen (i32.load8_u (i32.const 65536)))
                (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 4))
                (data.drop 1))
              (func (export "at") (param i32) (result i32) (loop) (i32.load8_u (local.get 0)))
              (func (export "again") (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)))
              (start $start)
              (data (i32.const 65536) "{new string('x', 300_000)}")
              (data "pass"))
            """);
        var (module, _) = Load(new CompileCache(_directory), wasm);
        using (module)
        {
            Assert.Equal('p', At(module, 0));
            Assert.Equal('x', At(module, 65536));
            using var store = new Store(_engine);
            var instance = store.Instantiate(module, []);
            Assert.True(instance.TryGetExport(store, "seen", out var seen));
            Assert.Equal('x', seen.AsGlobal().Get(store).I32);
            // An active segment is gone once the instance is made.
            Assert.Throws<TrapException>(() => instance.GetFunction(store, "again").Call(store, []));
        }
    }

    [Theory]
    [InlineData("""(module (memory 1) (func (export "f") (loop)) (data (i32.const 0) "LONG"))""", "Out-of-bounds")] // beyond the memory
    [InlineData("""(module (memory 8) (func (export "f") (loop)) (data (i32.const -1) "LONG"))""", "Out-of-bounds")]
    public void What_would_trap_still_does(string text, string message)
    {
        byte[] wasm = WatCompiler.Compile(text.Replace("LONG", new string('x', 300_000), StringComparison.Ordinal));
        Assert.Null(ModuleData.Separate(_engine.Options, wasm, out _));
        var (module, _) = Load(new CompileCache(_directory), wasm);
        using (module)
        {
            using var store = new Store(_engine);
            Assert.Contains(message, Assert.Throws<TrapException>(() => store.Instantiate(module, [])).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""(module (import "a" "b" (memory 8)) (data (i32.const 0) "LONG"))""")]
    [InlineData("""(module (memory 8) (data (i32.const 0) "short"))""")]
    [InlineData("""(module (import "a" "b" (global $g i32)) (memory 8) (data (global.get $g) "LONG"))""")]
    [InlineData("""(module (memory 8) (memory 8) (data (memory 1) (i32.const 0) "LONG"))""")]
    [InlineData("""(module (memory i64 8) (data (i64.const 0) "LONG"))""")]
    [InlineData("""(module (memory 8) (data "LONG"))""")]
    [InlineData("""(module)""")]
    public void What_cannot_be_taken_out_stays(string text) =>
        Assert.Null(ModuleData.Separate(_engine.Options, WatCompiler.Compile(text.Replace("LONG", new string('x', 300_000), StringComparison.Ordinal)), out _));

    [Fact]
    public void A_module_of_the_bytes_that_another_has_without_its_data_is_another()
    {
        var cache = new CompileCache(_directory);
        byte[] same = ModuleData.Separate(_engine.Options, Program('a'), out _)!;
        cache.GetOrCompile(_engine, same).Dispose();
        var (module, outcome) = Load(cache, Program('a'));
        using (module)
        {
            Assert.Equal(CacheOutcome.Miss, outcome);
            Assert.Equal('a', At(module, 100_000));
        }
    }

    [Fact]
    public void Only_where_it_is_asked_for()
    {
        Assert.NotNull(ModuleData.Separate(_engine.Options, Program('a'), out _));
        Assert.Null(ModuleData.Separate(_engine.Options with { SeparateData = false }, Program('a'), out _));
        Assert.Null(ModuleData.Separate(_engine.Options with { Interruption = Interruption.Epoch }, Program('a'), out _));
    }

    [Fact]
    public void Damaged_modules_are_refused_as_if_they_were_whole()
    {
        var cache = new CompileCache(_directory);
        byte[] whole = Program('a');
        using var plain = new WasmEngine(_engine.Options with { SeparateData = false });
        var random = new Random(20261128);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. whole];
            int places = random.Next(1, 4);
            for (int k = 0; k < places; k++)
            {
                // The head and the tail, where the structure is.
                int at = random.Next(2) == 0 ? random.Next(8, 200) : whole.Length - 1 - random.Next(40);
                damaged[at] = (byte)random.Next(256);
            }

            Assert.Equal(IsValid(() => Module.Compile(plain, damaged)), IsValid(() => cache.GetOrCompile(_engine, damaged)));
        }
    }

    private static bool IsValid(Func<Module> compile)
    {
        try
        {
            compile().Dispose();
            return true;
        }
        catch (InvalidModuleException)
        {
            return false;
        }
    }

    private static byte[] Program(char content, int at = 65_536) => WatCompiler.Compile($"""
        (module
          (memory (export "memory") 8)
          (func (export "at") (param i32) (result i32) (loop) (i32.load8_u (local.get 0)))
          (data (i32.const {at}) "{new string(content, 200_000)}")
          (data (i32.const 300000) "{new string(content, 100_000)}"))
        """);

    private (Module Module, CacheOutcome Outcome) Load(CompileCache cache, byte[] wasm)
    {
        var module = cache.GetOrCompile(_engine, wasm, out var outcome);
        return (module, outcome);
    }

    private int At(Module module, int address)
    {
        using var store = new Store(_engine);
        RawValue[] values = [address];
        store.Instantiate(module, []).GetFunction(store, "at").Call(store, values);
        return values[0].I32;
    }
}
