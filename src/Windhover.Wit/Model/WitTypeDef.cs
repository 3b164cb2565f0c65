namespace Windhover.Wit.Model;

/// <summary>
/// A type with a name: record, variant, enum, flags, resource, or an alias. Owned by the interface or world it was added to.
/// </summary>
public abstract class WitTypeDef : WitType
{
    private protected WitTypeDef(string name) => Name = NotNull(name, nameof(name));

    /// <summary>The name in kebab case, unique in <see cref="Owner"/>.</summary>
    public string Name { get; }

    /// <summary>
    /// The interface or world that declares the name; set by <see cref="WitInterface.Add(WitTypeDef)"/> or
    /// <see cref="WitWorld.AddImport"/>.
    /// </summary>
    public WitScope? Owner { get; internal set; }

    /// <summary>The documentation, without comment marks; <see langword="null"/> when there is none.</summary>
    public string? Docs { get; init; }

    public WitStability Stability { get; init; } = WitStability.None;

    /// <summary>The text of <c>@external-id</c>, or <see langword="null"/>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Where the name was declared.</summary>
    public WitSpan Span { get; init; }

    /// <summary>The definition at the end of a chain of aliases of named types: itself, unless this is an alias of another name.</summary>
    public WitTypeDef Definition
    {
        get
        {
            var current = this;
            while (current is WitAlias { Target: WitTypeDef next })
                current = next;
            return current;
        }
    }

    /// <summary>True when this name stands for a resource, directly or through aliases.</summary>
    public bool IsResource => Definition is WitResource;

    /// <summary>The name with its owner's, for messages.</summary>
    public override string ToString() => Owner is null ? Name : $"{Owner}#{Name}";
}

/// <summary>One field of a record.</summary>
public sealed class WitField(string name, WitType type)
{
    public string Name { get; } = name;

    public WitType Type { get; } = type;

    public string? Docs { get; init; }

    public WitSpan Span { get; init; }
}

/// <summary>One case of a variant, with or without a payload.</summary>
public sealed class WitCase(string name, WitType? type)
{
    public string Name { get; } = name;

    /// <summary>The payload, or <see langword="null"/>.</summary>
    public WitType? Type { get; } = type;

    public string? Docs { get; init; }

    public WitSpan Span { get; init; }
}

/// <summary>One case of an enum, or one bit of a flags type.</summary>
public sealed class WitLabel(string name)
{
    public string Name { get; } = name;

    public string? Docs { get; init; }

    public WitSpan Span { get; init; }
}

/// <summary><c>record name { field: type, … }</c></summary>
public sealed class WitRecord : WitTypeDef
{
    public WitRecord(string name, IReadOnlyList<WitField> fields)
        : base(name)
    {
        Fields = NotNull(fields, nameof(fields));
        foreach (var field in fields)
            Contain(field.Type);
    }

    public IReadOnlyList<WitField> Fields { get; }
}

/// <summary><c>variant name { case, case(type), … }</c></summary>
public sealed class WitVariant : WitTypeDef
{
    public WitVariant(string name, IReadOnlyList<WitCase> cases)
        : base(name)
    {
        Cases = NotNull(cases, nameof(cases));
        foreach (var item in cases)
            Contain(item.Type);
    }

    public IReadOnlyList<WitCase> Cases { get; }
}

/// <summary><c>enum name { case, … }</c></summary>
public sealed class WitEnum(string name, IReadOnlyList<WitLabel> cases) : WitTypeDef(name)
{
    public IReadOnlyList<WitLabel> Cases { get; } = NotNull(cases, nameof(cases));
}

/// <summary><c>flags name { flag, … }</c></summary>
public sealed class WitFlags(string name, IReadOnlyList<WitLabel> labels) : WitTypeDef(name)
{
    public IReadOnlyList<WitLabel> Labels { get; } = NotNull(labels, nameof(labels));
}

/// <summary><c>resource name { … }</c>. Its functions are functions of the interface (or imports of the world) that declares it.</summary>
public sealed class WitResource(string name) : WitTypeDef(name)
{
    private readonly List<WitFunction> _functions = [];

    /// <summary>Constructor, methods and static functions in declaration order; filled when they are added to the owner.</summary>
    public IReadOnlyList<WitFunction> Functions => _functions;

    internal void Attach(WitFunction function) => _functions.Add(function);
}

/// <summary>
/// <c>type name = target</c>, or a name brought in by <c>use</c>. When the target is a <see cref="WitTypeDef"/> the alias is a second name
/// for it (also for a resource: an alias of a resource is a resource); a handle type is spelled <see cref="WitOwnType"/>.
/// </summary>
public sealed class WitAlias : WitTypeDef
{
    // An alias counts as nesting too: whoever walks types may follow chains of aliases by recursion.
    public WitAlias(string name, WitType target)
        : base(name) => Contain(Target = NotNull(target, nameof(target)));

    public WitType Target { get; }

    /// <summary>True when the name came in by <c>use</c>: its target is owned by another interface.</summary>
    public bool IsUse => Target is WitTypeDef def && def.Owner is not null && !ReferenceEquals(def.Owner, Owner);
}
