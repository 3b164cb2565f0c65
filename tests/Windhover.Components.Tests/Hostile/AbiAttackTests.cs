using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Hostile;

/// <summary>Lies at every point of the canonical ABI, while another component in the same process keeps answering. docs/hostile.md lists them.</summary>
public sealed class AbiAttackTests : IDisposable
{
    private const string Text = """
        (component
          (core module $m
            (memory (export "memory") 1 1024)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) {REALLOC})
            (func (export "f") {PARAM} (result i32) {BODY})
            (func (export "post") (param i32) {POST})
            (data (i32.const 0) "{DATA}"))
          (core instance $i (instantiate $m))
          (func (export "f") {WITPARAM} (result {TYPE})
            (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post")) {ENCODING})))
        """;

    private static readonly WasmEngine s_engine = new(new EngineOptions { Pooling = false });

    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _neighbour;
    private int _answers;
    private Exception? _failure;

    public AbiAttackTests()
    {
        _neighbour = new Thread(Neighbour);
        _neighbour.Start();
    }

    /// <summary>An attack: the result type (or parameter) that the guest lies about, its core code, and a part of the trap's message.</summary>
    public sealed record Lie(
        string Name, string What, string Type, string Trap, string Body = "i32.const 0", string Data = "", string Realloc = "unreachable", string Post = "",
        string Encoding = "", bool TakesString = false)
    {
        public string Row => $"| `{Name}` | {What} | trap: {Trap} |";
    }

    public static IReadOnlyList<Lie> Lies { get; } =
    [
        new("return-outside", "a return pointer outside of memory", "string", "out of bounds", Body: "i32.const -8"),
        new("return-odd", "a misaligned return pointer", "string", "not aligned", Body: "i32.const 2"),
        new("string-outside", "a string outside of memory", "string", "out of bounds", Data: @"\f0\ff\ff\ff\10\00\00\00"),
        new("string-endless", "a string of 2^32 - 1 bytes", "string", "longer than the limit", Data: @"\00\00\00\00\ff\ff\ff\ff"),
        new("string-past-end", "a string one byte longer than memory", "string", "out of bounds", Data: @"\00\00\00\00\01\00\01\00"),
        new("utf8-invalid", "a string that is not UTF-8", "string", "invalid utf-8", Data: @"\08\00\00\00\02\00\00\00\c3\28"),
        new("utf8-overlong", "an overlong encoding of `/`", "string", "invalid utf-8", Data: @"\08\00\00\00\02\00\00\00\c0\af"),
        new("utf8-surrogate", "a surrogate in UTF-8", "string", "invalid utf-8", Data: @"\08\00\00\00\03\00\00\00\ed\a0\80"),
        new("utf16-odd", "a UTF-16 string at an odd address", "string", "not aligned", Data: @"\09\00\00\00\01\00\00\00", Encoding: "string-encoding=utf16"),
        new("utf16-lone", "a surrogate alone", "string", "unpaired surrogate", Data: @"\08\00\00\00\01\00\00\00\00\d8", Encoding: "string-encoding=utf16"),
        new("utf16-wraps", "a UTF-16 length whose bytes wrap around 32 bits", "string", "longer than the limit", Data: @"\08\00\00\00\01\00\00\80", Encoding: "string-encoding=utf16"),
        new("latin1-tagged", "a tagged length that is UTF-16 and too long", "string", "longer than the limit", Data: @"\08\00\00\00\ff\ff\ff\ff", Encoding: "string-encoding=latin1+utf16"),
        new("list-odd", "a misaligned list", "(list u32)", "not aligned", Data: @"\02\00\00\00\01\00\00\00"),
        new("list-wraps", "a list whose bytes wrap around 32 bits", "(list u64)", "longer than the limit", Data: @"\08\00\00\00\01\00\00\20"),
        new("list-endless", "a list of 2^32 - 1 elements", "(list u8)", "longer than the limit", Data: @"\00\00\00\00\ff\ff\ff\ff"),
        new("list-aliases", "8,000 lists that are all the same 64 KiB", "(list (list u8))", "host-memory",
            Body: "(local $i i32) loop $l (i32.store (i32.add (i32.const 8) (i32.mul (local.get $i) (i32.const 8))) (i32.const 0)) (i32.store (i32.add (i32.const 12) (i32.mul (local.get $i) (i32.const 8))) (i32.const 65536)) (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8000))) end i32.const 0",
            Data: @"\08\00\00\00\40\1f\00\00"),
        new("char-surrogate", "a surrogate as a character", "(tuple char char)", "invalid `char`", Data: @"\00\d8\00\00\00\00\00\00"),
        new("char-beyond", "a character beyond Unicode", "(tuple char char)", "invalid `char`", Data: @"\00\00\11\00\00\00\00\00"),
        new("variant-case", "a case that the variant does not have", "(tuple (option u32) u32)", "invalid variant discriminant", Data: @"\02\00\00\00"),
        new("result-case", "a result that is neither", "(tuple (result u32 (error u32)) u32)", "invalid variant discriminant", Data: @"\ff\00\00\00"),
        new("enum-case", "a label that the enumeration does not have", @"(tuple (option (list u8)) u32)", "invalid variant discriminant", Data: @"\07\00\00\00"),
        new("body-traps", "a trap in the function", "string", "unreachable", Body: "unreachable"),
        new("body-divides", "a division by zero in the function", "string", "division by zero", Body: "(i32.div_u (i32.const 1) (i32.const 0))"),
        new("body-recurses", "endless recursion", "string", "stack", Body: "call 1"),
        new("body-spins", "an endless loop in the function", "string", "deadline", Body: "loop $l br $l end unreachable"),
        new("post-traps", "a trap in post-return", "(tuple u32 u32)", "unreachable", Post: "unreachable"),
        new("post-spins", "an endless loop in post-return", "(tuple u32 u32)", "deadline", Post: "loop $l br $l end"),
        new("realloc-outside", "an allocator that answers outside of memory", "u32", "out of bounds", Realloc: "i32.const -4", TakesString: true),
        new("realloc-traps", "an allocator that traps", "u32", "unreachable", Realloc: "unreachable", TakesString: true),
        new("realloc-spins", "an allocator that never answers", "u32", "deadline", Realloc: "loop $l br $l end unreachable", TakesString: true),
        new("realloc-past-end", "an allocator whose block ends behind memory", "u32", "out of bounds", Realloc: "i32.const 65530", TakesString: true),
        new("realloc-odd", "a misaligned block for UTF-16", "u32", "not aligned", Realloc: "i32.const 1", TakesString: true, Encoding: "string-encoding=utf16"),
    ];

