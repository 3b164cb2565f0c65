using System.Diagnostics.CodeAnalysis;

namespace Windhover.Components.Types;

/// <summary>
/// Whether a thing of one type can stand where another type is expected: more exports than asked for are welcome, fewer imports too; value
/// types must be the same. An expected fresh resource is bound to what is provided, and stands for it in everything checked afterwards.
/// </summary>
/// <remarks>
/// One object carries the bindings of one instantiation: check the imports in order with the same object. Not thread-safe.
/// <code>
///   expected:  (export "r" (type R (sub resource)))   (export "f" (func (param "x" (own R))))
///   provided:   r = S  → binds R := S                  f: func(x: own S)  → own R is own S → fits
/// </code>
/// </remarks>
public sealed class Subtype
{
    private readonly Dictionary<ResourceType, ResourceType> _bindings = [];
    private readonly Stack<string> _path = [];

    /// <summary>What each fresh resource of the expected types turned out to be.</summary>
    public IReadOnlyDictionary<ResourceType, ResourceType> Bindings => _bindings;

    /// <summary>Checks one pair on its own.</summary>
    /// <param name="provided">The type of what there is.</param>
    /// <param name="expected">The type that is asked for.</param>
    /// <param name="reason">On failure one sentence: <c>expected `list&lt;u8&gt;`, found `string` in field `body` of parameter `request`</c>.</param>
    public static bool IsSubtype(ExternType provided, ExternType expected, [NotNullWhen(false)] out string? reason) =>
        new Subtype().Check(provided, expected, out reason);

    /// <summary>Makes <paramref name="expected"/> stand for <paramref name="provided"/> before anything is checked.</summary>
    public void Bind(ResourceType expected, ResourceType provided) => _bindings[expected] = provided;

    /// <summary>Checks a pair with the bindings made so far, and keeps those that it makes.</summary>
    public bool Check(ExternType provided, ExternType expected, [NotNullWhen(false)] out string? reason)
    {
        _path.Clear();
        reason = Extern(provided, expected);
        return reason is null;
    }

    private string? Extern(ExternType provided, ExternType expected) => (provided, expected) switch
    {
        (FuncType p, FuncType e) => Func(p, e),
        (InstanceType p, InstanceType e) => Exports(p.Exports, e.Exports),
        (ComponentType p, ComponentType e) => Component(p, e),
        (ModuleType p, ModuleType e) => ModuleType.Mismatch(p, e) is { } m ? Mismatch(m) : null,
        (ResourceExtern p, ResourceExtern e) => Resource(p.Resource, e),
        (ValTypeExtern p, ValTypeExtern e) => Value(p.Type, e.Type),
        (TypeAliasExtern p, TypeAliasExtern e) => Extern(p.Type, e.Type),
        _ => provided.Kind == expected.Kind
            ? Mismatch($"expected `{Brief(expected)}`, found `{Brief(provided)}`")
            : Mismatch($"expected {Article(expected.Kind)}, found {Article(provided.Kind)}"),
    };

    private string? Exports(ExternMap provided, ExternMap expected)
    {
        foreach (var (name, type) in expected)
        {
            if (!provided.TryGetValue(name, out var found))
                return Mismatch($"missing {type.Kind} `{name}`");
            if (In($"export `{name}`", found, type, Extern) is { } reason)
                return reason;
        }

        return null;
    }

    /// <summary>
    /// Contravariant in the imports: what the expected type promises to give must satisfy what the provided component needs. Resources
    /// are bound in that direction first, so that the exports can speak of them.
    /// </summary>
    private string? Component(ComponentType provided, ComponentType expected)
    {
        var inner = new Subtype();
        foreach (var (name, needed) in provided.Imports)
        {
            if (!expected.Imports.TryGetValue(name, out var given))
                return Mismatch($"the component also needs {needed.Kind} `{name}`");
            if (!inner.Check(given, needed, out var reason))
                return Mismatch($"{reason} in import `{name}`");
        }

        // The provided component's own names for imported resources become the expected type's names for them.
        foreach (var (theirs, ours) in inner._bindings)
            _bindings[ours] = theirs;
        return Exports(provided.Exports, expected.Exports);
    }

    private string? Resource(ResourceType provided, ResourceExtern expected)
    {
        if (expected.IsFresh)
        {
            _bindings[expected.Resource] = provided;
            return null;
        }

        return Same(provided, expected.Resource) ? null : Mismatch($"expected `{expected}`, found a different resource `{provided.Name}`");
    }

    private bool Same(ResourceType provided, ResourceType expected) =>
        provided == (_bindings.TryGetValue(expected, out var bound) ? bound : expected);

