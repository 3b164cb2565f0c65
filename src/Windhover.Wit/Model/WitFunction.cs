namespace Windhover.Wit.Model;

/// <summary>How a function is reached.</summary>
public enum WitFunctionKind
{
    /// <summary>A plain function of an interface or world.</summary>
    Freestanding,

    /// <summary>A method: the first parameter is <c>self: borrow&lt;resource&gt;</c>.</summary>
    Method,

    /// <summary>A static function of a resource.</summary>
    Static,

    /// <summary>The constructor of a resource; it returns <c>own&lt;resource&gt;</c> or a <c>result</c> of it.</summary>
    Constructor,
}

/// <summary>One parameter of a function.</summary>
public sealed class WitParameter(string name, WitType type)
{
    public string Name { get; } = name;

    public WitType Type { get; } = type;

    public WitSpan Span { get; init; }
}

/// <summary>A function of an interface, a world or a resource, desugared as in WIT.md "Item: resource".</summary>
public sealed class WitFunction
{
    /// <summary>Makes a freestanding function.</summary>
    /// <param name="name">The name in kebab case.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="result">The result, or <see langword="null"/>.</param>
    public WitFunction(string name, IReadOnlyList<WitParameter> parameters, WitType? result)
        : this(WitFunctionKind.Freestanding, null, name, parameters, result)
    {
    }

    /// <summary>Makes a function of any kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="resource">The resource; <see langword="null"/> exactly for a freestanding function.</param>
    /// <param name="name">The name in kebab case without the resource's; ignored for a constructor.</param>
    /// <param name="parameters">All parameters; a method's begin with <c>self</c>.</param>
    /// <param name="result">The result, or <see langword="null"/>; a constructor always has one.</param>
    /// <exception cref="ArgumentException">Kind and resource do not fit each other.</exception>
    public WitFunction(WitFunctionKind kind, WitTypeDef? resource, string name, IReadOnlyList<WitParameter> parameters, WitType? result)
    {
        if ((kind == WitFunctionKind.Freestanding) != (resource is null))
            throw new ArgumentException("A freestanding function has no resource; every other kind has one.", nameof(resource));
        Kind = kind;
        Resource = resource;
        Name = kind == WitFunctionKind.Constructor ? "constructor" : name ?? throw new ArgumentNullException(nameof(name));
        Parameters = parameters ?? throw new ArgumentNullException(nameof(parameters));
        Result = result;
    }

    public WitFunctionKind Kind { get; }

    /// <summary>The resource that the function belongs to; <see langword="null"/> for a freestanding function.</summary>
    public WitTypeDef? Resource { get; }

    /// <summary>The name as written: <c>read</c> for <c>[method]input-stream.read</c>, <c>constructor</c> for a constructor.</summary>
    public string Name { get; }

    /// <summary>
    /// The name in the component: <c>run</c>, <c>[method]input-stream.read</c>, <c>[static]fields.from-list</c>,
    /// <c>[constructor]fields</c>.
    /// </summary>
    public string CanonicalName => Kind switch
    {
        WitFunctionKind.Method => $"[method]{Resource!.Name}.{Name}",
        WitFunctionKind.Static => $"[static]{Resource!.Name}.{Name}",
        WitFunctionKind.Constructor => $"[constructor]{Resource!.Name}",
        _ => Name,
    };

    /// <summary>All parameters; those of a method begin with <c>self</c>.</summary>
    public IReadOnlyList<WitParameter> Parameters { get; }

    /// <summary>The result, or <see langword="null"/>.</summary>
    public WitType? Result { get; }

    /// <summary>True for <c>async func</c>: callers should use the asynchronous ABI.</summary>
    public bool IsAsync { get; init; }

    public string? Docs { get; init; }

    public WitStability Stability { get; init; } = WitStability.None;

    /// <summary>The text of <c>@external-id</c>, or <see langword="null"/>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Where the name was declared.</summary>
    public WitSpan Span { get; init; }

    /// <inheritdoc/>
    public override string ToString() => CanonicalName;
}
