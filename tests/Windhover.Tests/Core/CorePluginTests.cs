using Windhover.Engine;
using Windhover.Plugins;

namespace Windhover.Tests.Core;

public sealed class CorePluginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string Text = """
        (module
          (import "env" "log" (func $log (param i32 i32)))
          (import "env" "scale" (func $scale (param f64) (result f64)))
          (memory (export "memory") 1)
          (data (i32.const 8) "hello")
          (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
          (func (export "wide") (param i64 f32 f64 i32) (result i64) local.get 0)
          (func (export "scaled") (param f64) (result f64) local.get 0 call $scale)
          (func (export "greet") i32.const 8 i32.const 5 call $log)
          (func (export "trap") unreachable)
          (func (export "spin") (loop br 0)))
        """;

    [Fact]
    public void Exports_are_typed_delegates_and_imports_too()
    {
        var lines = new List<string>();
        using CoreModule module = CoreModule.Load(fixture.Host, "core", WatCompiler.Compile(Text));
        using CorePlugin plugin = module.Instantiate(Imports(lines));
        Assert.Equal(5, plugin.GetFunction<int, int, int>("add")(2, 3));
        Assert.Equal(uint.MaxValue, plugin.GetFunction<uint, uint, uint>("add")(uint.MaxValue, 0));
        Assert.Equal(long.MinValue, plugin.GetFunction<long, float, double, int, long>("wide")(long.MinValue, 1, 2, 3));
        Assert.Equal(4.5, plugin.GetFunction<double, double>("scaled")(1.5));
        plugin.GetAction("greet")();
        Assert.Equal(["hello"], lines);
        Assert.Equal((byte)'h', plugin.Memory()[8]);
    }

    [Fact]
    public void What_goes_wrong_is_typed()
    {
        using CoreModule module = CoreModule.Load(fixture.Host, "core", WatCompiler.Compile(Text));
        using CorePlugin plugin = module.Instantiate(Imports([]), new PluginOptions { CallTimeout = TimeSpan.FromMilliseconds(50) });
        Assert.Contains("`add`", Assert.Throws<PluginMismatchException>(() => plugin.GetFunction<int>("plus")).Message, StringComparison.Ordinal);
        Assert.Contains("the host asks for", Assert.Throws<PluginMismatchException>(() => plugin.GetFunction<long, int>("add")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => plugin.GetFunction<string>("add"));
        Assert.Equal(TrapKind.Unreachable, Assert.Throws<PluginTrapException>(plugin.GetAction("trap")).Kind);
        Assert.Equal(TrapKind.Interrupt, Assert.Throws<PluginBudgetException>(plugin.GetAction("spin")).Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => plugin.ReadString(65530, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => plugin.ReadString(-1, 2));
        Func<int, int, int> add = plugin.GetFunction<int, int, int>("add");
        plugin.Dispose();
        Assert.Equal(PluginMisuse.Disposed, Assert.Throws<PluginUseException>(() => add(1, 2)).Misuse);
        Assert.Contains("`log`", Assert.Throws<PluginMismatchException>(() => module.Instantiate()).Message.Replace("env::log", "`log`", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_from_a_second_thread_is_refused()
    {
        using CoreModule module = CoreModule.Load(fixture.Host, "core", WatCompiler.Compile(Text));
        CorePlugin? made = null;
        Exception? seen = null;
        CoreImports imports = new CoreImports().Add<int, int>("env", "log", (_, _, _) =>
        {
            var second = new Thread(() => seen = Record.Exception(() => made!.GetFunction<int, int, int>("add")(1, 2)));
            second.Start();
            second.Join();
        }).AddResult<double, double>("env", "scale", (_, v) => v);
        using (made = module.Instantiate(imports))
            made.GetAction("greet")();
        Assert.Equal(PluginMisuse.SecondThread, Assert.IsType<PluginUseException>(seen).Misuse);
    }

    private static CoreImports Imports(List<string> lines) => new CoreImports()
        .Add<int, int>("env", "log", (plugin, address, length) => lines.Add(plugin.ReadString(address, length)))
        .AddResult<double, double>("env", "scale", (_, v) => v * 3);
}
