using System.Collections.Immutable;

namespace Windhover.Components.Types;

/// <summary>
/// A value type of the component model (Explainer.md, "Type Definitions") with what the canonical ABI derives from it: its layout in a 32-bit
/// linear memory and its flattening to core values (CanonicalABI.md, "Alignment", "Element Size", "Flattening"). Immutable; everything is
/// computed once, when the type is built. Equality is structural, resources are compared by identity.
/// </summary>
/// <remarks>
/// Named after the specification's <c>valtype</c>, because <c>ValueType</c> would be ambiguous with <see cref="System.ValueType"/> wherever
/// both namespaces are used. Building a type throws <see cref="Binary.InvalidComponentException"/> when it exceeds a limit: 100 levels,
/// 1,000,000 nodes (written out in full), 2²⁸ bytes.
/// </remarks>
public abstract class ValType : IEquatable<ValType>
{
    private readonly TypeFacts _facts;
    private int _hash;
    private WeakReference<ValType>? _known; // one that was found equal: a component's types are compared with the host's on each stream and future that crosses

    private protected ValType(in TypeFacts facts) => _facts = facts.Checked();

    /// <summary>Bytes that a value takes in linear memory, a multiple of <see cref="Alignment"/>; below 2²⁸.</summary>
    public int Size => _facts.Size;

    /// <summary>1, 2, 4 or 8.</summary>
    public int Alignment => _facts.Alignment;

    /// <summary>How many core values it flattens to; counted no further than <see cref="MaxFlatCount"/> + 1.</summary>
    public int FlatCount => _facts.FlatCount;

    /// <summary>
    /// The core types it flattens to, cases of variants joined. Empty when <see cref="FlatCount"/> exceeds <see cref="MaxFlatCount"/>: such a
    /// value always goes through memory.
    /// </summary>
    public ImmutableArray<CoreValueType> FlatTypes => _facts.FlatTypes;

    /// <summary>The longest flat list that the ABI ever passes (MAX_FLAT_PARAMS).</summary>
    public const int MaxFlatCount = 16;

    /// <summary>Whether a value holds pointers into linear memory (strings, lists, maps), so that passing it may call <c>realloc</c>.</summary>
    public bool ContainsPointers => (_facts.Contents & TypeContents.Pointers) != 0;

    /// <summary>Whether a value may hold borrowed handles.</summary>
    public bool ContainsBorrow => (_facts.Contents & TypeContents.Borrow) != 0;

    /// <summary>Whether a value may hold anything that lives in a handle table: own, borrow, stream, future, error-context.</summary>
    public bool ContainsHandles => (_facts.Contents & TypeContents.Handles) != 0;

    /// <summary>Whether a value may hold streams or futures.</summary>
    public bool ContainsStreams => (_facts.Contents & TypeContents.Streams) != 0;

    internal ref readonly TypeFacts Facts => ref _facts;

    public static bool operator ==(ValType? left, ValType? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(ValType? left, ValType? right) => !(left == right);

    /// <summary>Structural equality; labels count, resources by identity.</summary>
    public bool Equals(ValType? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is null || GetType() != other.GetType())
            return false;
        if (Knows(other) || other.Knows(this))
            return true;
        if (GetHashCode() != other.GetHashCode() || !EqualsCore(other))
            return false;
        if (!Remember(other))
            other.Remember(this);
        return true;
    }

    private bool Knows(ValType other) => _known is { } known && known.TryGetTarget(out ValType? target) && ReferenceEquals(target, other);

    // Weak, since the host's types outlive components; and kept, so that a type that many are compared with does not change its mind with each.
    private bool Remember(ValType other)
    {
        if (_known is { } known && known.TryGetTarget(out _))
            return false;
        _known = new WeakReference<ValType>(other);
        return true;
    }

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as ValType);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => _hash != 0 ? _hash : _hash = HashCode.Combine(GetType(), HashCore()) | 1;

    /// <summary>The type as WIT writes it; records, variants, flags and enums in place, as in <c>record { name: string }</c>.</summary>
    public abstract override string ToString();

    private protected abstract bool EqualsCore(ValType other);

    private protected abstract int HashCore();
}
