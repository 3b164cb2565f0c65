using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Bindings;

/// <summary>
/// Finds the functions of an interface that a component exports, and checks their types: once per <see cref="PreparedComponent"/>, for generated
/// clients. A resource that the component defines is another <see cref="ResourceType"/> in every component; the client's expected types name it
/// by a placeholder, and the binder learns what each placeholder stands for from the functions it finds.
/// </summary>
/// <param name="component">The component.</param>
/// <param name="interfaceName">The interface, such as <c>shop:pricing/rules@1.0.0</c>; null for functions that the component exports itself.</param>
public sealed class ExportBinder(PreparedComponent component, string? interfaceName)
{
    private static readonly object s_placeholder = new();
    private readonly Dictionary<ResourceType, ResourceType> _resources = [];

    /// <summary>Makes the stand-in for a resource that components define.</summary>
    public static ResourceType Placeholder(string name) => new(name, s_placeholder);

    /// <summary>Finds a function and checks its type.</summary>
    /// <exception cref="LinkException">The component does not export it, or with another type; the message says where they part.</exception>
    public ExportedFunction Function(string name, FuncType expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        string full = interfaceName is null ? name : $"{interfaceName}#{name}";
        ExportedFunction function = component.FindFunction(interfaceName, name)
            ?? throw new LinkException($"The component does not export the function `{full}`. It exports: {Known()}.");
        return Difference(expected, function.Type) is { } difference
            ? throw new LinkException($"The component exports `{full}` with another type than these bindings expect: {difference}.")
            : function;
    }

    /// <summary>What the component has in the place of a placeholder; the placeholder itself when no function found so far mentions it.</summary>
    public ResourceType Resource(ResourceType placeholder) => _resources.GetValueOrDefault(placeholder, placeholder);

    /// <summary>A stream type in which placeholders stand, as the component has it.</summary>
    public StreamType Stream(StreamType expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return new StreamType(Resolve(expected.Element));
    }

    /// <summary>A future type in which placeholders stand, as the component has it.</summary>
    public FutureType Future(FutureType expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return new FutureType(Resolve(expected.Element));
    }

    private ValType? Resolve(ValType? type) => type switch
    {
        null => null,
        OwnType t => new OwnType(Resource(t.Resource)),
        BorrowType t => new BorrowType(Resource(t.Resource)),
        ListType t => new ListType(Resolve(t.Element)!, t.Length),
        MapType t => new MapType(Resolve(t.Key)!, Resolve(t.Value)!),
        RecordType t => new RecordType(t.Labels.Zip(t.Types, (name, field) => new Field(name, Resolve(field)!))),
        TupleType t => new TupleType(t.Types.Select(part => Resolve(part)!)),
        VariantType t => new VariantType(t.Labels.Zip(t.Payloads, (name, payload) => new Case(name, Resolve(payload)))),
        OptionType t => new OptionType(Resolve(t.Element)!),
        ResultType t => new ResultType(Resolve(t.Payloads[0]), Resolve(t.Payloads[1])),
        StreamType t => new StreamType(Resolve(t.Element)),
        FutureType t => new FutureType(Resolve(t.Element)),
        _ => type,
    };

    private string Known()
    {
        string names = string.Join(", ", component.ExportedFunctions.Take(20).Select(f => $"`{f.Name}`"));
        return names.Length == 0 ? "no function" : names;
    }

    private string? Difference(FuncType expected, FuncType actual)
    {
        if (expected.IsAsync != actual.IsAsync)
            return expected.IsAsync ? "it is not `async`" : "it is `async`";
        if (!expected.Parameters.Select(p => p.Name).SequenceEqual(actual.Parameters.Select(p => p.Name)))
            return $"expected `{expected}`, found `{actual}`";
        for (int i = 0; i < expected.Parameters.Length; i++)
        {
            if (!Match(expected.Parameters[i].Type, actual.Parameters[i].Type))
                return $"the parameter `{expected.Parameters[i].Name}` is a `{actual.Parameters[i].Type}`, not a `{expected.Parameters[i].Type}`";
        }

        return Match(expected.Result, actual.Result) ? null : $"it returns `{actual.Result?.ToString() ?? "nothing"}`, not `{expected.Result?.ToString() ?? "nothing"}`";
    }

    /// <summary>Structural equality under the placeholders. The recursion is as deep as the expected type, which the bindings fix.</summary>
    private bool Match(ValType? expected, ValType? actual) => (expected, actual) switch
    {
        (OwnType e, OwnType a) => Same(e.Resource, a.Resource),
        (BorrowType e, BorrowType a) => Same(e.Resource, a.Resource),
        (ListType e, ListType a) => e.Length == a.Length && Match(e.Element, a.Element),
        (MapType e, MapType a) => Match(e.Key, a.Key) && Match(e.Value, a.Value),
        (RecordType e, RecordType a) => e.Labels.Equals(a.Labels) && MatchAll(e.Types, a.Types),
        (TupleType e, TupleType a) => MatchAll(e.Types, a.Types),
        (VariantType e, VariantType a) => e.Labels.Equals(a.Labels) && MatchAll(e.Payloads, a.Payloads),
        (OptionType e, OptionType a) => Match(e.Element, a.Element),
        (ResultType e, ResultType a) => MatchAll(e.Payloads, a.Payloads),
        (StreamType e, StreamType a) => Match(e.Element, a.Element),
        (FutureType e, FutureType a) => Match(e.Element, a.Element),
        _ => expected == actual,
    };

    private bool MatchAll(IReadOnlyList<ValType?> expected, IReadOnlyList<ValType?> actual)
    {
        if (expected.Count != actual.Count)
            return false;
        for (int i = 0; i < expected.Count; i++)
        {
            if (!Match(expected[i], actual[i]))
                return false;
        }

        return true;
    }

    private bool Same(ResourceType expected, ResourceType actual)
    {
        if (!ReferenceEquals(expected.HostTag, s_placeholder))
            return ReferenceEquals(expected, actual);
        if (_resources.TryAdd(expected, actual))
            return true;
        return ReferenceEquals(_resources[expected], actual);
    }
}
