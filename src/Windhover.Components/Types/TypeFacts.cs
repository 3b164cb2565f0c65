using System.Collections.Immutable;
using Windhover.Components.Binary;

namespace Windhover.Components.Types;

[Flags]
internal enum TypeContents : byte
{
    None = 0,
    Pointers = 1,
    Borrow = 2,
    Own = 4,
    Streams = 8,
    ErrorContext = 16,
    Handles = Borrow | Own | Streams | ErrorContext,
}

/// <summary>
/// What the canonical ABI needs to know of a type, computed from the facts of its parts. Types form a graph in which a part may be shared, so
/// that n definitions can describe 2ⁿ nodes: every figure here is bounded, and no figure needs the parts to be walked again.
/// </summary>
internal readonly record struct TypeFacts
{
    /// <summary>Levels; bounds the recursion of every walk over a type.</summary>
    public const int MaxDepth = 100;

    /// <summary>Nodes of the type written out as a tree; bounds the time of every walk. The reference validator has the same limit.</summary>
    public const int MaxNodes = 1_000_000;

    /// <summary>Bytes in memory: Binary.md bounds it to keep address arithmetic from overflowing.</summary>
    public const long MaxSize = 1L << 28;

    public int Size { get; init; }

    public int Alignment { get; init; }

    public int FlatCount { get; init; }

    public ImmutableArray<CoreValueType> FlatTypes { get; init; }

    public TypeContents Contents { get; init; }

    public int Depth { get; init; }

    public int Nodes { get; init; }

    public static TypeFacts Leaf(int size, CoreValueType flat, TypeContents contents = TypeContents.None) =>
        new() { Size = size, Alignment = size, FlatCount = 1, FlatTypes = [flat], Contents = contents, Depth = 1, Nodes = 1 };

    /// <summary>A pointer and a length; <paramref name="element"/> counts for depth and handles only.</summary>
    public static TypeFacts PointerAndLength(ValType? element) => new()
    {
        Size = 8,
        Alignment = 4,
        FlatCount = 2,
        FlatTypes = [CoreValueType.I32, CoreValueType.I32],
        Contents = TypeContents.Pointers | (element?.Facts.Contents ?? TypeContents.None),
        Depth = 1 + (element?.Facts.Depth ?? 0),
        Nodes = 1 + (element?.Facts.Nodes ?? 0),
    };

    /// <summary>A stream or future: its element is typed, but not in it.</summary>
    public static TypeFacts StreamEnd(ValType? element) => Leaf(4, CoreValueType.I32, TypeContents.Streams) with
    {
        Depth = 1 + (element?.Facts.Depth ?? 0),
        Nodes = 1 + (element?.Facts.Nodes ?? 0),
    };

    public static TypeFacts Repeat(ValType element, long count)
    {
        var flat = Math.Min(element.FlatCount * count, ValType.MaxFlatCount + 1);
        var types = ImmutableArray<CoreValueType>.Empty;
        if (flat <= ValType.MaxFlatCount)
        {
            var builder = ImmutableArray.CreateBuilder<CoreValueType>((int)flat);
            for (var i = 0L; i < count; i++)
                builder.AddRange(element.FlatTypes);
            types = builder.ToImmutable();
        }

        return element.Facts with
        {
            Size = CheckSize(element.Size * count),
            FlatCount = (int)flat,
            FlatTypes = types,
            Depth = element.Facts.Depth + 1,
            Nodes = AddNodes(element.Facts.Nodes, 1),
        };
    }

    /// <summary>Fields one after another, each at its alignment. Fills <paramref name="offsets"/>.</summary>
    public static TypeFacts Product(ImmutableArray<ValType> fields, out ImmutableArray<int> offsets)
    {
        long size = 0;
        int alignment = 1, flat = 0, depth = 0, nodes = 1;
        var contents = TypeContents.None;
        var places = ImmutableArray.CreateBuilder<int>(fields.Length);
        var types = ImmutableArray.CreateBuilder<CoreValueType>();
        foreach (var field in fields)
        {
            size = AlignTo(size, field.Alignment);
            places.Add(CheckSize(size));
            size += field.Size;
            alignment = Math.Max(alignment, field.Alignment);
            flat = Math.Min(flat + field.FlatCount, ValType.MaxFlatCount + 1);
            if (flat <= ValType.MaxFlatCount)
                types.AddRange(field.FlatTypes);
            contents |= field.Facts.Contents;
            depth = Math.Max(depth, field.Facts.Depth);
            nodes = AddNodes(nodes, field.Facts.Nodes);
        }

        offsets = places.MoveToImmutable();
        return new TypeFacts
        {
            Size = CheckSize(AlignTo(size, alignment)),
            Alignment = alignment,
            FlatCount = flat,
            FlatTypes = flat <= ValType.MaxFlatCount ? types.ToImmutable() : [],
            Contents = contents,
            Depth = depth + 1,
            Nodes = nodes,
        };
    }

    /// <summary>
    /// A discriminant, then room for the largest case. Flat: the discriminant, then position by position the join of all cases, which is a core
    /// type wide enough for the bits of each.
    /// </summary>
    public static TypeFacts Sum(int cases, IEnumerable<ValType?> payloads, out int discriminantSize, out int payloadOffset)
    {
        discriminantSize = cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
        int payloadAlignment = 1, flat = 0, depth = 0, nodes = 1;
        long payloadSize = 0;
        var contents = TypeContents.None;
        var types = new List<CoreValueType>();
        foreach (var payload in payloads)
        {
            if (payload is null)
                continue;
            payloadAlignment = Math.Max(payloadAlignment, payload.Alignment);
            payloadSize = Math.Max(payloadSize, payload.Size);
            flat = Math.Max(flat, payload.FlatCount);
            contents |= payload.Facts.Contents;
            depth = Math.Max(depth, payload.Facts.Depth);
            nodes = AddNodes(nodes, payload.Facts.Nodes);
            for (var i = 0; i < payload.FlatTypes.Length; i++)
            {
                if (i < types.Count)
                    types[i] = Join(types[i], payload.FlatTypes[i]);
                else
                    types.Add(payload.FlatTypes[i]);
            }
        }

        var alignment = Math.Max(discriminantSize, payloadAlignment);
        payloadOffset = (int)AlignTo(discriminantSize, payloadAlignment);
        flat = Math.Min(flat + 1, ValType.MaxFlatCount + 1);
        return new TypeFacts
        {
            Size = CheckSize(AlignTo(payloadOffset + payloadSize, alignment)),
            Alignment = alignment,
            FlatCount = flat,
            FlatTypes = flat <= ValType.MaxFlatCount ? [CoreValueType.I32, .. types] : [],
            Contents = contents,
            Depth = depth + 1,
            Nodes = nodes,
        };
    }

    public TypeFacts Checked()
    {
        if (Depth > MaxDepth)
            throw new InvalidComponentException($"a type is nested more than {MaxDepth} levels deep");
        return Nodes <= MaxNodes ? this : throw new InvalidComponentException($"a type has more than {MaxNodes} parts");
    }

    private static CoreValueType Join(CoreValueType a, CoreValueType b) =>
        a == b ? a
        : (a, b) is (CoreValueType.I32, CoreValueType.F32) or (CoreValueType.F32, CoreValueType.I32) ? CoreValueType.I32
        : CoreValueType.I64;

    private static long AlignTo(long offset, int alignment) => (offset + alignment - 1) & -alignment;

    private static int CheckSize(long size) =>
        size < MaxSize ? (int)size : throw new InvalidComponentException($"a type takes {size} bytes in memory; the limit is {MaxSize}");

    /// <summary>Saturates just above the limit, so that a sum over a million parts cannot overflow.</summary>
    private static int AddNodes(int a, int b) => Math.Min(a + b, MaxNodes + 1);
}
