using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values.Json;
using Windhover.Engine;

namespace Windhover.Components.Tests.Linking;

/// <summary>Components that satisfy each other's imports when they are linked.</summary>
public sealed class CompositionTests : IDisposable
{
    // A counter: each `next` of a token gives one more; tokens are the provider's resources.
    private const string Stock = """
        (component
          (import "test:host/who@1.0.0" (instance $who (export "am-i" (func (result u32)))))
          (core func $am-i (canon lower (func $who "am-i")))
          (core module $m
            (import "host" "am-i" (func $am-i (result i32)))
            (import "host" "new" (func $new (param i32) (result i32)))
            (global $count (mut i32) (i32.const 0))
            (func (export "make") (result i32) (call $new (i32.const 7)))
            (func (export "rep") (param i32) (result i32) (local.get 0))
            (func (export "next") (result i32)
              (global.set $count (i32.add (global.get $count) (i32.const 1)))
              (global.get $count))
            (func (export "who") (result i32) (call $am-i)))
          (type $token' (resource (rep i32)))
          (core func $new (canon resource.new $token'))
          (core instance $i (instantiate $m (with "host" (instance (export "am-i" (func $am-i)) (export "new" (func $new))))))
          (func $make (result (own $token')) (canon lift (core func $i "make")))
          (func $rep (param "self" (borrow $token')) (result u32) (canon lift (core func $i "rep")))
          (func $next (result u32) (canon lift (core func $i "next")))
          (func $who' (result u32) (canon lift (core func $i "who")))
          (component $api
            (import "token" (type $t (sub resource)))
            (import "make" (func $make (result (own $t))))
            (import "rep" (func $rep (param "self" (borrow $t)) (result u32)))
            (import "next" (func $next (result u32)))
            (import "who" (func $who (result u32)))
            (export $token "token" (type $t))
            (export "make" (func $make) (func (result (own $token))))
            (export "rep" (func $rep) (func (param "self" (borrow $token)) (result u32)))
            (export "next" (func $next))
            (export "who" (func $who)))
          (instance $api' (instantiate $api
            (with "token" (type $token')) (with "make" (func $make)) (with "rep" (func $rep)) (with "next" (func $next)) (with "who" (func $who'))))
          (export "acme:stock/api@1.2.0" (instance $api')))
        """;

    private const string Front = """
        (component
          (import "acme:stock/api@1.0.0" (instance $stock
            (export "token" (type $token (sub resource)))
            (export "make" (func (result (own $token))))
            (export "rep" (func (param "self" (borrow $token)) (result u32)))
            (export "next" (func (result u32)))
            (export "who" (func (result u32)))))
          (import "test:host/who@1.0.0" (instance $who (export "am-i" (func (result u32)))))
          (alias export $stock "token" (type $token))
          (core func $make (canon lower (func $stock "make")))
          (core func $rep (canon lower (func $stock "rep")))
          (core func $next (canon lower (func $stock "next")))
          (core func $their (canon lower (func $stock "who")))
          (core func $mine (canon lower (func $who "am-i")))
          (core func $drop (canon resource.drop $token))
          (core module $m
            (import "host" "make" (func $make (result i32)))
            (import "host" "rep" (func $rep (param i32) (result i32)))
            (import "host" "next" (func $next (result i32)))
            (import "host" "their" (func $their (result i32)))
            (import "host" "mine" (func $mine (result i32)))
            (import "host" "drop" (func $drop (param i32)))
            (func (export "token") (result i32) (local $t i32) (local $r i32)
              (local.set $t (call $make))
              (local.set $r (call $rep (local.get $t)))
              (call $drop (local.get $t))
              (local.get $r))
            (func (export "next") (result i32) (call $next))
            (func (export "who") (result i32) (i32.add (i32.mul (call $mine) (i32.const 100)) (call $their))))
          (core instance $i (instantiate $m (with "host" (instance
            (export "make" (func $make)) (export "rep" (func $rep)) (export "next" (func $next)) (export "their" (func $their))
            (export "mine" (func $mine)) (export "drop" (func $drop))))))
          (func (export "token") (result u32) (canon lift (core func $i "token")))
          (func (export "next") (result u32) (canon lift (core func $i "next")))
          (func (export "who") (result u32) (canon lift (core func $i "who"))))
        """;

