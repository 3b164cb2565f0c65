using Windhover.Components.Linking;
using Windhover.Components.Resources;
using Windhover.Engine;

namespace Windhover.Components.Tests.Hostile;

/// <summary>
/// Guests that keep, forge or give away what they were only lent. The attacker gets a borrow of another component's resource, once from a third component and once
/// from the host. docs/hostile.md lists the attacks.
/// </summary>
public sealed class BorrowAttackTests
{
    private static readonly WasmEngine s_engine = new(new EngineOptions { Pooling = false });

    /// <summary>How the attacked function is lifted.</summary>
    public enum Form
    {
        Sync,
        ReturnsOwn,
        Callback,
        Stackful,
    }

    /// <summary>An attack: the core code of <c>f</c>, which gets the borrow <c>$h</c>, and of what is called after it.</summary>
    public sealed record Attack(string Name, string What, string Trap, string Body, Form Form = Form.Sync, string Again = "", string Callback = "unreachable", bool IsCancelled = false)
    {
        public string Row => $"| `{Name}` | {What} | trap: {Trap} |";
    }

    private const string Remains = "borrow handles still remain";
    private const string Lent = "while borrowed";
    private const string NotOwn = "expected an owned handle";
    private const string Unknown = "unknown handle";
    private const string Stash = "(global.set $stash (local.get $h)) (call $drop (local.get $h))";

    private const string Waits = "(i32.or (i32.const 2) (i32.shl (call $set) (i32.const 4)))";

    public static IReadOnlyList<Attack> Attacks { get; } =
    [
        new("borrow-kept", "a borrow kept beyond its call", Remains, ""),
        new("borrow-kept-used", "a borrow used, lent on and then kept", Remains, "(call $look (local.get $h)) (call $look (local.get $h))"),
        new("borrow-kept-hidden", "a borrow kept while as many others of its type are dropped", Remains, "(call $drop (call $make))"),
        new("borrow-stashed", "a borrow dropped, and used in the next call", Unknown, Stash, Again: "(call $look (global.get $stash))"),
        new("borrow-stashed-dropped", "a borrow dropped, and dropped again in the next call", Unknown, Stash, Again: "(call $drop (global.get $stash))"),
        new("borrow-stashed-moved", "a borrow dropped, and given away in the next call", Unknown, Stash, Again: "(call $take (global.get $stash))"),
        new("borrow-twice", "a borrow dropped twice in its call", Unknown, "(call $drop (local.get $h)) (call $drop (local.get $h))"),
        new("borrow-moved", "a borrow passed on where ownership is wanted", NotOwn, "(call $take (local.get $h))"),
        new("borrow-returned", "a borrow returned where ownership is wanted", NotOwn, "(local.get $h)", Form.ReturnsOwn),
        new("own-moved-lent", "a handle lent and given away in the same call", Lent, "(local.set $h (call $make)) (call $both (local.get $h) (local.get $h))"),
        new("own-dropped-lent", "a handle dropped while a call that it is lent to goes on", Lent,
            "(local.set $h (call $make)) (drop (call $wait (local.get $h))) (call $drop (local.get $h))"),
        new("own-moved-waiting", "a handle given away while a call that it is lent to goes on", Lent,
            "(local.set $h (call $make)) (drop (call $wait (local.get $h))) (call $take (local.get $h))"),
        new("own-returned-waiting", "a handle returned while a call that it is lent to goes on", Lent,
            "(call $drop (local.get $h)) (local.set $h (call $make)) (drop (call $wait (local.get $h))) (local.get $h)", Form.ReturnsOwn),
        new("borrow-dropped-lent", "a borrow dropped while a call that it is lent on to goes on", Lent, "(drop (call $wait (local.get $h))) (call $drop (local.get $h))"),
        new("borrow-kept-lent", "a call that returns while its borrow is lent on to a call that goes on", Remains, "(drop (call $wait (local.get $h)))"),
        new("task-returns-borrow", "a task that returns and exits with a borrow", Remains, "(call $return) (i32.const 0)", Form.Callback),
        new("task-returns-late", "a task that yields first, and returns with a borrow", Remains, "(i32.const 1)", Form.Callback, Callback: "(call $return) (i32.const 0)"),
        new("task-returns-stack", "a task with a stack of its own that returns with a borrow", Remains, "(call $return)", Form.Stackful),
        new("task-drops-late", "a task that returns before it drops its borrow", Remains, "(call $return) (call $drop (local.get $h)) (i32.const 0)", Form.Callback),
        new("task-cancels-borrow", "a task that is cancelled and exits with a borrow", Remains, Waits, Form.Callback, Callback: "(call $cancel) (i32.const 0)", IsCancelled: true),
        new("task-stashes", "a task that uses its dropped borrow after it returned", Unknown, Stash + "(call $return) (i32.const 1)", Form.Callback,
            Callback: "(call $look (global.get $stash)) (i32.const 0)", Again: "(call $look (global.get $stash))"),
    ];

