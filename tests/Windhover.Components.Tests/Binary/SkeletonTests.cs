using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Components.Tests.Binary;

public class SkeletonTests
{
    [Fact]
    public void A_skeleton_is_valid_when_the_component_is()
    {
        foreach (var sample in new[] { Samples.Structure, Samples.Types, Samples.Canon })
        {
            var component = ComponentBinary.Decode(sample);
            ComponentValidation.Validate(component);
            var skeleton = ComponentBinary.Decode(SkeletonWriter.Write(component));
            Assert.Equal(component.Definitions.Select(d => d.GetType()), skeleton.Definitions.Select(d => d.GetType()));
            Assert.Empty(skeleton.CustomSections);
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
