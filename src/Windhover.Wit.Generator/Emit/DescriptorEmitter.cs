using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

/// <summary>
/// Writes the component-model type of each function, for the linker to compare with what a component declares. A method per function and per
/// named type, so that only what a component imports is ever built; a named type is built once.
/// </summary>
internal sealed class DescriptorEmitter(TypeMapper types, Direction from)
{
    private readonly HelperSet _helpers = new();
    private readonly TypeKey _keys = new(types, from);

    /// <summary>The method that makes a function's type.</summary>
    public string Function(WitFunction function, string name)
    {
        string method = _helpers.Get($"function|{function.CanonicalName}", "Func" + name, (writer, helper) =>
        {
            writer.Line($"public static {Names.Types}FuncType {helper}() => new(").Line("    [");
            foreach (WitParameter parameter in function.Parameters)
                writer.Line($"        new {Names.Types}Field({CodeWriter.Literal(parameter.Name)}, {Type(parameter.Type)}),");
            writer.Line($"    ], {(function.Result is null ? "null" : Type(function.Result))}{(function.IsAsync ? ", isAsync: true" : "")});");
        });
        return $"{Names.Descriptors}.{method}";
    }

    public void Emit(CodeWriter writer)
    {
        if (_helpers.IsEmpty)
            return;
        using (writer.Block($"file static class {Names.Descriptors}"))
            _helpers.WriteAll(writer, first: true);
    }

    /// <summary>An expression for the type of a stream or future, made once.</summary>
    public string ChannelType(WitType type) => $"{Names.Descriptors}.{Channel(type)}()";

    private string Channel(WitType type) => _helpers.Get($"channel|{_keys.Signature(type)}", TypeKey.Mangle(type), (writer, name) =>
    {
        string kind = $"{Names.Types}{(type is WitStreamType ? "StreamType" : "FutureType")}";
        writer.Line($"private static {kind}? s_{name};").Line();
        writer.Line($"public static {kind} {name}() => s_{name} ??= new({Optional(TypeFacts.ChannelItem(type))});");
    });

    private string Type(WitType type)
    {
        type = TypeFacts.Resolve(type);
        return type switch
        {
            WitPrimitive p => $"{Names.Types}PrimitiveType.{CSharpNames.Pascal(p.Name)}",
            WitListType l => $"new {Names.Types}ListType({Type(l.Element)})",
            WitFixedListType f => $"new {Names.Types}ListType({Type(f.Element)}, {f.Length})",
            WitOptionType o => $"new {Names.Types}OptionType({Type(o.Element)})",
            WitResultType r => $"new {Names.Types}ResultType({Optional(r.Ok)}, {Optional(r.Error)})",
            WitTupleType t => $"new {Names.Types}TupleType([{string.Join(", ", t.Elements.Select(Type))}])",
            WitMapType m => $"new {Names.Types}MapType({Type(m.Key)}, {Type(m.Value)})",
            WitOwnType own => $"new {Names.Types}OwnType({Resource(own.Resource)})",
            WitBorrowType borrow => $"new {Names.Types}BorrowType({Resource(borrow.Resource)})",
            WitStreamType or WitFutureType => Channel(type) + "()",
            WitTypeDef def => Named(def) + "()",
            _ => throw new InvalidOperationException($"{type} has no descriptor."),
        };
    }

    private string Optional(WitType? type) => type is null ? "null" : Type(type);

    private string Resource(WitTypeDef resource)
    {
        var definition = (WitResource)resource.Definition;
        return types.Owner(definition, from).ResourceIdentity(definition);
    }

    private string Named(WitTypeDef def) => _helpers.Get($"type|{_keys.Signature(def)}", TypeKey.Mangle(def), (writer, name) =>
    {
        string kind = $"{Names.Types}{def.GetType().Name.Substring(3)}Type"; // WitRecord → RecordType
        writer.Line($"private static {kind}? s_{name};").Line();
        writer.Line($"private static {kind} {name}() => s_{name} ??= new {kind}([");
        foreach (string part in Definition(def))
            writer.Line($"    {part},");
        writer.Line("]);");
    });

    private IEnumerable<string> Definition(WitTypeDef def) => def switch
    {
        WitRecord record => record.Fields.Select(f => $"new {Names.Types}Field({CodeWriter.Literal(f.Name)}, {Type(f.Type)})"),
        WitVariant variant => variant.Cases.Select(c => $"new {Names.Types}Case({CodeWriter.Literal(c.Name)}, {Optional(c.Type)})"),
        WitEnum @enum => @enum.Cases.Select(c => CodeWriter.Literal(c.Name)),
        WitFlags flags => flags.Labels.Select(l => CodeWriter.Literal(l.Name)),
        _ => throw new InvalidOperationException($"{def} has no descriptor."),
    };
}
