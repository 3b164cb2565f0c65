using Windhover.Wit.Model;
using Windhover.Wit.Syntax;

namespace Windhover.Wit.Resolution;

internal sealed partial class ScopeResolver
{
    private const int MaxDepth = 200;
    private const int MaxSize = 1_000_000;

    private static readonly string[] s_builtIn =
    [
        .. Enumerable.Range(0, (int)WitPrimitiveKind.ErrorContext + 1).Select(k => WitPrimitive.Of((WitPrimitiveKind)k).Name),
        "list", "option", "result", "tuple", "stream", "future", "map",
    ];

    private WitTypeDef Define(TypeDefSyntax syntax, WitScope owner)
    {
        var (docs, stability, externalId, span) = (syntax.Head.Docs, syntax.Head.Stability, syntax.Head.ExternalId, syntax.Name.Span);
        var name = syntax.Name.Text;
        CheckParts(syntax);
        WitTypeDef type = syntax.Kind switch
        {
            TypeDefKind.Record => new WitRecord(name, syntax.Parts.ConvertAll(Field))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Variant => new WitVariant(name, syntax.Parts.ConvertAll(Case))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Enum => new WitEnum(name, syntax.Parts.ConvertAll(Label))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Flags => new WitFlags(name, syntax.Parts.ConvertAll(Label))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
            TypeDefKind.Resource => DefineResource(syntax),
            // An alias of a resource's name stays a resource; anywhere else the bare name means an owned handle.
            _ => new WitAlias(name, syntax.Target!.Shape == TypeShape.Name ? ResolveName(syntax.Target) : ResolveType(syntax.Target))
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = span },
        };
        CheckMeasure(type, span);
        return type;
    }

    private WitField Field(PartSyntax part) => new(part.Name.Text, ResolveType(part.Type!)) { Docs = part.Docs, Span = part.Name.Span };

    private WitCase Case(PartSyntax part) =>
        new(part.Name.Text, part.Type is null ? null : ResolveType(part.Type)) { Docs = part.Docs, Span = part.Name.Span };

    private static WitLabel Label(PartSyntax part) => new(part.Name.Text) { Docs = part.Docs, Span = part.Name.Span };

    private WitResource DefineResource(TypeDefSyntax syntax)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var function in syntax.Functions)
        {
            if (function.Kind == WitFunctionKind.Constructor && !seen.Add("(constructor)"))
                context.Report(function.Name.Span, "a resource has at most one constructor", "make the others static functions");
            else if (function.Kind != WitFunctionKind.Constructor && !seen.Add(function.Name.Text))
            {
                context.Report(function.Name.Span, $"the resource has two functions named `{function.Name.Text}`",
                    "methods and static functions share one set of names");
            }
        }
        return new WitResource(syntax.Name.Text)
        {
            Docs = syntax.Head.Docs,
            Stability = syntax.Head.Stability,
            ExternalId = syntax.Head.ExternalId,
            Span = syntax.Name.Span,
        };
    }

    private void CheckParts(TypeDefSyntax syntax)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in syntax.Parts)
        {
            if (!seen.Add(part.Name.Text))
                context.Report(part.Name.Span, $"`{syntax.Name.Text}` has two parts named `{part.Name.Text}`",
                    "upper and lower case do not tell names apart");
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
                    context.Report(syntax.Span, "this type cannot be the key of a map",
                        "a key is `bool`, `char`, `string` or one of the integers");
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