    // Hands the stock on under a name of its own, and counts by it.
    private const string Middle = """
        (component
          (import "acme:stock/api@1.1.0" (instance $stock (export "next" (func (result u32)))))
          (core func $next (canon lower (func $stock "next")))
          (core module $m (import "host" "next" (func $next (result i32))) (func (export "twice") (result i32) (drop (call $next)) (call $next)))
          (core instance $i (instantiate $m (with "host" (instance (export "next" (func $next))))))
          (func $twice (result u32) (canon lift (core func $i "twice")))
          (instance $api (export "twice" (func $twice)))
          (export "acme:middle/api@0.1.0" (instance $api)))
        """;

    private const string Top = """
        (component
          (import "acme:middle/api@0.1.0" (instance $middle (export "twice" (func (result u32)))))
          (import "acme:stock/api@1.0.0" (instance $stock (export "next" (func (result u32)))))
          (core func $twice (canon lower (func $middle "twice")))
          (core func $next (canon lower (func $stock "next")))
          (core module $m
            (import "host" "twice" (func $twice (result i32)))
            (import "host" "next" (func $next (result i32)))
            (func (export "all") (result i32) (drop (call $next)) (drop (call $twice)) (call $next)))
          (core instance $i (instantiate $m (with "host" (instance (export "twice" (func $twice)) (export "next" (func $next))))))
          (func (export "all") (result u32) (canon lift (core func $i "all"))))
        """;

    private readonly WasmEngine _engine = new();
    private readonly List<Component> _loaded = [];
    private readonly ComponentLinker _linker;

    public CompositionTests()
    {
        _linker = new ComponentLinker(_engine);
        _linker.Interface("test:host/who@1.0.0").Define("am-i", static () => new FuncType([], PrimitiveType.Of(PrimitiveKind.U32)), static (ref HostCall call) => call.Values[0] = (uint)(int)call.State!);
    }

    [Fact]
    public void Exports_of_one_satisfy_imports_of_another()
    {
        using PreparedComponent prepared = _linker.Prepare(new ComponentComposition("front", Load(Front), ("acme:stock/api", Part("stock", Stock))));
        using var store = new Store(_engine);
        using ComponentInstance instance = prepared.InstantiateParts(store, [2, 1]);

        Assert.Equal(7u, Call(instance, "token"));
        Assert.Equal(1u, Call(instance, "next"));
        Assert.Equal(2u, Call(instance, "next"));
        Assert.Equal(102u, Call(instance, "who")); // each part has its own state, and so its own grants
        Assert.Equal(2, prepared.PartCount);
        Assert.Equal(2, prepared.CoreInstanceCount);
    }

    [Theory]
    [InlineData("acme:stock")]
    [InlineData("acme:stock@1.0.0")]
    public void A_package_stands_for_all_imports_from_it(string package)
    {
        using PreparedComponent prepared = _linker.Prepare(new ComponentComposition("front", Load(Front), (package, Part("stock", Stock))));
        using var store = new Store(_engine);
        using ComponentInstance instance = prepared.Instantiate(store, 1);
        Assert.Equal(7u, Call(instance, "token"));
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("acme:sto")]
    [InlineData("acme:stock@2.0.0")]
    public void A_package_that_nothing_is_imported_from_is_refused(string package) =>
        Assert.Throws<LinkException>(() => new ComponentComposition("front", Load(Front), (package, Part("stock", Stock))));

    [Fact]
    public void Each_instance_of_a_composition_has_parts_of_its_own()
    {
        using PreparedComponent prepared = _linker.Prepare(new ComponentComposition("front", Load(Front), (null, Part("stock", Stock))));
        for (int i = 0; i < 3; i++)
        {
            using var store = new Store(_engine);
            using ComponentInstance instance = prepared.Instantiate(store, 1);
            Assert.Equal(1u, Call(instance, "next"));
        }
    }

    [Fact]
    public void A_part_that_several_import_from_is_there_once()
    {
        ComponentComposition stock = Part("stock", Stock);
        var middle = new ComponentComposition("middle", Load(Middle), (null, stock));
        using PreparedComponent prepared = _linker.Prepare(new ComponentComposition("top", Load(Top), (null, middle), (null, stock)));
        using var store = new Store(_engine);
        using ComponentInstance instance = prepared.Instantiate(store, 1);
        Assert.Equal(4u, Call(instance, "all"));
        Assert.Equal(3, prepared.PartCount);
    }

