using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Hostile;

/// <summary>Attacks where code runs that nobody called by name (start functions, destructors), and on streams, futures and sets. docs/hostile.md lists them.</summary>
public sealed class LifeAttackTests
{
    private static readonly WasmEngine s_engine = new(new EngineOptions { Pooling = false });

    /// <summary>An attack: a component that exports <c>f</c>, and a part of the message of the trap that it must end in, as it is made or called.</summary>
    public sealed record Attack(string Name, string What, string Trap, string Component)
    {
        public string Row => $"| `{Name}` | {What} | trap: {Trap} |";
    }

    public static IReadOnlyList<Attack> Attacks { get; } =
    [
        new("start-spins", "an endless loop in a start function", "deadline", Start("(loop $l (br $l))")),
        new("start-traps", "a trap in a start function", "unreachable", Start("unreachable")),
        new("start-recurses", "endless recursion in a start function", "stack", Start("(call $start) (drop (i32.const 0))")),
        new("start-grows", "a start function that grows its memory until it traps", "unreachable",
            Start("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable")),
        new("destructor-spins", "an endless loop in a destructor", "deadline", Destructor("(loop $l (br $l))")),
        new("destructor-traps", "a trap in a destructor", "unreachable", Destructor("unreachable")),
        new("destructor-recurses", "a destructor that drops another of its kind, for ever", "stack", Destructor("(call $drop (call $new (i32.const 0)))")),
        new("destructor-twice", "a resource dropped twice", "unknown handle", Destructor("", "(call $drop (local.get $h))")),
        new("destructor-returns", "a destructor that returns in the name of the task that dropped the resource", "not lifted asynchronously", Others("(call $return)")),
        new("destructor-cancels", "a destructor that cancels in the name of the task that dropped the resource", "not lifted asynchronously", Others("(call $cancel)")),
        new("destructor-blocks", "a destructor that blocks the task that dropped the resource", "cannot block", Others("(drop (call $wait (call $set) (i32.const 0)))")),
        new("stream-write-endless", "a write of 2^31 items to a stream", "longer than the limit", Stream("(drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $s) (i64.const 32))) (i32.const 0) (i32.const 0x80000000)))")),
        new("stream-write-long", "a write of 2^28 items to a stream", "longer than the limit", Stream("(drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $s) (i64.const 32))) (i32.const 0) (i32.const 0x10000000)))")),
        new("stream-write-outside", "a write of 2^28 - 1 items to a stream, of which a page is there", "out of bounds", Stream("(drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $s) (i64.const 32))) (i32.const 0) (i32.const 0x0fffffff)))")),
        new("stream-read-endless", "a read of 2^32 - 1 items from a stream", "longer than the limit", Stream("(drop (call $read (i32.wrap_i64 (local.get $s)) (i32.const 0) (i32.const -1)))")),
        new("stream-read-wraps", "a read whose end wraps around 32 bits", "out of bounds", Stream("(drop (call $read (i32.wrap_i64 (local.get $s)) (i32.const -8) (i32.const 16)))")),
        new("stream-forged", "a read from a stream that was never given", "unknown handle", Stream("(drop (call $read (i32.const 12345) (i32.const 0) (i32.const 1)))")),
        new("stream-end-swapped", "a write to the readable end", "is not a", Stream("(drop (call $write (i32.wrap_i64 (local.get $s)) (i32.const 0) (i32.const 1)))")),
        new("stream-twice-read", "a read while another waits", "", Stream(
            "(drop (call $read (i32.wrap_i64 (local.get $s)) (i32.const 0) (i32.const 1))) (drop (call $read (i32.wrap_i64 (local.get $s)) (i32.const 0) (i32.const 1)))")),
        new("stream-dropped-busy", "an end dropped while its read waits", "", Stream(
            "(drop (call $read (i32.wrap_i64 (local.get $s)) (i32.const 0) (i32.const 1))) (call $drop-read (i32.wrap_i64 (local.get $s)))")),
        new("stream-bomb", "streams made for ever and never dropped", "`handles`", Stream("(loop $l (drop (call $new)) (br $l))")),
        new("set-bomb", "waitable sets made for ever and never dropped", "`handles`", Stream("(loop $l (drop (call $set)) (br $l))")),
        new("set-forged", "a wait on a set that is a stream", "is not a", Stream("(drop (call $poll (i32.wrap_i64 (local.get $s)) (i32.const 0)))")),
    ];

    public static TheoryData<string> Names => [.. Attacks.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_a_trap_and_nothing_is_left(string name)
    {
        Attack attack = Attacks.Single(a => a.Name == name);
        using Component component = Component.Load(s_engine, WatCompiler.Compile(attack.Component));
        using PreparedComponent prepared = new ComponentLinker(s_engine).Prepare(component);
        var meter = new BudgetMeter("attacker", Budget.Parse("memory-per-instance=16MiB,handles=1000"));
        var plan = new MemoryPlan(prepared.MemoryNeeds, meter.Budget.MemoryPerInstance, s_engine.Options);
        for (int i = 0; i < 3; i++)
        {
            using var store = new Store(s_engine, MemoryLease.Take(meter, plan));
            store.SetDeadline(TimeSpan.FromMilliseconds(500)); // a machine that stands still for 50 ms must not look like a loop
            TrapException trap = Assert.ThrowsAny<TrapException>(() =>
            {
                using ComponentInstance instance = prepared.Instantiate(store);
                instance.Call(prepared.FindFunction(null, "f")!);
            });
            Assert.Contains(attack.Trap, trap.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.All(Budget.Entries, e => Assert.Equal((e.Key, 0), (e.Key, meter.Used(e.Kind))));
    }

    [Fact]
    public void The_document_lists_every_attack()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
            folder = folder.Parent;
        string text = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "hostile.md"));
        Assert.All(Attacks, a => Assert.Contains(a.Row + "\n", text, StringComparison.Ordinal));
    }

