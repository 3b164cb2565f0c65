using System.Text;
using Windhover.Components.Binary;
using Windhover.Components.Compilation;
using Windhover.Components.Workers;
using Windhover.Engine;

namespace Windhover.Components.Tests.Hostile;

/// <summary>Binaries that attack whoever compiles them, in a worker that may take 2 s and 256 MiB, and a cache that was tampered with. docs/hostile.md lists them.</summary>
public sealed class CompileAttackTests : IDisposable
{
    private static readonly WorkerCommand s_worker = new(Path.Combine(AppContext.BaseDirectory, "Windhover.Components.Tests"), []);
    private static readonly CompileLimits s_limits = new() { MaxTime = TimeSpan.FromSeconds(2), MaxMemoryBytes = 256 << 20 };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("windhover-bombs");
    private readonly WasmEngine _engine = new(new EngineOptions { MaxInstances = 4 });
    private readonly CompileCache _cache;
    private readonly OutOfProcessCompiler _compiler;

    public CompileAttackTests()
    {
        _cache = new CompileCache(_directory.FullName);
        _compiler = new OutOfProcessCompiler(_cache, s_worker);
    }

    /// <summary>An attack: the binary, and whether it breaks a rule (else it is compiled or meets a limit, as fast as the machine is).</summary>
    public sealed record Bomb(string Name, string What, Func<byte[]> Binary, bool IsInvalid = false)
    {
        public string Row => $"| `{Name}` | {What} | {(IsInvalid ? "refused as invalid" : "compiled within its limits, or refused by them")} |";
    }

