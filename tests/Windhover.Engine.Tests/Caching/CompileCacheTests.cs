using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Windhover.Engine.Tests.Caching;

public sealed class CompileCacheTests : IDisposable
{
    private const int FooterSize = 96;

    private static readonly byte[] One = WatCompiler.Compile("""(module (func (export "f") (result i32) (i32.const 1)))""");
    private static readonly byte[] Two = WatCompiler.Compile("""(module (func (export "f") (result i32) (i32.const 2)))""");

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "windhover-" + Guid.NewGuid().ToString("N"));
    private readonly WasmEngine _engine = new(new EngineOptions { MaxInstances = 4 });

    public void Dispose()
    {
        _engine.Dispose();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void The_second_time_is_a_hit_also_for_another_cache_and_engine()
    {
        var cache = new CompileCache(_directory);
        Assert.Equal((CacheOutcome.Miss, 1), Get(cache, _engine, One));
        Assert.Equal((CacheOutcome.Hit, 1), Get(cache, _engine, One));
        Assert.Equal((CacheOutcome.Miss, 2), Get(cache, _engine, Two));
        using var engine = new WasmEngine(_engine.Options with { MaxInstances = 9, EpochTick = TimeSpan.FromMilliseconds(3), MaxWasmStackBytes = 100_000 });
        Assert.Equal((CacheOutcome.Hit, 2), Get(new CompileCache(_directory), engine, Two));
        using var module = cache.GetOrCompile(engine, One);
        Assert.Equal("f", Assert.Single(module.Exports).Name);
    }

    [Fact]
    public void Options_that_shape_code_have_entries_of_their_own()
    {
        var cache = new CompileCache(_directory);
        var options = new EngineOptions { MaxInstances = 4 };
        foreach (var other in new[]
        {
            options, options with { Fuel = true }, options with { Interruption = Interruption.None }, options with { Exceptions = false }, options with { Pooling = false },
            options with { CanonicalizeNaN = true }, options with { DeterministicRelaxedSimd = true }, options with { GarbageCollection = true },
            options with { Memory64 = false }, options with { MultiMemory = false }, options with { TailCalls = false }, options with { Threads = true },
            options with { WideArithmetic = true }, options with { MaxMemoryBytes = 65536 },
        })
        {
            using var engine = new WasmEngine(other);
            Assert.Equal((CacheOutcome.Miss, 1), Get(cache, engine, One));
            Assert.Equal((CacheOutcome.Hit, 1), Get(cache, engine, One));
        }
    }

    [Fact]
    public void Damage_anywhere_is_noticed_and_mended()
    {
        var cache = new CompileCache(_directory);
        Get(cache, _engine, One);
        var path = Entry();
        var whole = File.ReadAllBytes(path);
        var n = whole.Length;
        int[] offsets = [0, 4, 16, 63, 64, n / 4, n / 2, n - FooterSize - 1, n - FooterSize, n - 72, n - 65, n - 64, n - 33, n - 32, n - 1];
        foreach (var at in offsets)
        {
            foreach (var bit in new[] { 0x01, 0x80 })
            {
                var damaged = whole.ToArray();
                damaged[at] ^= (byte)bit;
                Rejects(damaged);
            }
        }
        foreach (var length in new[] { 0, 1, FooterSize - 1, FooterSize, FooterSize + 1, n / 2, n - FooterSize, n - 1 })
            Rejects(whole[..length]);
        Rejects([.. whole, 0]);
        Rejects([.. whole, .. whole]);

        void Rejects(byte[] content)
        {
            File.WriteAllBytes(path, content);
            Assert.Equal((CacheOutcome.Rejected, 1), Get(cache, _engine, One));
            Assert.Equal((CacheOutcome.Hit, 1), Get(cache, _engine, One));
        }
    }

    [Fact]
    public void A_valid_entry_under_another_name_is_not_taken()
    {
        var cache = new CompileCache(_directory);
        Get(cache, _engine, One);
        var one = Entry();
        Get(cache, _engine, Two);
        var two = Directory.GetFiles(_directory).Single(f => f != one);
        (var first, var second) = (File.ReadAllBytes(one), File.ReadAllBytes(two));
        File.WriteAllBytes(one, second);
        File.WriteAllBytes(two, first);

        Assert.Equal((CacheOutcome.Rejected, 1), Get(cache, _engine, One));
        Assert.Equal((CacheOutcome.Rejected, 2), Get(cache, _engine, Two));
        Assert.Equal((CacheOutcome.Hit, 1), Get(cache, _engine, One));
    }

    [Fact]
    public void An_artifact_of_another_engine_is_refused_by_the_engine_itself()
    {
        // A footer that is right in every respect, around an artifact whose version (a string in the ELF image) is another.
        var cache = new CompileCache(_directory);
        Get(cache, _engine, One);
        var path = Entry();
        var content = File.ReadAllBytes(path);
        var artifact = content.AsSpan(0, content.Length - FooterSize);
        var version = artifact.IndexOf("\u000250"u8); // its length, then the major version
        Assert.True(version > 0);
        artifact[version + 1] = (byte)'4';
        SHA256.HashData(artifact, content.AsSpan(content.Length - 32));
        File.WriteAllBytes(path, content);
        Assert.Equal((CacheOutcome.Rejected, 1), Get(cache, _engine, One));

        // And one where the artifact is no such thing at all.
        byte[] rubbish = [.. "rubbish"u8, .. content.AsSpan(content.Length - FooterSize)];
        BinaryPrimitives.WriteUInt64LittleEndian(rubbish.AsSpan(7 + 16), 7);
        SHA256.HashData(rubbish.AsSpan(0, 7), rubbish.AsSpan(rubbish.Length - 32));
        File.WriteAllBytes(path, rubbish);
        Assert.Equal((CacheOutcome.Rejected, 1), Get(cache, _engine, One));
    }

    [Fact]
    public void The_key_names_the_release_that_is_referenced()
    {
        var dependencies = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Windhover.Engine.Tests.deps.json"));
        Assert.Contains($"\"Wasmtime/{CacheKey.EngineVersion}\"", dependencies, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loaded_module_outlives_its_entry()
    {
        var cache = new CompileCache(_directory);
        Get(cache, _engine, One);
        using var module = cache.GetOrCompile(_engine, One, out var outcome);
        Assert.Equal(CacheOutcome.Hit, outcome);
        Assert.Equal(1, cache.Trim(0));
        Assert.Empty(Directory.GetFiles(_directory));
        Assert.Equal(1, Run(_engine, module));
    }

    [Fact]
    public void Trim_keeps_what_was_used_last()
    {
        var cache = new CompileCache(_directory);
        Get(cache, _engine, One);
        var one = Entry();
        Get(cache, _engine, Two);
        var size = new FileInfo(one).Length;
        File.SetLastWriteTimeUtc(one, DateTime.UtcNow.AddDays(-2));
        Get(cache, _engine, One);
        File.SetLastWriteTimeUtc(Directory.GetFiles(_directory).Single(f => f != one), DateTime.UtcNow.AddDays(-1));
        Assert.Equal(0, cache.Trim(long.MaxValue));
        Assert.Equal(1, cache.Trim(size));
        Assert.Equal([one], Directory.GetFiles(_directory));
    }

    [Fact]
    public void Many_threads_compile_once_and_leave_nothing_behind()
    {
        var cache = new CompileCache(_directory);
        var misses = 0;
        Parallel.For(0, 40, i =>
        {
            using var module = cache.GetOrCompile(_engine, i % 2 == 0 ? One : Two, out var outcome);
            if (outcome != CacheOutcome.Hit)
                Interlocked.Increment(ref misses);
        });
        Assert.Equal(2, misses);
        Assert.Equal(2, Directory.GetFiles(_directory).Length);
    }

    [Fact]
    public void Entries_are_private()
    {
        if (OperatingSystem.IsWindows())
            return;
        var cache = new CompileCache(_directory);
        Get(cache, _engine, One);
        var path = Entry();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherWrite);
        Assert.Equal((CacheOutcome.Rejected, 1), Get(cache, _engine, One));
        Assert.Equal((CacheOutcome.Hit, 1), Get(cache, _engine, One));

        File.SetUnixFileMode(_directory, File.GetUnixFileMode(_directory) | UnixFileMode.GroupWrite);
        Assert.Throws<UnauthorizedAccessException>(() => new CompileCache(_directory));
    }

    [Fact]
    public void A_directory_that_is_gone_only_costs_time()
    {
        var cache = new CompileCache(_directory);
        Directory.Delete(_directory);
        Assert.Equal((CacheOutcome.Miss, 1), Get(cache, _engine, One));
        Assert.Throws<InvalidModuleException>(() => cache.GetOrCompile(_engine, "rubbish"u8));
    }

    private string Entry() => Assert.Single(Directory.GetFiles(_directory));

    private static (CacheOutcome Outcome, int Result) Get(CompileCache cache, WasmEngine engine, byte[] wasm)
    {
        using var module = cache.GetOrCompile(engine, wasm, out var outcome);
        return (outcome, Run(engine, module));
    }

    private static int Run(WasmEngine engine, Module module)
    {
        using var store = new Store(engine);
        if (engine.Options.Fuel)
            store.SetFuel(1000);
        var slots = new RawValue[1];
        store.Instantiate(module, []).GetFunction(store, "f").Call(store, slots);
        return slots[0].I32;
    }
}
