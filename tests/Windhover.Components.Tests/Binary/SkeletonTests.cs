using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Components.Tests.Binary;

public class SkeletonTests
{
    [Fact]
    public void A_skeleton_is_valid_when_the_component_is()
    {
        foreach (var sample in new[] { Samples.Structure, Samples.Types, Samples.Canon, Samples.Threads })
        {
            var component = ComponentBinary.Decode(sample);
            ComponentValidation.Validate(component);
            var skeleton = ComponentBinary.Decode(SkeletonWriter.Write(component));
            Assert.Equal(component.Definitions.Select(d => d.GetType()), skeleton.Definitions.Select(d => d.GetType()));
            Assert.Empty(skeleton.CustomSections);
        }
    }

    [Theory]
    [InlineData("$bad (core table $t)", "must have the type (func (param i32))")]
    [InlineData("9 (core table $t)", "core type 9")]
    [InlineData("$start 9", "core table 9")]
    public void What_the_stand_ins_cannot_check_is_checked(string operands, string message)
    {
        var component = ComponentBinary.Decode(Samples.Compile(
            $"""
            (core module $libc (memory (export "m") 1) (table (export "t") 1 funcref))
            (core instance $i (instantiate $libc)) (alias core export $i "m" (core memory $m)) (alias core export $i "t" (core table $t))
            (core type $start (func (param i32))) (core type $bad (func (param i64)))
            (core func (canon thread.new-indirect {operands}))
            """));
        Assert.Contains(message, Assert.Throws<InvalidComponentException>(() => ComponentValidation.Validate(component)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_fixed_length_keep_their_flat_form()
    {
        foreach (var (length, valid) in new[] { (15, true), (16, false) })
        {
            // Sixteen parameters are flat: with one u8 and fifteen elements no memory is needed, with sixteen it is.
            var component = ComponentBinary.Decode(Samples.Compile(
                $"""
                (type $l (list u8 {length})) (type (instance (type (list u8 3)) (export "f" (func (param "x" (list u8 2))))))
                (import "f" (func $f (param "a" u8) (param "b" $l)))
                (core func (canon lower (func $f)))
                """));
            if (valid)
                ComponentValidation.Validate(component);
            else
                Assert.Contains("memory", Assert.Throws<InvalidComponentException>(() => ComponentValidation.Validate(component)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_stub_has_the_imports_and_exports_of_its_module()
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false });
        var modules = ComponentBinary.Decode(Samples.Structure).Definitions.OfType<CoreModuleDef>().ToList();
        Assert.Equal(2, modules.Count);
        foreach (var definition in modules)
        {
            using var module = Module.Compile(engine, definition.Bytes.Span);
            using var stub = Module.Compile(engine, ModuleStub.Write(definition.Bytes, 0));
            Assert.Equal(module.Imports, stub.Imports);
            Assert.Equal(module.Exports, stub.Exports);
        }
    }

    [Fact]
    public void A_stub_keeps_only_the_functions_that_show()
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false });
        var many = string.Concat(Enumerable.Range(0, 1000).Select(i => $"(func $f{i} (param i{(i % 2 == 0 ? 32 : 64)}))"));
        string Text(string extra) =>
            $"(module (import \"a\" \"b\" (func $i)) (import \"a\" \"t\" (table 1 funcref)) {many} (export \"x\" (func $f999)) (export \"y\" (func $f10)) (export \"i\" (func $i)) (export \"z\" (func $f999)) {extra})";
        foreach (var (extra, small) in new[] { ("", true), ("(global (export \"g\") funcref (ref.func $f7))", false) })
        {
            var bytes = WatCompiler.Compile(Text(extra));
            var stubBytes = ModuleStub.Write(bytes, 0);
            Assert.Equal(small, stubBytes.Length < 200);
            using var module = Module.Compile(engine, bytes);
            using var stub = Module.Compile(engine, stubBytes);
            Assert.Equal(module.Imports, stub.Imports);
            Assert.Equal(module.Exports, stub.Exports);
        }
    }

    [Fact]
    public void Invalid_components_are_refused_with_the_rule()
    {
        // A function type that refers to itself does not exist: index 5 of an empty space.
        var component = ComponentBinary.Decode((byte[])[.. WasmFile.ComponentPreamble, 7, 3, 1, 0x70, 5]);
        var error = Assert.Throws<InvalidComponentException>(() => ComponentValidation.Validate(component));
        Assert.Contains("type index out of bounds", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("offset", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Canonical_interface_names_are_valid() => ComponentValidation.Validate(
        ComponentBinary.Decode(Samples.Compile("(import \"wasi:http/types@0.2\" (versionsuffix \".4\") (instance)) (import \"wasi:io/poll@0.2.12\" (instance))")));

    [Fact]
    public void A_cancellable_immediate_passes_the_newer_validator()
    {
        var bytes = Samples.Compile("(core func (canon thread.yield)) (core func (canon thread.yield)) (core func (canon subtask.drop))");
        var at = ComponentBinary.Decode(bytes).Definitions.OfType<CanonDef>().ElementAt(1).Offset + 1;
        Assert.Equal(0, bytes[at]);
        bytes[at] = 1;
        var component = ComponentBinary.Decode(bytes);
        Assert.Contains(component.Definitions, d => d is CanonDef { Expr: CanonExpr.ThreadYield { Cancellable: true } });
        ComponentValidation.Validate(component);
    }
}
