using System.Diagnostics.CodeAnalysis;
using Windhover.Wit.Model;
using Windhover.Wit.Syntax;

namespace Windhover.Wit.Resolution;

/// <summary>Resolves the types and functions of one interface or world.</summary>
internal sealed class ScopeResolver(PackageResolver package, ResolveContext context, UnitSyntax file)
{
    private const int MaxDepth = 200;
    private const int MaxSize = 1_000_000;

    private static readonly string[] s_builtIn =
        [.. Enumerable.Range(0, (int)WitPrimitiveKind.ErrorContext + 1).Select(k => WitPrimitive.Of((WitPrimitiveKind)k).Name), "list", "option", "result", "tuple", "stream", "future", "map"];

    // Every name of the scope: its type, or null for a function and for what is left out.
    private readonly Dictionary<string, (WitTypeDef? Type, NameSyntax Name, bool IsFunction)> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _lowerCase = new(StringComparer.Ordinal);
    private readonly Dictionary<TypeDefSyntax, WitTypeDef> _declared = [];

    // Names whose `use` failed: that was reported, so what follows from it is not.
    private readonly HashSet<WitTypeDef> _poisoned = [];

    /// <summary>Brings in `use`d types, then defines the others, each after those it refers to.</summary>
    public void ResolveTypes(List<MemberSyntax> members, WitScope owner, Action<WitTypeDef> add)
    {
        foreach (var use in members.OfType<UseSyntax>())
            ResolveUse(use, owner, add);
        var definitions = new List<TypeDefSyntax>();
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var definition in members.OfType<TypeDefSyntax>())
        {
            if (!Declare(definition.Name, null, isFunction: false))
                continue;
            if (!context.IsIncluded(definition.Head.Stability, package.Package.Name, definition.Name.Span))
            {
                context.Excluded.Add((owner, definition.Name.Text));
                foreach (var function in definition.Functions.Where(f => context.IsIncluded(f.Head.Stability, package.Package.Name, f.Name.Span)))
                    context.Report(function.Name.Span, $"`{function.Name.Text}` has no gate, but its resource is left out because its feature is not enabled", "gate the function as its resource is gated");
                continue;
            }
            indexes.Add(definition.Name.Text, definitions.Count);
            definitions.Add(definition);
        }
        foreach (var definition in Order(definitions, indexes, owner))
        {
            var type = Define(definition, owner);
            _names[definition.Name.Text] = (type, definition.Name, false);
            _declared.Add(definition, type);
            add(type);
        }
    }

    public bool TryGetDeclared(TypeDefSyntax syntax, [NotNullWhen(true)] out WitTypeDef? type) => _declared.TryGetValue(syntax, out type);

    /// <summary>Claims the name of a freestanding function; false after reporting that it is taken.</summary>
    public bool DeclareFunction(FunctionSyntax function) => Declare(function.Name, null, isFunction: true);

    /// <summary>Resolves a function; <see langword="null"/> when its feature is off.</summary>
    public WitFunction? ResolveFunction(FunctionSyntax syntax, WitTypeDef? resource)
    {
        if (!context.IsIncluded(syntax.Head.Stability, package.Package.Name, syntax.Name.Span))
            return null;
        var parameters = new List<WitParameter>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (syntax.Kind == WitFunctionKind.Method)
        {
            parameters.Add(new WitParameter("self", new WitBorrowType(resource!)) { Span = syntax.Name.Span });
            seen.Add("self");
        }
        foreach (var (name, type) in syntax.Parameters)
        {
            if (!seen.Add(name.Text))
                context.Report(name.Span, $"the function has two parameters named `{name.Text}`", "upper and lower case do not tell names apart");
            parameters.Add(new WitParameter(name.Text, ResolveType(type)) { Span = name.Span });
        }
        var result = syntax.Result is null ? null : ResolveType(syntax.Result);
        if (syntax.Kind == WitFunctionKind.Constructor)
            result = ConstructorResult(syntax, resource!, result);
        if (result is { ContainsBorrow: true })
            context.Report(syntax.Name.Span, $"the result of `{syntax.Name.Text}` contains a `borrow` handle", "a borrow ends with the call: return an owned handle");
        return new WitFunction(syntax.Kind, resource, syntax.Name.Text, parameters, result)
        {
            IsAsync = syntax.IsAsync,
            Docs = syntax.Head.Docs,
            Stability = syntax.Head.Stability,
            ExternalId = syntax.Head.ExternalId,
            Span = syntax.Name.Span,
        };
    }

    private WitType ConstructorResult(FunctionSyntax syntax, WitTypeDef resource, WitType? result)
    {
        if (result is null)
            return new WitOwnType(resource);
        if (result is not WitResultType { Ok: var ok })
            context.Report(syntax.Result!.Span, "a constructor that says what it returns must return a `result`", $"write `-> result<{resource.Name}, …>`, or nothing");
        else if (ok is not WitOwnType own || !ReferenceEquals(own.Resource, resource))
            context.Report((syntax.Result!.Arguments[0] ?? syntax.Result).Span, $"the constructor of `{resource.Name}` returns something else", $"write `-> result<{resource.Name}, …>`");
        return result;
    }

    private void ResolveUse(UseSyntax use, WitScope owner, Action<WitTypeDef> add)
    {
        var included = context.IsIncluded(use.Head.Stability, package.Package.Name, use.From.Name.Span);
        var target = included ? package.FindInterface(use.From, file) : null;
        foreach (var (name, alias) in use.Names)
        {
            var type = target is null ? null : FindUsed(target, name);
            if (!Declare(alias, null, isFunction: false))
                continue;
            if (!included)
            {
                context.Excluded.Add((owner, alias.Text));
                continue;
            }
            var model = new WitAlias(alias.Text, (WitType?)type ?? WitPrimitive.U32) { Stability = use.Head.Stability, Span = name.Span };
            if (type is null)
                _poisoned.Add(model);
            _names[alias.Text] = (model, alias, false);
            CheckMeasure(model, name.Span);
            add(model);
        }
    }

    private WitTypeDef? FindUsed(WitInterface target, NameSyntax name)
    {
        if (target.TryGetType(name.Text, out var type))
            return type;
        if (context.Excluded.Contains((target, name.Text)))
            context.Report(name.Span, ResolveContext.Excluding($"`{name.Text}` of {target}"), "gate this `use` as the type is gated");
        else if (target.TryGetFunction(name.Text, out _))
            context.Report(name.Span, $"`{name.Text}` is a function, and only types can be brought in by `use`", "import the interface to call its functions");
        else
            context.Report(name.Span, $"{target} has no type `{name.Text}`", ResolveContext.Suggest(name.Text, target.Types.Select(t => t.Name)));
        return null;
    }

    private bool Declare(NameSyntax name, WitTypeDef? type, bool isFunction)
    {
        if (_names.TryGetValue(name.Text, out var other))
        {
            context.Report(name.Span, $"`{name.Text}` is declared twice", $"the other one is at {other.Name.Span}");
            return false;
        }
        var lower = name.Text.ToLowerInvariant();
        if (_lowerCase.TryGetValue(lower, out var similar))
            context.Report(name.Span, $"`{name.Text}` and `{similar}` differ only in case", "upper and lower case do not tell names apart");
        else
            _lowerCase.Add(lower, name.Text);
        _names.Add(name.Text, (type, name, isFunction));
        return true;
    }

    // ── order ──

    private List<TypeDefSyntax> Order(List<TypeDefSyntax> definitions, Dictionary<string, int> indexes, WitScope owner)
    {
        var needs = new List<IReadOnlyList<int>>();
        var references = new List<List<TypeSyntax>>();
        foreach (var definition in definitions)
        {
            var list = new List<int>();
            var spans = new List<TypeSyntax>();
            foreach (var reference in References(definition))
            {
                if (indexes.TryGetValue(reference.Name!, out var index))
                {
                    list.Add(index);
                    spans.Add(reference);
                }
                else if (_names.TryGetValue(reference.Name!, out var known) && known.Type is null && context.Excluded.Contains((owner, reference.Name!)))
                    context.Report(reference.Span, ResolveContext.Excluding($"`{reference.Name}`"), "gate this item as the one it refers to is gated");
            }
            needs.Add(list);
            references.Add(spans);
        }
        if (DependencyOrder.Sort(needs, out var cycle) is { } order)
            return order.ConvertAll(o => definitions[o]);
        var at = references[cycle.Node][cycle.Need];
        throw context.Abort(at.Span, $"type `{at.Name}` depends on itself", "types cannot be recursive: break the circle with a resource, or with an index into a list");
    }

    private static IEnumerable<TypeSyntax> References(TypeDefSyntax definition)
    {
        var pending = new Stack<TypeSyntax>();
        if (definition.Target is not null)
            pending.Push(definition.Target);
        for (var i = definition.Parts.Count - 1; i >= 0; i--)
        {
            if (definition.Parts[i].Type is { } type)
                pending.Push(type);
        }
        while (pending.Count > 0)
        {
            var type = pending.Pop();
            if (type.Name is not null)
                yield return type;
            for (var i = type.Arguments.Count - 1; i >= 0; i--)
            {
                if (type.Arguments[i] is { } argument)
                    pending.Push(argument);
            }
        }
    }

    // ── types ──

    private WitTypeDef Define(TypeDefSyntax syntax, WitScope owner)
    {
        var (docs, stability, externalId, span) = (syntax.Head.Docs, syntax.Head.Stability, syntax.Head.ExternalId, syntax.Name.Span);
        var name = syntax.Name.Text;
        CheckParts(syntax);
        WitTypeDef type = syntax.Kind switch
        {
            TypeDefKind.Record => new WitRecord(name, syntax.Parts.ConvertAll(p => new WitField(p.Name.Text, ResolveType(p.Type!)) { Docs = p.Docs, Span = p.Name.Span }))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Variant => new WitVariant(name, syntax.Parts.ConvertAll(p => new WitCase(p.Name.Text, p.Type is null ? null : ResolveType(p.Type)) { Docs = p.Docs, Span = p.Name.Span }))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Enum => new WitEnum(name, Labels(syntax)) { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Flags => new WitFlags(name, Labels(syntax)) { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Resource => DefineResource(syntax),
            // An alias of a resource's name stays a resource; anywhere else the bare name means an owned handle.
            _ => new WitAlias(name, syntax.Target!.Shape == TypeShape.Name ? ResolveName(syntax.Target) : ResolveType(syntax.Target))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
        };
        CheckMeasure(type, span);
        return type;
    }

    private static List<WitLabel> Labels(TypeDefSyntax syntax) =>
        syntax.Parts.ConvertAll(p => new WitLabel(p.Name.Text) { Docs = p.Docs, Span = p.Name.Span });

    private WitResource DefineResource(TypeDefSyntax syntax)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var function in syntax.Functions)
        {
            var isConstructor = function.Kind == WitFunctionKind.Constructor;
            if (!seen.Add(isConstructor ? "(constructor)" : function.Name.Text))
                context.Report(function.Name.Span, isConstructor ? "a resource has at most one constructor" : $"the resource has two functions named `{function.Name.Text}`",
                    isConstructor ? "make the others static functions" : "methods and static functions share one set of names");
        }
        return new WitResource(syntax.Name.Text)
        {
            Docs = syntax.Head.Docs, Stability = syntax.Head.Stability, ExternalId = syntax.Head.ExternalId, Span = syntax.Name.Span,
        };
    }

    private void CheckParts(TypeDefSyntax syntax)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in syntax.Parts)
        {
            if (!seen.Add(part.Name.Text))
                context.Report(part.Name.Span, $"`{syntax.Name.Text}` has two parts named `{part.Name.Text}`", "upper and lower case do not tell names apart");
        }
    }

    private void CheckMeasure(WitType type, WitSpan span)
    {
        if (type.Depth > MaxDepth)
            throw context.Abort(span, $"this type is nested more than {MaxDepth} deep", null);
        if (type.Size > MaxSize)
            throw context.Abort(span, $"this type is made of more than a million types", null);
    }

    /// <summary>A type where a value is meant: the bare name of a resource is an owned handle.</summary>
    private WitType ResolveType(TypeSyntax syntax)
    {
        var type = Shape(syntax);
        CheckMeasure(type, syntax.Span);
        return type;
    }

    private WitType Shape(TypeSyntax syntax)
    {
        switch (syntax.Shape)
        {
            case TypeShape.Primitive:
                return syntax.Primitive!;
            case TypeShape.Name:
                return ResolveName(syntax) is WitTypeDef def ? (def.IsResource ? new WitOwnType(def) : def) : WitPrimitive.U32;
            case TypeShape.Own or TypeShape.Borrow:
                return ResolveHandle(syntax);
            case TypeShape.Tuple:
                return new WitTupleType(syntax.Arguments.Select(a => ResolveType(a!)).ToList());
        }
        var first = syntax.Arguments.Count > 0 && syntax.Arguments[0] is { } a ? ResolveType(a) : null;
        var second = syntax.Arguments.Count > 1 && syntax.Arguments[1] is { } b ? ResolveType(b) : null;
        switch (syntax.Shape)
        {
            case TypeShape.List:
                return new WitListType(first!);
            case TypeShape.FixedList:
                return new WitFixedListType(first!, syntax.Length);
            case TypeShape.Option:
                return new WitOptionType(first!);
            case TypeShape.Result:
                return new WitResultType(first, second);
            case TypeShape.Stream:
                return new WitStreamType(first);
            case TypeShape.Future:
                return new WitFutureType(first);
            default:
                if (first is not WitPrimitive { Kind: not (WitPrimitiveKind.F32 or WitPrimitiveKind.F64 or WitPrimitiveKind.ErrorContext) })
                    context.Report(syntax.Span, "this type cannot be the key of a map", "a key is `bool`, `char`, `string` or one of the integers");
                return new WitMapType(first!, second!);
        }
    }

    private WitType ResolveHandle(TypeSyntax syntax)
    {
        if (ResolveName(syntax) is not WitTypeDef def)
            return WitPrimitive.U32;
        if (!def.IsResource)
        {
            if (!_poisoned.Contains(def.Definition))
                context.Report(syntax.Span, $"`{syntax.Name}` is not a resource", "only resources have handles");
            return WitPrimitive.U32;
        }
        return syntax.Shape == TypeShape.Own ? new WitOwnType(def) : new WitBorrowType(def);
    }

    private WitType ResolveName(TypeSyntax syntax)
    {
        var name = syntax.Name!;
        if (!_names.TryGetValue(name, out var found))
        {
            var help = name switch
            {
                "float32" => "the type is called `f32`",
                "float64" => "the type is called `f64`",
                "unit" => "leave the type out",
                "expected" => "the type is called `result`",
                _ => ResolveContext.Suggest(name, _names.Where(n => !n.Value.IsFunction).Select(n => n.Key), s_builtIn),
            };
            context.Report(syntax.Span, $"there is no type `{name}` here", help);
        }
        else if (found.IsFunction)
            context.Report(syntax.Span, $"`{name}` is a function, not a type", null);
        else if (found.Type is null)
            context.Report(syntax.Span, ResolveContext.Excluding($"`{name}`"), "gate this item as the one it refers to is gated");
        return found.Type is null ? WitPrimitive.U32 : found.Type;
    }
}
