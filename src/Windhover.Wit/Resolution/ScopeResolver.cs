using System.Diagnostics.CodeAnalysis;
using Windhover.Wit.Model;
using Windhover.Wit.Syntax;

namespace Windhover.Wit.Resolution;

// Split by topic: this file keeps the names, brings in `use`d types, orders definitions and resolves functions;
// ScopeResolver.Types.cs builds the types.
/// <summary>Resolves the types and functions of one interface or world.</summary>
internal sealed partial class ScopeResolver(PackageResolver package, ResolveContext context, UnitSyntax file)
{
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
                CheckGates(definition);
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

    // What a resource that is left out contains must be left out with it.
    private void CheckGates(TypeDefSyntax resource)
    {
        foreach (var function in resource.Functions)
        {
            if (context.IsIncluded(function.Head.Stability, package.Package.Name, function.Name.Span))
            {
                context.Report(function.Name.Span,
                    $"`{function.Name.Text}` has no gate, but its resource is left out because its feature is not enabled",
                    "gate the function as its resource is gated");
            }
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
                context.Report(name.Span, $"the function has two parameters named `{name.Text}`",
                    "upper and lower case do not tell names apart");
            parameters.Add(new WitParameter(name.Text, ResolveType(type)) { Span = name.Span });
        }
        var result = syntax.Result is null ? null : ResolveType(syntax.Result);
        if (syntax.Kind == WitFunctionKind.Constructor)
            result = ConstructorResult(syntax, resource!, result);
        if (result is { ContainsBorrow: true })
            context.Report(syntax.Name.Span, $"the result of `{syntax.Name.Text}` contains a `borrow` handle",
                "a borrow ends with the call: return an owned handle");
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
            context.Report(syntax.Result!.Span, "a constructor that says what it returns must return a `result`",
                $"write `-> result<{resource.Name}, …>`, or nothing");
        else if (ok is not WitOwnType own || !ReferenceEquals(own.Resource, resource))
            context.Report((syntax.Result!.Arguments[0] ?? syntax.Result).Span,
                $"the constructor of `{resource.Name}` returns something else", $"write `-> result<{resource.Name}, …>`");
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
            context.Report(name.Span, $"`{name.Text}` is a function, and only types can be brought in by `use`",
                "import the interface to call its functions");
        else
            context.Report(name.Span, $"{target} has no type `{name.Text}`",
                ResolveContext.Suggest(name.Text, target.Types.Select(t => t.Name)));
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
                else if (context.Excluded.Contains((owner, reference.Name!)))
                    context.Report(reference.Span, ResolveContext.Excluding($"`{reference.Name}`"),
                        "gate this item as the one it refers to is gated");
            }
            needs.Add(list);
            references.Add(spans);
        }
        if (DependencyOrder.Sort(needs, out var cycle) is { } order)
            return order.ConvertAll(o => definitions[o]);
        var at = references[cycle.Node][cycle.Need];
        throw context.Abort(at.Span, $"type `{at.Name}` depends on itself",
            "types cannot be recursive: break the circle with a resource, or with an index into a list");
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
}
