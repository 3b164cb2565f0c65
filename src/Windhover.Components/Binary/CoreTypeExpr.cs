using Windhover.Components.Types;

namespace Windhover.Components.Binary;

/// <summary>
/// A core value or storage type by its opcode: 0x7f i32 … 0x7c f64, 0x7b v128, 0x78 i8, 0x77 i16, 0x70 funcref, 0x6f externref and the
/// other abstract references; 0x63 and 0x64 take a heap type (a type index when it is not negative, else an abstract one).
/// </summary>
internal readonly record struct CoreValType(byte Code, long HeapType = 0)
{
    /// <summary>The numeric type that the canonical ABI uses, or null for vectors and references.</summary>
    public CoreValueType? Numeric => Code is >= 0x7c and <= 0x7f ? (CoreValueType)Code : null;
}

internal readonly record struct CoreFieldType(CoreValType Type, bool Mutable);

/// <summary>Limits of a memory or table. <paramref name="Flags"/>: bit 0 a maximum, bit 1 shared, bit 2 64-bit, bit 3 a page size.</summary>
internal readonly record struct CoreLimits(byte Flags, ulong Minimum, ulong? Maximum, int? PageSizeLog2);

/// <summary>The type of a core import or export.</summary>
internal abstract record CoreExternType
{
    internal sealed record Func(int Type) : CoreExternType;

    internal sealed record Table(CoreValType Element, CoreLimits Limits) : CoreExternType;

    internal sealed record Memory(CoreLimits Limits) : CoreExternType;

    internal sealed record Global(CoreValType Type, byte Flags) : CoreExternType;

    internal sealed record Tag(int Type) : CoreExternType;
}

/// <summary>A core type definition: Binary.md, <c>core:deftype</c>.</summary>
internal abstract record CoreTypeExpr
{
    internal sealed record Func(IReadOnlyList<CoreValType> Parameters, IReadOnlyList<CoreValType> Results) : CoreTypeExpr;

    internal sealed record Struct(IReadOnlyList<CoreFieldType> Fields) : CoreTypeExpr;

    internal sealed record Array(CoreFieldType Field) : CoreTypeExpr;

    internal sealed record Cont(long Type) : CoreTypeExpr;

    internal sealed record Sub(bool IsFinal, IReadOnlyList<int> Supertypes, CoreTypeExpr Type) : CoreTypeExpr;

    /// <summary>A recursive group: adds <c>Types.Count</c> entries to the core type index space.</summary>
    internal sealed record Rec(IReadOnlyList<CoreTypeExpr> Types) : CoreTypeExpr;

    internal sealed record Module(IReadOnlyList<CoreModuleDecl> Decls) : CoreTypeExpr;
}

/// <summary>A declarator of a core module type. It has a core type index space of its own.</summary>
internal abstract record CoreModuleDecl
{
    internal sealed record Import(string Module, string Name, CoreExternType Type) : CoreModuleDecl;

    internal sealed record TypeDecl(CoreTypeExpr Expr) : CoreModuleDecl;

    /// <summary>An outer core type.</summary>
    internal sealed record Alias(int Count, int Index) : CoreModuleDecl;

    internal sealed record Export(string Name, CoreExternType Type) : CoreModuleDecl;
}
