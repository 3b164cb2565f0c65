using System.Collections.Immutable;

namespace Windhover.Components.Types;

/// <summary>One of several cases, each with or without a payload: variants, enums, options and results.</summary>
public abstract class SumType : ValType
{
    private protected SumType(in TypeFacts facts, ImmutableArray<ValType?> payloads, int discriminantSize, int payloadOffset)
        : base(facts)
    {
        Payloads = payloads;
        DiscriminantSize = discriminantSize;
        PayloadOffset = payloadOffset;
    }

    /// <summary>The payload of each case; null where it has none.</summary>
    public ImmutableArray<ValType?> Payloads { get; }

    /// <summary>Bytes of the discriminant at offset 0: 1, 2 or 4.</summary>
    public int DiscriminantSize { get; }

    /// <summary>Byte offset of the payload, the same for every case.</summary>
    public int PayloadOffset { get; }

    /// <summary>The name of a case: <c>none</c>, <c>some</c>, <c>ok</c>, <c>error</c>, or its label.</summary>
    public abstract string CaseName(int index);

    private protected override bool EqualsCore(ValType other) => Payloads.SequenceEqual(((SumType)other).Payloads);

    private protected override int HashCore()
    {
        var hash = default(HashCode);
        foreach (var type in Payloads)
            hash.Add(type);
        return hash.ToHashCode();
    }
}

/// <summary>A case of a variant; <paramref name="Type"/> is null when it has no payload.</summary>
public readonly record struct Case(string Name, ValType? Type);

/// <summary>Named cases with payloads.</summary>
public sealed class VariantType : SumType
{
    /// <summary>Makes a variant type.</summary>
    /// <exception cref="Binary.InvalidComponentException">It has no cases, two of one name, or exceeds a limit.</exception>
    public VariantType(IEnumerable<Case> cases)
        : this([.. cases])
    {
    }

    private VariantType(ImmutableArray<Case> cases)
        : this(Labels.Of(cases.Select(c => c.Name), "variant"), [.. cases.Select(c => c.Type)])
    {
    }

    private VariantType(Labels labels, ImmutableArray<ValType?> payloads)
        : base(TypeFacts.Sum(labels.Count, payloads, out var disc, out var offset), payloads, disc, offset) => Labels = labels;

    /// <summary>The names of the cases.</summary>
    public Labels Labels { get; }

    /// <summary>Names and payloads in order.</summary>
    public IEnumerable<Case> Cases => Labels.Zip(Payloads, (name, type) => new Case(name, type));

    /// <inheritdoc/>
    public override string CaseName(int index) => Labels[index];

    /// <inheritdoc/>
    public override string ToString() =>
        $"variant {{ {string.Join(", ", Cases.Select(c => c.Type is null ? c.Name : $"{c.Name}({c.Type})"))} }}";

    private protected override bool EqualsCore(ValType other) => Labels.Equals(((VariantType)other).Labels) && base.EqualsCore(other);
}

/// <summary>Named cases without payloads.</summary>
public sealed class EnumType : SumType
{
    /// <summary>Makes an enum type.</summary>
    /// <exception cref="Binary.InvalidComponentException">It has no labels, or one of them twice.</exception>
    public EnumType(IEnumerable<string> labels)
        : this(Labels.Of(labels, "enum"))
    {
    }

    private EnumType(Labels labels)
        : base(TypeFacts.Sum(labels.Count, [], out var disc, out var offset), [.. new ValType?[labels.Count]], disc, offset) =>
        Labels = labels;

    /// <summary>The names of the cases.</summary>
    public Labels Labels { get; }

    /// <inheritdoc/>
    public override string CaseName(int index) => Labels[index];

    /// <inheritdoc/>
    public override string ToString() => $"enum {{ {string.Join(", ", Labels)} }}";

    private protected override bool EqualsCore(ValType other) => Labels.Equals(((EnumType)other).Labels);

    private protected override int HashCore() => Labels.GetHashCode();
}

/// <summary>Nothing (case 0) or a value (case 1).</summary>
public sealed class OptionType : SumType
{
    public OptionType(ValType element)
        : base(TypeFacts.Sum(2, [element], out var disc, out var offset), [null, element], disc, offset)
    {
        ArgumentNullException.ThrowIfNull(element);
        Element = element;
    }

    public ValType Element { get; }

    /// <inheritdoc/>
    public override string CaseName(int index) => index == 0 ? "none" : "some";

    /// <inheritdoc/>
    public override string ToString() => $"option<{Element}>";
}

/// <summary>Success (case 0) or failure (case 1), each with or without a value.</summary>
public sealed class ResultType(ValType? ok, ValType? error)
    : SumType(TypeFacts.Sum(2, [ok, error], out var disc, out var offset), [ok, error], disc, offset)
{
    public ValType? Ok => Payloads[0];

    public ValType? Error => Payloads[1];

    /// <inheritdoc/>
    public override string CaseName(int index) => index == 0 ? "ok" : "error";

    /// <inheritdoc/>
    public override string ToString() => (Ok, Error) switch
    {
        (null, null) => "result",
        (_, null) => $"result<{Ok}>",
        _ => $"result<{Ok?.ToString() ?? "_"}, {Error}>",
    };
}
