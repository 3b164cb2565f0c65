namespace Windhover.Components.Binary;

/// <summary>
/// One entry of a section, in binary order. Every definition that adds to an index space is one of these (a core <c>rec</c> group adds
/// several), so that a linker replays the index spaces by walking the list once. Indices are as in the binary, unchecked.
/// </summary>
internal abstract record Definition
{
    /// <summary>Byte offset in the outermost binary, for messages.</summary>
    public int Offset { get; init; }
}

/// <summary>Section 1. <paramref name="Bytes"/> is a slice of the input: the caller keeps the input alive and unchanged.</summary>
internal sealed record CoreModuleDef(ReadOnlyMemory<byte> Bytes) : Definition;

/// <summary>Section 2.</summary>
internal sealed record CoreInstanceDef(CoreInstanceExpr Expr) : Definition;

/// <summary>Section 3, and core type declarators.</summary>
internal sealed record CoreTypeDef(CoreTypeExpr Type) : Definition;

/// <summary>Section 4.</summary>
internal sealed record NestedComponentDef(ComponentBinary Component) : Definition;

/// <summary>Section 5.</summary>
internal sealed record InstanceDef(InstanceExpr Expr) : Definition;

/// <summary>Section 6, and alias declarators.</summary>
internal sealed record AliasDef(Sort Sort, AliasTarget Target) : Definition;

/// <summary>Section 7, and type declarators.</summary>
internal sealed record TypeDef(TypeExpr Type) : Definition;

/// <summary>Section 8.</summary>
internal sealed record CanonDef(CanonExpr Expr) : Definition;

/// <summary>Section 9 (gated): call <paramref name="Func"/> with values, <paramref name="Results"/> new values come of it.</summary>
internal sealed record StartDef(int Func, IReadOnlyList<int> Args, int Results) : Definition;

/// <summary>Section 10, and import declarators.</summary>
internal sealed record ImportDef(ExternName Name, ExternDesc Desc) : Definition;

/// <summary>Section 11. <paramref name="Desc"/> is the ascribed type, if any. Adds an index to its sort's space.</summary>
internal sealed record ExportDef(ExternName Name, Sort Sort, int Index, ExternDesc? Desc) : Definition;

/// <summary>An export declarator of a component or instance type.</summary>
internal sealed record ExportDeclDef(ExternName Name, ExternDesc Desc) : Definition;

/// <summary>Section 12 (gated): a value of a type, still encoded.</summary>
internal sealed record ValueDef(ValTypeRef Type, ReadOnlyMemory<byte> Value) : Definition;

/// <summary>What an index points into.</summary>
internal enum Sort : byte
{
    CoreFunc,
    CoreTable,
    CoreMemory,
    CoreGlobal,
    CoreTag,
    CoreType,
    CoreModule,
    CoreInstance,
    Func,
    Value,
    Type,
    Component,
    Instance,
}

internal static class SortNames
{
    /// <summary>The sort as the text format writes it.</summary>
    public static string Display(this Sort sort) => sort switch
    {
        Sort.CoreFunc => "core func",
        Sort.CoreTable => "core table",
        Sort.CoreMemory => "core memory",
        Sort.CoreGlobal => "core global",
        Sort.CoreTag => "core tag",
        Sort.CoreType => "core type",
        Sort.CoreModule => "core module",
        Sort.CoreInstance => "core instance",
        Sort.Func => "func",
        Sort.Value => "value",
        Sort.Type => "type",
        Sort.Component => "component",
        _ => "instance",
    };
}

/// <summary>A named argument of <c>instantiate</c>, or a named entry of a bag of core exports.</summary>
internal readonly record struct NamedIndex(string Name, Sort Sort, int Index);

/// <summary>An entry of a bag of component exports: its name is an extern name with attributes.</summary>
internal readonly record struct ExternNamedIndex(ExternName Name, Sort Sort, int Index);

internal abstract record CoreInstanceExpr
{
    /// <summary>Every argument is of sort core instance.</summary>
    internal sealed record Instantiate(int Module, IReadOnlyList<NamedIndex> Args) : CoreInstanceExpr;

    internal sealed record Bag(IReadOnlyList<NamedIndex> Exports) : CoreInstanceExpr;
}

internal abstract record InstanceExpr
{
    internal sealed record Instantiate(int Component, IReadOnlyList<NamedIndex> Args) : InstanceExpr;

    internal sealed record Bag(IReadOnlyList<ExternNamedIndex> Exports) : InstanceExpr;
}

internal abstract record AliasTarget
{
    /// <summary>The export <paramref name="Name"/> of a component instance.</summary>
    internal sealed record Export(int Instance, string Name) : AliasTarget;

    /// <summary>The export <paramref name="Name"/> of a core instance.</summary>
    internal sealed record CoreExport(int Instance, string Name) : AliasTarget;

    /// <summary>Item <paramref name="Index"/> of the scope <paramref name="Count"/> levels out; 0 is the current one.</summary>
    internal sealed record Outer(int Count, int Index) : AliasTarget;
}

/// <summary>The type of an import or export: Binary.md, <c>externtype</c>.</summary>
internal abstract record ExternDesc
{
    internal sealed record CoreModule(int Type) : ExternDesc;

    internal sealed record Func(int Type) : ExternDesc;

    /// <summary>Gated: the same value as another.</summary>
    internal sealed record ValueEq(int Value) : ExternDesc;

    /// <summary>Gated: any value of a type.</summary>
    internal sealed record ValueType(ValTypeRef Type) : ExternDesc;

    internal sealed record TypeEq(int Type) : ExternDesc;

    /// <summary>A fresh abstract resource type.</summary>
    internal sealed record SubResource : ExternDesc;

    internal sealed record Component(int Type) : ExternDesc;

    internal sealed record Instance(int Type) : ExternDesc;

    /// <summary>The sort whose index space the import or export adds to.</summary>
    public Sort Sort => this switch
    {
        CoreModule => Sort.CoreModule,
        Func => Sort.Func,
        ValueEq or ValueType => Sort.Value,
        TypeEq or SubResource => Sort.Type,
        Component => Sort.Component,
        _ => Sort.Instance,
    };
}
