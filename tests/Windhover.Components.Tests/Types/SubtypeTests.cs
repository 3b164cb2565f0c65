using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Tests.Types;

public class SubtypeTests
{
    private static FuncType Func(ValType parameter, ValType? result = null) => new([new Field("request", parameter)], result);

    private static InstanceType Instance(params (string, ExternType)[] exports) =>
        new(new ExternMap(exports.Select(e => KeyValuePair.Create(e.Item1, e.Item2))));

    private static string Reason(ExternType provided, ExternType expected)
    {
        Assert.False(Subtype.IsSubtype(provided, expected, out var reason));
        return reason;
    }

    [Fact]
    public void The_reason_names_the_place()
    {
        ValType Request(ValType body) => new RecordType([new("path", PrimitiveType.String), new("body", body)]);
        var provided = Instance(("handle", Func(Request(PrimitiveType.String))));
        var expected = Instance(("handle", Func(Request(new ListType(PrimitiveType.U8)))));
        Assert.Equal(
            "expected `list<u8>`, found `string` in field `body` of parameter `request` of export `handle`",
            Reason(provided, expected));
    }

    [Fact]
    public void More_exports_fit_and_fewer_do_not()
    {
        var f = Func(PrimitiveType.U8);
        Assert.True(Subtype.IsSubtype(Instance(("f", f), ("g", f)), Instance(("g", f)), out _));
        Assert.Equal("missing func `g`", Reason(Instance(("f", f)), Instance(("g", f))));
        Assert.Equal("expected a func, found an instance in export `g`", Reason(Instance(("g", Instance())), Instance(("g", f))));
    }

    [Fact]
    public void Functions_must_agree()
    {
        var f = Func(PrimitiveType.U8);
        Assert.Equal("expected no result, found `u8`", Reason(Func(PrimitiveType.U8, PrimitiveType.U8), f));
        Assert.Equal("expected a sync function, found an async one", Reason(new FuncType(f.Parameters, null, isAsync: true), f));
        Assert.Equal("expected 1 parameters, found 0", Reason(new FuncType([], null), f));
        Assert.Contains("to be called `request`", Reason(new FuncType([new("r", PrimitiveType.U8)], null), f), StringComparison.Ordinal);
        Assert.Contains("missing case `b`", Reason(Func(new EnumType(["a"])), Func(new EnumType(["a", "b"]))), StringComparison.Ordinal);
        Assert.Contains("in the error case of the result", Reason(Func(PrimitiveType.U8, new ResultType(null, null)), Func(PrimitiveType.U8, new ResultType(null, PrimitiveType.U8))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fresh_resource_is_bound_to_what_is_provided()
    {
        var (ours, theirs, other) = (new ResourceType("ours"), new ResourceType("r"), new ResourceType("other"));
        var expected = Instance(("r", new ResourceExtern(theirs, isFresh: true)), ("f", Func(new ListType(new OwnType(theirs)))));
        Assert.True(Subtype.IsSubtype(Instance(("f", Func(new ListType(new OwnType(ours)))), ("r", new ResourceExtern(ours, true))), expected, out _));
        Assert.Contains(
            "different resource `other` in a list",
            Reason(Instance(("f", Func(new ListType(new OwnType(other)))), ("r", new ResourceExtern(ours, true))), expected),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Bindings_carry_over_to_the_next_import()
    {
        var (ours, theirs) = (new ResourceType("ours"), new ResourceType("theirs"));
        var subtype = new Subtype();
        Assert.True(subtype.Check(Instance(("r", new ResourceExtern(ours, true))), Instance(("r", new ResourceExtern(theirs, true))), out _));
        Assert.Same(ours, subtype.Bindings[theirs]);
        Assert.True(subtype.Check(Func(new BorrowType(ours)), Func(new BorrowType(theirs)), out _));
        Assert.True(subtype.Check(Instance(("r", new ResourceExtern(ours, false))), Instance(("r", new ResourceExtern(theirs, false))), out _));
    }

    [Fact]
    public void Components_may_need_less()
    {
        ExternMap Map(params (string, ExternType)[] entries) => Instance(entries).Exports;
        var (f, g) = (Func(PrimitiveType.U8), Func(PrimitiveType.U16));
        var narrow = new ComponentType(Map(("f", f)), Map(("g", g)));
        var wide = new ComponentType(Map(("f", f), ("h", f)), Map(("g", g)));
        Assert.True(Subtype.IsSubtype(narrow, wide, out _));
        Assert.Equal("the component also needs func `h`", Reason(wide, narrow));
    }

    [Fact]
    public void Modules_compare_by_imports_and_exports()
    {
        var small = new ModuleType([], [new ModuleExport("m", new MemoryType(1, 2))]);
        var open = new ModuleType([new ModuleImport("a", "b", new FunctionType([], []))], [new ModuleExport("m", new MemoryType(1, null))]);
        Assert.True(Subtype.IsSubtype(small, new ModuleType([], [new ModuleExport("m", new MemoryType(1, null))]), out _));
        Assert.Contains("also imports `a` `b`", Reason(open, small), StringComparison.Ordinal);
        Assert.Contains("exports `m`", Reason(new ModuleType([], open.Exports), small), StringComparison.Ordinal);
    }
}
