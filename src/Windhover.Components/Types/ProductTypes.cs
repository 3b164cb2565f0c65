using System.Collections.Immutable;
using Windhover.Components.Binary;

namespace Windhover.Components.Types;

/// <summary>A record or a tuple: values one after another.</summary>
public abstract class ProductType : ValType
{
    private protected ProductType(in TypeFacts facts, ImmutableArray<ValType> types, ImmutableArray<int> offsets)
        : base(facts)
    {
        Types = types;
        Offsets = offsets;
    }

    /// <summary>The types of the fields in order.</summary>
    public ImmutableArray<ValType> Types { get; }

    /// <summary>Byte offset of each field from the start of the value.</summary>
    public ImmutableArray<int> Offsets { get; }

    private protected override bool EqualsCore(ValType other) => Types.SequenceEqual(((ProductType)other).Types);

    private protected override int HashCore()
    {
        var hash = default(HashCode);
        foreach (var type in Types)
            hash.Add(type);
        return hash.ToHashCode();
    }

    private protected static TypeFacts Layout(ImmutableArray<ValType> types, string what, out ImmutableArray<int> offsets) =>
        types.Length > 0
            ? TypeFacts.Product(types, out offsets)
            : throw new InvalidComponentException($"a {what} type must have at least one part");
}

/// <summary>A named field and its type.</summary>
public readonly record struct Field(string Name, ValType Type);

/// <summary>Named fields.</summary>
public sealed class RecordType : ProductType
{
    /// <summary>Makes a record type.</summary>
    /// <exception cref="InvalidComponentException">It has no fields, two of one name, or exceeds a limit.</exception>
    public RecordType(IEnumerable<Field> fields)
        : this([.. fields])
    {
    }

    private RecordType(ImmutableArray<Field> fields)
        : this(Labels.Of(fields.Select(f => f.Name), "record"), [.. fields.Select(f => f.Type)])
    {
    }

    private RecordType(Labels labels, ImmutableArray<ValType> types)
        : base(Layout(types, "record", out var offsets), types, offsets) => Labels = labels;

    /// <summary>The names of the fields.</summary>
    public Labels Labels { get; }

    /// <summary>Names and types in order; offsets are in <see cref="ProductType.Offsets"/>.</summary>
    public IEnumerable<Field> Fields => Labels.Zip(Types, (name, type) => new Field(name, type));

    /// <inheritdoc/>
    public override string ToString() => $"record {{ {string.Join(", ", Fields.Select(f => $"{f.Name}: {f.Type}"))} }}";

    private protected override bool EqualsCore(ValType other) => Labels.Equals(((RecordType)other).Labels) && base.EqualsCore(other);
}

/// <summary>Fields by position.</summary>
public sealed class TupleType : ProductType
{
    /// <summary>Makes a tuple type.</summary>
    /// <exception cref="InvalidComponentException">It is empty or exceeds a limit.</exception>
    public TupleType(IEnumerable<ValType> types)
        : this([.. types])
    {
    }

    private TupleType(ImmutableArray<ValType> types)
        : base(Layout(types, "tuple", out var offsets), types, offsets)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"tuple<{string.Join(", ", Types)}>";
}

/// <summary>A list: a pointer and a length, or, when <see cref="Length"/> is set, that many elements in place.</summary>
public sealed class ListType : ValType
{
    /// <summary>Makes a list type.</summary>
    /// <exception cref="InvalidComponentException">The length is 0, or a limit is exceeded.</exception>
    public ListType(ValType element, uint? length = null)
        : base(Layout(element, length))
    {
        Element = element;
        Length = length;
    }

    public ValType Element { get; }

    /// <summary>The fixed number of elements, or null.</summary>
    public uint? Length { get; }

    /// <inheritdoc/>
    public override string ToString() => Length is { } n ? $"list<{Element}, {n}>" : $"list<{Element}>";

    private protected override bool EqualsCore(ValType other) =>
        other is ListType list && Length == list.Length && Element == list.Element;

    private protected override int HashCore() => HashCode.Combine(Element, Length);

    private static TypeFacts Layout(ValType element, uint? length)
    {
        ArgumentNullException.ThrowIfNull(element);
        return length switch
        {
            null => TypeFacts.PointerAndLength(element),
            0 => throw new InvalidComponentException("a list of fixed length must hold at least one element"),
            { } n => TypeFacts.Repeat(element, n),
        };
    }
}

/// <summary>A map: passed as a list of (key, value) tuples.</summary>
public sealed class MapType : ValType
{
    /// <summary>Makes a map type.</summary>
    /// <exception cref="InvalidComponentException">The key is not an integer, bool, char or string, or a limit is exceeded.</exception>
    public MapType(ValType key, ValType value)
        : this(new TupleType([key, value]))
    {
        if (key is not PrimitiveType { Kind: not (PrimitiveKind.F32 or PrimitiveKind.F64 or PrimitiveKind.ErrorContext) })
            throw new InvalidComponentException($"a map key must be an integer, bool, char or string, not `{key}`");
    }

    private MapType(TupleType entry)
        : base(TypeFacts.PointerAndLength(entry)) => Entry = entry;

    public ValType Key => Entry.Types[0];

    public ValType Value => Entry.Types[1];

    /// <summary>The element of the list that it is passed as.</summary>
    public TupleType Entry { get; }

    /// <inheritdoc/>
    public override string ToString() => $"map<{Key}, {Value}>";

    private protected override bool EqualsCore(ValType other) => Entry == ((MapType)other).Entry;

    private protected override int HashCore() => Entry.GetHashCode();
}