    public static TheoryData<string, bool> Names
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (Attack attack in Attacks)
            {
                data.Add(attack.Name, false);
                data.Add(attack.Name, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_a_trap_and_nothing_is_left(string name, bool fromHost)
    {
        Attack attack = Attacks.Single(a => a.Name == name);
        TrapException trap = Assert.ThrowsAny<TrapException>(() => Run(attack, fromHost));
        Assert.Contains(attack.Trap, trap.Message, StringComparison.OrdinalIgnoreCase);
    }

    // What the attacks do before they go wrong is allowed: without that, another rule might be what stops them.
    [Theory]
    [InlineData(Form.Sync, "(call $look (local.get $h)) (call $take (call $make)) (call $drop (local.get $h))")]
    [InlineData(Form.Sync, "(call $both (local.get $h) (call $make)) (call $drop (local.get $h))")]
    [InlineData(Form.Sync, "(drop (call $wait (call $make))) (call $drop (local.get $h))")]
    [InlineData(Form.ReturnsOwn, "(call $drop (local.get $h)) (call $make)")]
    [InlineData(Form.Callback, "(call $drop (local.get $h)) (call $return) (i32.const 1)", "(i32.const 0)")]
    [InlineData(Form.Callback, Stash + "(i32.const 1)", "(call $return) (i32.const 0)")]
    [InlineData(Form.Callback, "(call $drop (local.get $h))" + Waits, "(call $cancel) (i32.const 0)", true)]
    [InlineData(Form.Stackful, "(call $drop (local.get $h)) (call $return)")]
    public void Whoever_keeps_to_the_rules_is_served(Form form, string body, string callback = "unreachable", bool isCancelled = false)
    {
        var guest = new Attack("", "", "", body, form, Callback: callback, IsCancelled: isCancelled);
        Run(guest, fromHost: false);
        if (isCancelled)
            Assert.ThrowsAny<OperationCanceledException>(() => Run(guest, fromHost: true));
        else
            Run(guest, fromHost: true);
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

    private static void Run(Attack attack, bool fromHost)
    {
        using Component component = Component.Load(s_engine, WatCompiler.Compile(Text(attack)));
        using PreparedComponent prepared = new ComponentLinker(s_engine).Prepare(component);
        var meter = new BudgetMeter("attacker", Budget.Default);
        var plan = new MemoryPlan(prepared.MemoryNeeds, meter.Budget.MemoryPerInstance, s_engine.Options);
        try
        {
            using var store = new Store(s_engine, MemoryLease.Take(meter, plan));
            store.SetDeadline(TimeSpan.FromSeconds(30));
            using ComponentInstance instance = prepared.Instantiate(store);
            instance.ExpectsCalls = attack.IsCancelled; // it waits for nothing but that
            if (fromHost)
            {
                var lent = (GuestResource)instance.Call(prepared.FindFunction(null, "make")!)!;
                if (attack.IsCancelled)
                    instance.CallAsync(prepared.FindFunction(null, "f")!, [lent], new CancellationToken(true)).GetAwaiter().GetResult();
                else
                    instance.Call(prepared.FindFunction(null, "f")!, lent);
                instance.Call(prepared.FindFunction(null, "again")!);
            }
            else
            {
                instance.Call(prepared.FindFunction(null, "run")!);
            }
        }
        finally
        {
            Assert.All(Budget.Entries, e => Assert.Equal((e.Key, 0), (e.Key, meter.Used(e.Kind))));
        }
    }

    private static string Text(Attack attack)
    {
        bool isAsync = attack.Form is Form.Callback or Form.Stackful;
        string type = $"{(isAsync ? "async " : "")}(param \"h\" (borrow $r)) {(attack.Form == Form.ReturnsOwn ? "(result (own $r))" : "")}";
        return $"""
            (component
              {Definer}
              (component $attacker
                (import "definer" (instance $d {Imports}))
                (alias export $d "r" (type $r))
                (core func $drop (canon resource.drop $r))
                (core func $make (canon lower (func $d "make")))
                (core func $take (canon lower (func $d "take")))
                (core func $look (canon lower (func $d "look")))
                (core func $both (canon lower (func $d "both")))
                (core func $wait (canon lower (func $d "wait") async))
                (core func $return (canon task.return))
                (core func $cancel (canon task.cancel))
                (core func $set (canon waitable-set.new))
                (core module $m
                  (import "h" "drop" (func $drop (param i32))) (import "h" "make" (func $make (result i32)))
                  (import "h" "take" (func $take (param i32))) (import "h" "look" (func $look (param i32)))
                  (import "h" "both" (func $both (param i32 i32))) (import "h" "wait" (func $wait (param i32) (result i32)))
                  (import "h" "return" (func $return)) (import "h" "cancel" (func $cancel)) (import "h" "set" (func $set (result i32)))
                  (global $stash (mut i32) (i32.const 0))
                  (func (export "f") (param $h i32) {(attack.Form is Form.ReturnsOwn or Form.Callback ? "(result i32)" : "")} {attack.Body})
                  (func (export "callback") (param i32 i32 i32) (result i32) {attack.Callback})
                  (func (export "again") {attack.Again}))
                (core instance $i (instantiate $m (with "h" (instance
                  (export "drop" (func $drop)) (export "make" (func $make)) (export "take" (func $take)) (export "look" (func $look))
                  (export "both" (func $both)) (export "wait" (func $wait)) (export "return" (func $return))
                  (export "cancel" (func $cancel)) (export "set" (func $set))))))
                (func (export "f") {type} (canon lift (core func $i "f")
                  {(isAsync ? "async" : "")} {(attack.Form == Form.Callback ? "(callback (core func $i \"callback\"))" : "")}))
                (func (export "again") (canon lift (core func $i "again"))))
              (component $caller
                (import "definer" (instance $d {Imports}))
                (alias export $d "r" (type $r))
                (import "f" (func $f {type}))
                (import "again" (func $again))
                (core func $make (canon lower (func $d "make")))
                (core func $f' (canon lower (func $f) {(attack.IsCancelled ? "async" : "")}))
                (core func $cancel (canon subtask.cancel))
                (core func $again' (canon lower (func $again)))
                (core module $m
                  (import "h" "make" (func $make (result i32)))
                  (import "h" "f" (func $f (param i32) {(attack.Form == Form.ReturnsOwn || attack.IsCancelled ? "(result i32)" : "")}))
                  (import "h" "again" (func $again)) (import "h" "cancel" (func $cancel (param i32) (result i32)))
                  (func (export "run")
                    (call $f (call $make))
                    {(attack.IsCancelled ? "(i32.shr_u (i32.const 4)) (call $cancel) drop" : attack.Form == Form.ReturnsOwn ? "drop" : "")}
                    (call $again)))
                (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "f" (func $f')) (export "again" (func $again'))
                  (export "cancel" (func $cancel))))))
                (func (export "run") async (canon lift (core func $i "run"))))
              (instance $d (instantiate $definer))
              (instance $a (instantiate $attacker (with "definer" (instance $d))))
              (instance $c (instantiate $caller (with "definer" (instance $d)) (with "f" (func $a "f")) (with "again" (func $a "again"))))
              (alias export $d "r" (type $r'))
              (export $r "r" (type $r'))
              (export "make" (func $d "make") (func (result (own $r))))
              (export "f" (func $a "f") (func {type}))
              (export "again" (func $a "again"))
              (export "run" (func $c "run")))
            """;
    }

    private const string Imports = """
        (export "r" (type $r (sub resource)))
        (export "make" (func (result (own $r))))
        (export "take" (func (param "h" (own $r))))
        (export "look" (func (param "h" (borrow $r))))
        (export "both" (func (param "lent" (borrow $r)) (param "given" (own $r))))
        (export "wait" (func async (param "h" (borrow $r))))
        """;

    // Keeps to the rules: it drops what it is given. Calls of `wait` never return.
    private const string Definer = """
        (component $definer
          (type $r' (resource (rep i32)))
          (export $r "r" (type $r'))
          (core func $new (canon resource.new $r'))
          (core func $drop (canon resource.drop $r'))
          (core func $set (canon waitable-set.new))
          (core module $m
            (import "h" "new" (func $new (param i32) (result i32))) (import "h" "drop" (func $drop (param i32))) (import "h" "set" (func $set (result i32)))
            (func (export "make") (result i32) (call $new (i32.const 42)))
            (func (export "take") (param i32) (call $drop (local.get 0)))
            (func (export "look") (param i32))
            (func (export "both") (param i32 i32) (call $drop (local.get 1)))
            (func (export "wait") (param i32) (result i32) (i32.or (i32.const 2) (i32.shl (call $set) (i32.const 4))))
            (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
          (core instance $i (instantiate $m (with "h" (instance (export "new" (func $new)) (export "drop" (func $drop)) (export "set" (func $set))))))
          (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
          (func (export "take") (param "h" (own $r)) (canon lift (core func $i "take")))
          (func (export "look") (param "h" (borrow $r)) (canon lift (core func $i "look")))
          (func (export "both") (param "lent" (borrow $r)) (param "given" (own $r)) (canon lift (core func $i "both")))
          (func (export "wait") async (param "h" (borrow $r)) (canon lift (core func $i "wait") async (callback (core func $i "callback")))))
        """;
}