    public static TheoryData<string> Names => [.. Lies.Select(l => l.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_lie_is_a_trap_and_nothing_else(string name)
    {
        Lie lie = Lies.Single(l => l.Name == name);
        string text = Text
            .Replace("{REALLOC}", lie.Realloc, StringComparison.Ordinal).Replace("{BODY}", lie.Body, StringComparison.Ordinal)
            .Replace("{POST}", lie.Post, StringComparison.Ordinal).Replace("{DATA}", lie.Data, StringComparison.Ordinal)
            .Replace("{TYPE}", lie.Type, StringComparison.Ordinal).Replace("{ENCODING}", lie.Encoding, StringComparison.Ordinal)
            .Replace("{PARAM}", lie.TakesString ? "(param i32 i32)" : "", StringComparison.Ordinal)
            .Replace("{WITPARAM}", lie.TakesString ? "(param \"s\" string)" : "", StringComparison.Ordinal);
        using Component component = Component.Load(s_engine, WatCompiler.Compile(text));
        using PreparedComponent prepared = new ComponentLinker(s_engine).Prepare(component);
        var meter = new BudgetMeter("attacker", Budget.Default);
        var plan = new MemoryPlan(prepared.MemoryNeeds, meter.Budget.MemoryPerInstance, s_engine.Options);
        int before = Volatile.Read(ref _answers);
        for (int i = 0; i < 3; i++)
        {
            using var store = new Store(s_engine, MemoryLease.Take(meter, plan));
            store.SetDeadline(TimeSpan.FromMilliseconds(500)); // a machine that stands still for 50 ms must not look like a loop
            using ComponentInstance instance = prepared.Instantiate(store);
            ExportedFunction function = prepared.FindFunction(null, "f")!;
            object?[] arguments = lie.TakesString ? ["a string of some length"] : [];
            var trap = Assert.ThrowsAny<TrapException>(() => instance.Call(function, arguments));
            Assert.Contains(lie.Trap, trap.Message, StringComparison.OrdinalIgnoreCase);
            Assert.ThrowsAny<Exception>(() => instance.Call(function, arguments)); // closed for good
        }

        Assert.All(Budget.Entries, e => Assert.Equal((e.Key, 0), (e.Key, meter.Used(e.Kind))));
        SpinWait.SpinUntil(() => Volatile.Read(ref _answers) > before || _failure is not null, TimeSpan.FromSeconds(10));
        Assert.Null(_failure);
    }

    [Fact]
    public void The_document_lists_every_lie()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
            folder = folder.Parent;
        string text = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "hostile.md"));
        Assert.All(Lies, l => Assert.Contains(l.Row + "\n", text, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _neighbour.Join();
        _stop.Dispose();
    }

    // A healthy component, asked all the time.
    private void Neighbour()
    {
        try
        {
            string text = Text
                .Replace("{REALLOC}", "unreachable", StringComparison.Ordinal).Replace("{BODY}", "i32.const 0", StringComparison.Ordinal)
                .Replace("{POST}", "", StringComparison.Ordinal).Replace("{DATA}", @"\08\00\00\00\05\00\00\00hello", StringComparison.Ordinal)
                .Replace("{TYPE}", "string", StringComparison.Ordinal).Replace("{ENCODING}", "", StringComparison.Ordinal)
                .Replace("{PARAM}", "", StringComparison.Ordinal).Replace("{WITPARAM}", "", StringComparison.Ordinal);
            using Component component = Component.Load(s_engine, WatCompiler.Compile(text));
            using PreparedComponent prepared = new ComponentLinker(s_engine).Prepare(component);
            ExportedFunction function = prepared.FindFunction(null, "f")!;
            while (!_stop.IsCancellationRequested)
            {
                using var store = new Store(s_engine);
                using ComponentInstance instance = prepared.Instantiate(store);
                if (instance.Call(function) is not "hello")
                    throw new InvalidOperationException("The neighbour answered something else.");
                Interlocked.Increment(ref _answers);
            }
        }
        catch (Exception error)
        {
            _failure = error;
        }
    }
}