    private static string Start(string body) => $"""
        (component
          (core module $m (memory 1) (func $start {body}) (func (export "f")) (start $start))
          (core instance $i (instantiate $m))
          (func (export "f") (canon lift (core func $i "f"))))
        """;

    // The resource's implementation refers to the intrinsics of its own type, so the destructor stands behind a table.
    private static string Destructor(string body, string after = "") => $"""
        (component
          (core module $shim
            (table (export "t") 1 funcref) (type $d (func (param i32)))
            (func (export "dtor") (param i32) (call_indirect (type $d) (local.get 0) (i32.const 0))))
          (core instance $shim (instantiate $shim))
          (type $r (resource (rep i32) (dtor (core func $shim "dtor"))))
          (core func $new (canon resource.new $r))
          (core func $drop (canon resource.drop $r))
          (core module $m
            (import "r" "new" (func $new (param i32) (result i32)))
            (import "r" "drop" (func $drop (param i32)))
            (import "shim" "t" (table 1 funcref))
            (func $dtor (param i32) {body})
            (elem (i32.const 0) func $dtor)
            (func (export "f") (local $h i32) (local.set $h (call $new (i32.const 7))) (call $drop (local.get $h)) {after}))
          (core instance $i (instantiate $m (with "r" (instance (export "new" (func $new)) (export "drop" (func $drop)))) (with "shim" (instance $shim))))
          (func (export "f") (canon lift (core func $i "f"))))
        """;

    // A task that drops another component's resource.
    private static string Others(string body) => $"""
        (component
          (component $attacker
            (core module $shim
              (memory (export "memory") 1)
              (table (export "t") 1 funcref) (type $d (func (param i32)))
              (func (export "dtor") (param i32) (call_indirect (type $d) (local.get 0) (i32.const 0))))
            (core instance $shim (instantiate $shim))
            (type $r' (resource (rep i32) (dtor (core func $shim "dtor"))))
            (export $r "r" (type $r'))
            (core func $new (canon resource.new $r'))
            (core func $return (canon task.return))
            (core func $cancel (canon task.cancel))
            (core func $set (canon waitable-set.new))
            (core func $wait (canon waitable-set.wait (memory (core memory $shim "memory"))))
            (core module $m
              (import "h" "new" (func $new (param i32) (result i32))) (import "h" "return" (func $return)) (import "h" "cancel" (func $cancel))
              (import "h" "set" (func $set (result i32))) (import "h" "wait" (func $wait (param i32 i32) (result i32)))
              (import "shim" "t" (table 1 funcref))
              (func $dtor (param i32) {body})
              (elem (i32.const 0) func $dtor)
              (func (export "make") (result i32) (call $new (i32.const 7))))
            (core instance $i (instantiate $m (with "shim" (instance $shim)) (with "h" (instance
              (export "new" (func $new)) (export "return" (func $return)) (export "cancel" (func $cancel)) (export "set" (func $set)) (export "wait" (func $wait))))))
            (func (export "make") (result (own $r)) (canon lift (core func $i "make"))))
          (component $victim
            (import "attacker" (instance $a (export "r" (type $r (sub resource))) (export "make" (func (result (own $r))))))
            (alias export $a "r" (type $r))
            (core func $make (canon lower (func $a "make")))
            (core func $drop (canon resource.drop $r))
            (core func $return (canon task.return))
            (core module $m
              (import "h" "make" (func $make (result i32))) (import "h" "drop" (func $drop (param i32))) (import "h" "return" (func $return))
              (func (export "f") (call $drop (call $make)) (call $return)))
            (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "drop" (func $drop)) (export "return" (func $return))))))
            (func (export "f") async (canon lift (core func $i "f") async)))
          (instance $a (instantiate $attacker))
          (instance $v (instantiate $victim (with "attacker" (instance $a))))
          (export "f" (func $v "f")))
        """;

    private static string Stream(string body) => $"""
        (component
          (core module $mem (memory (export "memory") 1))
          (core instance $mem (instantiate $mem))
          (type $s (stream u8))
          (core func $new (canon stream.new $s))
          (core func $write (canon stream.write $s async (memory (core memory $mem "memory"))))
          (core func $read (canon stream.read $s async (memory (core memory $mem "memory"))))
          (core func $drop-read (canon stream.drop-readable $s))
          (core func $set (canon waitable-set.new))
          (core func $poll (canon waitable-set.poll (memory (core memory $mem "memory"))))
          (core module $m
            (import "h" "new" (func $new (result i64)))
            (import "h" "write" (func $write (param i32 i32 i32) (result i32)))
            (import "h" "read" (func $read (param i32 i32 i32) (result i32)))
            (import "h" "drop-read" (func $drop-read (param i32)))
            (import "h" "set" (func $set (result i32)))
            (import "h" "poll" (func $poll (param i32 i32) (result i32)))
            (func (export "f") (local $s i64) (local.set $s (call $new)) {body}))
          (core instance $i (instantiate $m (with "h" (instance
            (export "new" (func $new)) (export "write" (func $write)) (export "read" (func $read)) (export "drop-read" (func $drop-read))
            (export "set" (func $set)) (export "poll" (func $poll))))))
          (func (export "f") (canon lift (core func $i "f"))))
        """;
}
