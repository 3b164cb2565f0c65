using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Binding;

/// <summary>Which C# stands for a list.</summary>
internal enum Style
{
    /// <summary>What the host gives, and what named types hold: <c>ReadOnlyMemory</c> of numbers, <c>IReadOnlyList</c> of others.</summary>
    Data,

    /// <summary>What a guest gave: arrays, the receiver's to keep.</summary>
    Given,
}

/// <summary>The C# type of each WIT type. docs/bindings.md, "Types", is the table.</summary>
internal sealed class TypeMapper(BindingGraph graph)
{
    public const string Bindings = "global::Windhover.Components.Bindings.";
    private const string Async = "global::Windhover.Components.Async.";
    private const string Collections = "global::System.Collections.Generic.";

    public string Map(WitType type, Direction from, Style style)
    {
        type = TypeFacts.Resolve(type);
        switch (type)
        {
            case WitPrimitive p:
                return Primitive(p.Kind);
            case WitListType l when TypeFacts.Blittable(l.Element) is { } element:
                return style == Style.Given ? element + "[]" : $"global::System.ReadOnlyMemory<{element}>";
            case WitListType l:
                return Sequence(l.Element, from, style);
            case WitFixedListType f:
                return Sequence(f.Element, from, style);
            case WitOptionType o:
                string inner = Map(o.Element, from, style);
                return TypeFacts.IsOption(o.Element) ? $"{Bindings}Option<{inner}>" : inner + "?";
            case WitResultType r:
                return $"{Bindings}Result<{Payload(r.Ok, from, style)}, {Payload(r.Error, from, style)}>";
            case WitTupleType { Elements.Count: 1 } t:
                return $"global::System.ValueTuple<{Map(t.Elements[0], from, style)}>";
            case WitTupleType t:
                return $"({string.Join(", ", t.Elements.Select(e => Map(e, from, style)))})";
            case WitMapType m:
                string name = style == Style.Given ? "Dictionary" : "IReadOnlyDictionary";
                return $"{Collections}{name}<{Map(m.Key, from, style)}, {Map(m.Value, from, style)}>";
            case WitOwnType own:
                return Named(own.Resource.Definition, from);
            case WitBorrowType borrow:
                return Named(borrow.Resource.Definition, from);
            case WitStreamType s when TypeFacts.IsUntyped(s):
                return Async + (style == Style.Given ? "GuestStreamReader" : "HostStream");
            case WitStreamType s:
                return $"{Async}{(style == Style.Given ? "GuestStreamReader" : "HostStream")}<{Map(s.Element!, from, style)}>";
            case WitFutureType f:
                return $"{Async}{(style == Style.Given ? "GuestFuture" : "HostFuture")}<{Payload(f.Element, from, style)}>";
            case WitTypeDef def:
                return Named(def, from);
            default:
                throw new InvalidOperationException($"{type} has no C# type.");
        }
    }

    /// <summary>The payload of a result, <c>Unit</c> when absent.</summary>
    public string Payload(WitType? type, Direction from, Style style) => type is null ? Bindings + "Unit" : Map(type, from, style);

    /// <summary>A parameter's type: a list of numbers is a span, of the guest's memory or of the host's.</summary>
    public string Parameter(WitType type, Direction from, bool isAsync) =>
        !isAsync && SpanElement(type) is { } element
            ? $"global::System.ReadOnlySpan<{element}>"
            : Map(type, from, from == Direction.Import ? Style.Given : Style.Data);

    /// <summary>The element of a parameter that is passed as a span; null when it is not.</summary>
    public static string? SpanElement(WitType type) => TypeFacts.Resolve(type) is WitListType list ? TypeFacts.Blittable(list.Element) : null;

    /// <summary>The style of what a function returns: the host gives to an import, the guest to an export.</summary>
    public static Style ResultStyle(Direction from) => from == Direction.Import ? Style.Data : Style.Given;

    /// <summary>The return type, under the world's style of results.</summary>
    public string Return(WitFunction function, Direction from, bool exceptions)
    {
        string? value = function.Result is null ? null
            : exceptions && TypeFacts.Resolve(function.Result) is WitResultType r ? (r.Ok is null ? null : Map(r.Ok, from, ResultStyle(from)))
            : Map(function.Result, from, ResultStyle(from));
        const string Task = "global::System.Threading.Tasks.ValueTask";
        return function.IsAsync ? (value is null ? Task : $"{Task}<{value}>") : value ?? "void";
    }

    public string Named(WitTypeDef type, Direction from) => graph.Owner(type, from).FullTypeName(type);

    public BoundScope Owner(WitTypeDef type, Direction from) => graph.Owner(type, from);

    public static string Primitive(WitPrimitiveKind kind) => kind switch
    {
        WitPrimitiveKind.Bool => "bool",
        WitPrimitiveKind.U8 => "byte",
        WitPrimitiveKind.S8 => "sbyte",
        WitPrimitiveKind.U16 => "ushort",
        WitPrimitiveKind.S16 => "short",
        WitPrimitiveKind.U32 => "uint",
        WitPrimitiveKind.S32 => "int",
        WitPrimitiveKind.U64 => "ulong",
        WitPrimitiveKind.S64 => "long",
        WitPrimitiveKind.F32 => "float",
        WitPrimitiveKind.F64 => "double",
        WitPrimitiveKind.Char => "global::System.Text.Rune",
        WitPrimitiveKind.String => "string",
        WitPrimitiveKind.ErrorContext => Async + "ErrorContext",
        _ => throw new InvalidOperationException($"{kind} has no C# type."),
    };

    /// <summary>The function's name in the C# interface or client.</summary>
    public static string FunctionName(WitFunction function)
    {
        string name = function.Kind switch
        {
            WitFunctionKind.Constructor => "Create" + CSharpNames.Pascal(function.Resource!.Name),
            WitFunctionKind.Static => CSharpNames.Pascal(function.Resource!.Name) + CSharpNames.Pascal(function.Name),
            _ => CSharpNames.Method(function.Name),
        };
        return function.IsAsync ? name + "Async" : name;
    }

    private string Sequence(WitType element, Direction from, Style style)
    {
        string inner = Map(element, from, style);
        return style == Style.Data ? $"{Collections}IReadOnlyList<{inner}>" : inner + "[]";
    }
}