    public static IReadOnlyList<Bomb> All { get; } =
    [
        new("br_table", "a br_table of 100,000 targets", () => Bombs.Function([Bombs.Block, 0x40, .. Bombs.Table(100_000, 1), Bombs.End])),
        new("br_tables", "1,000 br_tables of 1,000 targets each, to 1,000 different blocks",
            () => Bombs.Function([.. Bombs.Repeat(1000, Bombs.Block, 0x40), .. Bombs.Repeat(1000, [.. Bombs.Table(1000, 1000)]), .. Bombs.Repeat(1000, Bombs.End)])),
        new("locals", "10,000 functions of 50,000 locals each", () => Bombs.Functions(10_000, [.. Bombs.Locals(50_000), Bombs.End])),
        new("locals_endless", "a function of 2^32 - 1 locals", () => Bombs.Functions(1, [.. Bombs.Locals(uint.MaxValue), Bombs.End]), IsInvalid: true),
        new("locals_wrap", "groups of locals whose sum wraps around 32 bits", () => Bombs.Functions(1, [.. Bombs.Locals(0x80000000, 0x80000000, 2), Bombs.End]), IsInvalid: true),
        new("nesting", "100,000 blocks within each other", () => Bombs.Function([.. Bombs.Repeat(100_000, Bombs.Block, 0x40), .. Bombs.Repeat(100_000, Bombs.End)])),
        new("loops", "20,000 loops within each other", () => Bombs.Function([.. Bombs.Repeat(20_000, Bombs.Loop, 0x40), .. Bombs.Repeat(20_000, Bombs.End)])),
        new("functions", "a million functions", () => Bombs.Functions(1_000_000, [0, Bombs.End])),
        new("calls", "100,000 functions of a hundred calls each", () => Bombs.Functions(100_000, [0, .. Bombs.Repeat(100, 0x10, 0), Bombs.End])),
        new("types", "a million types", () => Bombs.Types(1_000_000)),
        new("globals", "a million globals", () => Bombs.Globals(1_000_000)),
        new("segments", "a hundred thousand data segments", () => Bombs.DataSegments(100_000)),
        new("body", "one function of 6 million bytes", () => Bombs.Function(Bombs.Repeat(1_000_000, 0x41, 1, 0x1A, 0x41, 2, 0x1A))),
        new("lengths", "a section that says it has 2^32 - 1 bytes", () => [.. Bombs.Module(), 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], IsInvalid: true),
        new("counts", "a section that says it has 2^32 - 1 functions", () => Bombs.Module(Bombs.Section(3, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F])), IsInvalid: true),
        new("components", "10,000 components within each other", () => Bombs.Nested(10_000), IsInvalid: true),
        new("guard_spoofed", "an export with a name of the rewriter's own", () => WatCompiler.Compile("(module (memory (export \"\\00windhover.guard\") 1) (func (export \"f\")))"), IsInvalid: true),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. All.Select(b => b.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bomb_costs_its_worker_at_most(string name)
    {
        Bomb bomb = All.Single(b => b.Name == name);
        byte[] binary = bomb.Binary();
        string outcome;
        try
        {
            using IDisposable loaded = WasmFile.Detect(binary) == WasmKind.CoreModule
                ? await _compiler.LoadModuleAsync(_engine, binary, s_limits, Token)
                : await _compiler.LoadAsync(_engine, binary, s_limits, Token);
            outcome = "compiled";
        }
        catch (CompileLimitException limit)
        {
            outcome = limit.Limit;
        }
        catch (Exception invalid) when (invalid is InvalidModuleException or InvalidComponentException)
        {
            outcome = "invalid";
        }

        TestContext.Current.TestOutputHelper?.WriteLine(outcome);
        if (bomb.IsInvalid)
            Assert.Equal("invalid", outcome);
        (await _compiler.LoadModuleAsync(_engine, WatCompiler.Compile("(module (func (export \"f\")))"), s_limits with { MaxTime = TimeSpan.FromMinutes(1) }, Token)).Dispose(); // the next one is served
    }

    // What custom sections say is nobody's business but a reader's: no code, no name of a trap may do more than be text.
    [Theory]
    [InlineData("name", "001c0100190065766c5c")] // counts that lie
    [InlineData("producers", "ffffffff0f")]
    [InlineData("component-type:world", "0061736d0d000100ffffffff")]
    [InlineData("metadata.code.branch_hint", "01000100ffffffff0f")]
    [InlineData(".debug_info", "ffffffffffffffffffff")]
    [InlineData("dylink.0", "01040000ffff")]
    [InlineData("target_features", "ff2b")]
    public async Task A_spoofed_custom_section_changes_nothing(string name, string contents)
    {
        byte[] module = WatCompiler.Compile("(module (func (export \"f\") (result i32) (i32.const 42)))");
        byte[] spoofed = [.. module, .. Bombs.Custom(name, Convert.FromHexString(contents)), .. Bombs.Custom(name, Convert.FromHexString(contents))];
        using Module loaded = await _compiler.LoadModuleAsync(_engine, spoofed, s_limits with { MaxTime = TimeSpan.FromMinutes(1) }, Token);
        using var linker = new Linker(_engine);
        using InstancePre prepared = linker.Prepare(loaded);
        using var store = new Store(_engine);
        RawValue[] result = new RawValue[1];
        prepared.Instantiate(store).GetFunction(store, "f").Call(store, result);
        Assert.Equal(42, result[0].I32);
    }

    [Fact]
    public void A_spoofed_name_of_a_function_is_only_text()
    {
        // Function 0 is called "x", a line break, a forged line and a code of terminals.
        byte[] forged = Encoding.UTF8.GetBytes("x\r\n[Error] forged\u001b[2J\u202e\u2028");
        byte[] module = [
            .. WatCompiler.Compile("(module (func (export \"f\") unreachable))"),
            .. Bombs.Custom("name", [.. Bombs.Section(1, [1, 0, .. Bombs.Leb((uint)forged.Length), .. forged])])];
        using Module loaded = Module.Compile(_engine, module);
        using var linker = new Linker(_engine);
        using InstancePre prepared = linker.Prepare(loaded);
        using var store = new Store(_engine);
        TrapException trap = Assert.Throws<TrapException>(() => prepared.Instantiate(store).GetFunction(store, "f").Call(store, []));
        Assert.DoesNotContain(trap.Message, c => c is '\u001b' or '\r' or '\u202e' or '\u2028');
        Assert.DoesNotContain(trap.Message.Split('\n'), line => line.StartsWith("[Error]", StringComparison.Ordinal));
    }

    [Fact]
    public void The_document_lists_every_bomb()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
            folder = folder.Parent;
        string text = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "hostile.md"));
        Assert.All(All, b => Assert.Contains(b.Row + "\n", text, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _compiler.Dispose();
        _engine.Dispose();
        _directory.Delete(recursive: true);
    }
}
