using Windhover.Engine;
using Windhover.Plugins;
using Windhover.Testing;

namespace Windhover.Tests.Testing;

public sealed class TestKitTests(ComponentFixture kit) : IClassFixture<ComponentFixture>
{
    private const string Sleeper = """
        (component
          (import "wasi:io/poll@0.2.0" (instance $poll
            (export "pollable" (type $p (sub resource)))
            (export "[method]pollable.block" (func (param "self" (borrow $p))))))
          (alias export $poll "pollable" (type $pollable))
          (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
            (alias outer 1 $pollable (type $p'))
            (export "p" (type $p (eq $p')))
            (export "now" (func (result u64)))
            (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
          (alias export $poll "[method]pollable.block" (func $block))
          (alias export $clock "now" (func $now))
          (alias export $clock "subscribe-duration" (func $subscribe))
          (core func $block (canon lower (func $block)))
          (core func $now (canon lower (func $now)))
          (core func $subscribe (canon lower (func $subscribe)))
          (core module $m
            (import "h" "block" (func $block (param i32)))
            (import "h" "now" (func $now (result i64)))
            (import "h" "subscribe" (func $subscribe (param i64) (result i32)))
            (func (export "sleep") (param i64) (result i64) (local i64)
              call $now local.set 1
              local.get 0 call $subscribe call $block
              call $now local.get 1 i64.sub))
          (core instance $m (instantiate $m (with "h" (instance
            (export "block" (func $block)) (export "now" (func $now)) (export "subscribe" (func $subscribe))))))
          (alias core export $m "sleep" (core func $sleep))
          (func $sleep (param "ns" u64) (result u64) (canon lift (core func $sleep)))
          (export "sleep" (func $sleep)))
        """;

    [Fact]
    public async Task Imports_are_faked_and_calls_recorded()
    {
        FakeImports imports = new FakeImports().Ignores("test:shop/log", "write");
        using TestComponent plugin = await kit.LoadAsync("rules", ShopGuest.Make(2), imports);
        Assert.Equal("6", plugin.CallJson("rules#price", "[2, 3]"));
        plugin.Call("rules#act", 3u);
        imports.AssertCalled("test:shop/log", "write", times: 1);
        imports.AssertCalledWith("test:shop/log", "write", "boom");
        Assert.Equal("test:shop/log#write(\"boom\")", Assert.Single(imports.Calls).ToString());
        Assert.Contains("All calls:\ntest:shop/log#write", Assert.Throws<FakeAssertionException>(() => imports.AssertCalled("test:shop/log", "write", 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_is_not_faked_says_how_to()
    {
        using TestComponent plugin = await kit.LoadAsync("rules", ShopGuest.Make());
        PluginImportException error = Assert.Throws<PluginImportException>(() => plugin.Call("rules#act", 3u));
        Assert.Contains("imports.Add(\"test:shop/log\", \"write\", arguments => …)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recorded_answers_come_in_turn()
    {
        FakeImports imports = new FakeImports().ReturnsInTurn("test:shop/log", "write", null, null);
        using TestComponent plugin = await kit.LoadAsync("rules", ShopGuest.Make(), imports);
        plugin.Call("rules#act", 3u);
        plugin.Call("rules#act", 3u);
        Assert.Contains("called 3 times, 2 answers", Assert.Throws<PluginImportException>(() => plugin.Call("rules#act", 3u)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_hour_passes_when_the_test_says_so()
    {
        using TestComponent plugin = await kit.LoadAsync("sleeper", WatCompiler.Compile(Sleeper));
        Task<object?> sleeping = Task.Run(() => plugin.Call("sleep", 3_600_000_000_000ul), TestContext.Current.CancellationToken);
        await kit.Time.WhenWaitedForAsync(TestContext.Current.CancellationToken);
        kit.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.False(sleeping.IsCompleted);
        kit.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3_600_000_000_000ul, await sleeping);
    }

    [Fact]
    public void A_misfit_is_told_in_words()
    {
        string folder = Directory.CreateTempSubdirectory("windhover-wit").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "shop.wit"), """
                package test:shop@1.1.0;
                interface rules { price: func(cents: u32, quantity: u64) -> u32; refund: func(); }
                world till { export rules; export closing: func() -> string; }
                """);
            PluginWorld world = ComponentFit.WorldOf(folder);
            IReadOnlyList<string> findings = ComponentFit.Check(ShopGuest.Make(), world);
            Assert.Equal(
                [
                    "it exports `test:shop/rules@1.1.0#price` as `func(cents: u32, quantity: u32) -> u32`, the world says `func(cents: u32, quantity: u64) -> u32`",
                    "it does not export the function `test:shop/rules@1.1.0#refund`",
                    "it does not export the function `closing`",
                    "it imports `test:shop/log@1.1.0`, which the host does not offer",
                ],
                findings);
            string file = Path.Combine(folder, "rules.wasm");
            File.WriteAllBytes(file, ShopGuest.Make());
            Assert.Contains("- it does not export the function `closing`", Assert.Throws<ComponentFitException>(() => ComponentFit.Ensure(file, world)).Message, StringComparison.Ordinal);
            ComponentFit.Ensure(file, ShopPlugin.World);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
