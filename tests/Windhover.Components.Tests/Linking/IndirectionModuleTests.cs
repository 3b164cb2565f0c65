using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Linking;

public sealed class IndirectionModuleTests
{
    private const string Shim = """
        (module
          (type $a (func (param i32 i64)))
          (type $b (func (result f32)))
          (table (export "$imports") 2 2 funcref)
          (func (export "0") (type $a) local.get 0 local.get 1 i32.const 0 call_indirect (type $a))
          (func (export "1") (type $b) i32.const 1 call_indirect (type $b)))
        """;

    private const string Fixup = """
        (module
          (import "" "0" (func $a (param i32 i64)))
          (import "" "1" (func $b (result f32)))
          (import "" "$imports" (table 2 2 funcref))
          (elem (i32.const 0) func $a $b))
        """;

    [Fact]
    public void A_shim_is_recognised()
    {
        IndirectionModule shape = IndirectionModule.Recognise(WatCompiler.Compile(Shim))!;
        Assert.Equal("$imports", shape.TableExport);
        Assert.Equal(new Dictionary<string, int> { ["0"] = 0, ["1"] = 1 }, shape.Trampolines!);
        Assert.Null(shape.Entries);
    }

    [Fact]
    public void A_fixup_is_recognised()
    {
        IndirectionModule shape = IndirectionModule.Recognise(WatCompiler.Compile(Fixup))!;
        Assert.Equal(2, shape.TableImport);
        Assert.Equal([0, 1], shape.Entries!);
        Assert.Null(shape.Trampolines);
    }

    [Theory]
    [InlineData("local.get 0 local.get 1 i32.const 0", "local.get 0 i64.const 1 i32.const 0")]
    [InlineData("i32.const 0 call_indirect", "i32.const 0 nop call_indirect")]
    [InlineData("i32.const 1 call_indirect", "i32.const 2 call_indirect")]
    [InlineData("(table (export", "(memory 1) (table (export")]
    [InlineData("(func (export \"1\")", "(start 2) (func) (func (export \"1\")")]
    public void What_differs_from_a_shim_is_not(string from, string to) =>
        Assert.Null(IndirectionModule.Recognise(WatCompiler.Compile(Shim.Replace(from, to, StringComparison.Ordinal))));

    [Theory]
    [InlineData("(elem (i32.const 0)", "(elem (i32.const 1)")]
    [InlineData("(elem (i32.const 0) func $a $b)", "(elem (i32.const 0) func $a) (elem (i32.const 1) func $b)")]
    [InlineData("(elem", "(memory 1) (elem")]
    public void What_differs_from_a_fixup_is_not(string from, string to) =>
        Assert.Null(IndirectionModule.Recognise(WatCompiler.Compile(Fixup.Replace(from, to, StringComparison.Ordinal))));

    [Fact]
    public void A_module_cut_anywhere_is_not_recognised_and_does_not_throw()
    {
        foreach (byte[] module in new[] { WatCompiler.Compile(Shim), WatCompiler.Compile(Fixup) })
        {
            for (int length = 0; length < module.Length; length++)
                _ = IndirectionModule.Recognise(module.AsSpan(0, length));
        }
    }
}