    [Fact]
    public void What_two_offer_must_be_named()
    {
        ComponentComposition one = Part("one", Stock), other = Part("other", Stock);
        Assert.Equal(
            "The import `acme:stock/api@1.0.0` of front could come from one and from other: say which.",
            Assert.Throws<LinkException>(() => new ComponentComposition("front", Load(Front), (null, one), (null, other))).Message);
    }

    [Fact]
    public void An_import_that_is_not_there_is_named_with_those_that_are()
    {
        Assert.Equal(
            "front has no import `acme:stock/apis`; the nearest is `acme:stock/api@1.0.0`.",
            Assert.Throws<LinkException>(() => new ComponentComposition("front", Load(Front), ("acme:stock/apis", Part("stock", Stock)))).Message);
        Assert.Equal(
            "middle exports none of the imports of front: it exports `acme:middle/api@0.1.0`, and `acme:stock/api@1.0.0`, `test:host/who@1.0.0` are imported.",
            Assert.Throws<LinkException>(() => new ComponentComposition("front", Load(Front), (null, Part("middle", Middle)))).Message);
    }

    [Fact]
    public void A_type_that_differs_is_named()
    {
        ComponentComposition other = Part("other", Stock.Replace("(result u32) (canon lift (core func $i \"next\"))", "(result s32) (canon lift (core func $i \"next\"))", StringComparison.Ordinal)
            .Replace("(import \"next\" (func $next (result u32)))", "(import \"next\" (func $next (result s32)))", StringComparison.Ordinal));
        LinkException error = Assert.Throws<LinkException>(() => _linker.Prepare(new ComponentComposition("front", Load(Front), (null, other))));
        Assert.StartsWith("front: The import `acme:stock/api@1.0.0#next` has another type than what other exports: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_major_version_does_not_fit()
    {
        ComponentComposition old = Part("old", Stock.Replace("api@1.2.0", "api@2.0.0", StringComparison.Ordinal));
        LinkException error = Assert.Throws<LinkException>(() => _linker.Prepare(new ComponentComposition("front", Load(Front), ("acme:stock/api", old))));
        Assert.Equal("front: The import `acme:stock/api@1.0.0` is to come from old, which does not export it; the nearest of its exports is `acme:stock/api@2.0.0`.", error.Message);
    }

    [Fact]
    public void A_trap_in_one_part_ends_them_all()
    {
        ComponentComposition broken = Part("stock", Stock.Replace("(global.get $count))", "unreachable)", StringComparison.Ordinal));
        using PreparedComponent prepared = _linker.Prepare(new ComponentComposition("front", Load(Front), (null, broken)));
        using var store = new Store(_engine);
        using ComponentInstance instance = prepared.Instantiate(store, 1);
        Assert.Throws<TrapException>(() => Call(instance, "next"));
        Assert.Contains("cannot enter", Assert.Throws<TrapException>(() => Call(instance, "token")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Components_in_two_languages_fit_together()
    {
        // JavaScript asks C for the rate. What the host would offer under the name of the import is not asked.
        _linker.Interface("wasi:cli/environment@0.2.12").DefineDynamic("get-environment", (_, _) => new object[] { new object[] { "EUR", "0.5" } });
        var composition = new ComponentComposition("js-qjs", Load("js-qjs/js-qjs.wasm"), ("rates", Part("c-rates", "c-rates/c-rates.wasm")));
        using PreparedComponent prepared = _linker.Prepare(composition);
        using var store = new Store(_engine);
        using ComponentInstance instance = prepared.Instantiate(store);
        ExportedFunction quote = prepared.FindFunction("windhover:guests/pricing", "quote-order")!;
        const string Order = """{"customer": "Ada", "items": [{"sku": "a", "quantity": 3, "price": 4, "tags": []}], "coupon": "TEN"}""";
        object? result = instance.Call(quote, ComponentJson.Parse(quote.Type.Parameters[0].Type, Order));
        Assert.Contains("EUR 5.40", ComponentJson.ToJson(quote.Type.Result!, result), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _loaded.ForEach(c => c.Dispose());
        _engine.Dispose();
    }

    private static object? Call(ComponentInstance instance, string function) => instance.Call(instance.Component.FindFunction(null, function)!);

    private ComponentComposition Part(string name, string component) => new(name, Load(component));

    private Component Load(string component)
    {
        byte[] bytes = component.EndsWith(".wasm", StringComparison.Ordinal) ? TestGuests.Read(component) : WatCompiler.Compile(component);
        _loaded.Add(Component.Load(_engine, bytes));
        return _loaded[^1];
    }
}
