using Windhover.Wit.Model;

namespace Windhover.Wit.Syntax;

// What one file says, before any name is looked up. Plain data; every node keeps the span that a diagnostic should point at.

internal readonly record struct NameSyntax(string Text, WitSpan Span);

/// <summary>What may stand before an item: documentation, feature gates, <c>@external-id</c>.</summary>
internal sealed record ItemHead(string? Docs, WitStability Stability, string? ExternalId, WitSpan Gate)
{
    public static ItemHead Empty { get; } = new(null, WitStability.None, null, default);
}

/// <summary>A <c>use</c> path: a name of this file or package, or a name of another package.</summary>
internal sealed record PathSyntax(WitPackageName? Package, WitSpan PackageSpan, NameSyntax Name);

internal sealed record PackageHead(WitPackageName Name, WitSpan Span, string? Docs, WitSpan DocsSpan);

/// <summary>A file, or the inside of a <c>package … { }</c> block.</summary>
internal sealed class UnitSyntax(WitSource source, PackageHead? package)
{
    public WitSource Source { get; } = source;

    public PackageHead? Package { get; } = package;

    public List<TopLevelUse> Uses { get; } = [];

    /// <summary>Interfaces and worlds, as declared.</summary>
    public List<ScopeSyntax> Scopes { get; } = [];

    public List<UnitSyntax> Nested { get; } = [];
}

internal sealed record TopLevelUse(PathSyntax Path, NameSyntax Alias);

internal sealed class ScopeSyntax(NameSyntax name, ItemHead head, bool isWorld, List<MemberSyntax> members)
{
    public NameSyntax Name { get; } = name;

    public ItemHead Head { get; } = head;

    public bool IsWorld { get; } = isWorld;

    public List<MemberSyntax> Members { get; } = members;
}

/// <summary>Anything between the braces of an interface or world.</summary>
internal abstract record MemberSyntax(ItemHead Head);

internal sealed record UseSyntax(ItemHead Head, PathSyntax From, List<(NameSyntax Name, NameSyntax Alias)> Names) : MemberSyntax(Head);

internal sealed record IncludeSyntax(ItemHead Head, PathSyntax From, List<(NameSyntax Name, NameSyntax Alias)> Renames)
    : MemberSyntax(Head);

internal sealed record FunctionSyntax(
    ItemHead Head,
    NameSyntax Name,
    WitFunctionKind Kind,
    bool IsAsync,
    List<(NameSyntax Name, TypeSyntax Type)> Parameters,
    TypeSyntax? Result) : MemberSyntax(Head);

/// <summary>An import or export: one of the last three is present. Without a <paramref name="Label"/> the path names itself.</summary>
internal sealed record ExternSyntax(
    ItemHead Head,
    bool IsExport,
    NameSyntax? Label,
    PathSyntax? Path,
    FunctionSyntax? Function,
    List<MemberSyntax>? Inline) : MemberSyntax(Head)
{
    public WitSpan Span => Label?.Span ?? Path!.Name.Span;
}

internal enum TypeDefKind
{
    Alias,
    Record,
    Variant,
    Enum,
    Flags,
    Resource,
}

internal sealed record PartSyntax(NameSyntax Name, TypeSyntax? Type, string? Docs);

internal sealed record TypeDefSyntax(
    ItemHead Head,
    NameSyntax Name,
    TypeDefKind Kind,
    TypeSyntax? Target,
    List<PartSyntax> Parts,
    List<FunctionSyntax> Functions) : MemberSyntax(Head)
{
    // A key in dictionaries: the node itself counts, not what it says.
    public bool Equals(TypeDefSyntax? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

internal enum TypeShape
{
    Primitive,
    Name,
    Own,
    Borrow,
    List,
    FixedList,
    Option,
    Result,
    Tuple,
    Map,
    Stream,
    Future,
}

/// <summary>A type as written; an argument is <see langword="null"/> where a part of a <c>result</c> is left out.</summary>
internal sealed record TypeSyntax(
    TypeShape Shape,
    WitSpan Span,
    IReadOnlyList<TypeSyntax?> Arguments,
    WitPrimitive? Primitive = null,
    string? Name = null,
    uint Length = 0);