    private string? Func(FuncType provided, FuncType expected)
    {
        if (provided.IsAsync != expected.IsAsync)
            return Mismatch($"expected {Asyncness(expected)} function, found {Asyncness(provided)} one");
        if (provided.Parameters.Length != expected.Parameters.Length)
            return Mismatch($"expected {expected.Parameters.Length} parameters, found {provided.Parameters.Length}");
        for (var i = 0; i < expected.Parameters.Length; i++)
        {
            var (p, e) = (provided.Parameters[i], expected.Parameters[i]);
            if (p.Name != e.Name)
                return Mismatch($"expected parameter {i + 1} to be called `{e.Name}`, found `{p.Name}`");
            if (In($"parameter `{e.Name}`", p.Type, e.Type, Value) is { } reason)
                return reason;
        }

        return (provided.Result, expected.Result) switch
        {
            (null, null) => null,
            (null, { } e) => Mismatch($"expected a result `{Brief(e)}`, found none"),
            ({ } p, null) => Mismatch($"expected no result, found `{Brief(p)}`"),
            ({ } p, { } e) => In("the result", p, e, Value),
        };
    }

    private string? Value(ValType provided, ValType expected)
    {
        if (ReferenceEquals(provided, expected) && !expected.ContainsHandles)
            return null;
        switch (provided, expected)
        {
            case (OwnType p, OwnType e):
                return Handle(p.Resource, e.Resource);
            case (BorrowType p, BorrowType e):
                return Handle(p.Resource, e.Resource);
            case (RecordType p, RecordType e):
                return Names("field", p.Labels, e.Labels) ?? Parts(p.Types, e.Types, i => $"field `{e.Labels[i]}`");
            case (TupleType p, TupleType e) when p.Types.Length == e.Types.Length:
                return Parts(p.Types, e.Types, i => $"element {i}");
            case (VariantType p, VariantType e):
                return Names("case", p.Labels, e.Labels) ?? Parts(p.Payloads, e.Payloads, i => $"case `{e.Labels[i]}`");
            case (EnumType p, EnumType e):
                return Names("case", p.Labels, e.Labels);
            case (FlagsType p, FlagsType e):
                return Names("flag", p.Labels, e.Labels);
            case (OptionType p, OptionType e):
                return In("an option", p.Element, e.Element, Value);
            case (ResultType p, ResultType e):
                return Parts(p.Payloads, e.Payloads, i => i == 0 ? "the ok case" : "the error case");
            case (ListType p, ListType e) when p.Length == e.Length:
                return In("a list", p.Element, e.Element, Value);
            case (MapType p, MapType e):
                return In("a map", p.Entry, e.Entry, Value);
            case (StreamType p, StreamType e):
                return Parts([p.Element], [e.Element], _ => "a stream");
            case (FutureType p, FutureType e):
                return Parts([p.Element], [e.Element], _ => "a future");
            default:
                return provided == expected ? null : Mismatch($"expected `{Brief(expected)}`, found `{Brief(provided)}`");
        }
    }

    private string? Handle(ResourceType provided, ResourceType expected) =>
        Same(provided, expected) ? null : Mismatch($"expected a handle of resource `{expected.Name}`, found a different resource `{provided.Name}`");

    private string? Names(string what, Labels provided, Labels expected)
    {
        for (var i = 0; i < Math.Max(provided.Count, expected.Count); i++)
        {
            if (i >= provided.Count)
                return Mismatch($"missing {what} `{expected[i]}`");
            if (i >= expected.Count)
                return Mismatch($"unexpected {what} `{provided[i]}`");
            if (provided[i] != expected[i])
                return Mismatch($"expected {what} `{expected[i]}`, found `{provided[i]}`");
        }

        return null;
    }

    private string? Parts(IReadOnlyList<ValType?> provided, IReadOnlyList<ValType?> expected, Func<int, string> place)
    {
        for (var i = 0; i < expected.Count; i++)
        {
            var (p, e) = (provided[i], expected[i]);
            if (p is null && e is null)
                continue;
            _path.Push(place(i));
            var reason = p is null || e is null
                ? Mismatch($"expected {(e is null ? "no payload" : $"`{Brief(e)}`")}, found {(p is null ? "none" : $"`{Brief(p)}`")}")
                : Value(p, e);
            if (reason is not null)
                return reason;
            _path.Pop();
        }

        return null;
    }

    private string? In<T>(string place, T provided, T expected, Func<T, T, string?> check)
    {
        _path.Push(place);
        var reason = check(provided, expected);
        if (reason is null)
            _path.Pop();
        return reason;
    }

    /// <summary>The message followed by where it is, innermost first.</summary>
    private string Mismatch(string message) => _path.Count == 0 ? message : $"{message} in {string.Join(" of ", _path)}";

    private static string Asyncness(FuncType type) => type.IsAsync ? "an async" : "a sync";

    private static string Article(string kind) => kind is "instance" ? $"an {kind}" : $"a {kind}";

    private static string Brief(object type)
    {
        var text = type.ToString() ?? "";
        return text.Length <= 160 ? text : string.Concat(text.AsSpan(0, 157), "...");
    }
}
