using System.Text;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

/// <summary>Tells types apart by structure and gives each a readable name for its helpers.</summary>
internal sealed class TypeKey(TypeMapper types, Direction from)
{
    /// <summary>Equal for two types exactly when the same helper serves both.</summary>
    public string Signature(WitType type)
    {
        type = TypeFacts.Resolve(type);
        return type switch
        {
            WitPrimitive p => p.Name,
            WitListType l => $"list<{Signature(l.Element)}>",
            WitFixedListType f => $"list<{Signature(f.Element)},{f.Length}>",
            WitOptionType o => $"option<{Signature(o.Element)}>",
            WitResultType r => $"result<{Optional(r.Ok)},{Optional(r.Error)}>",
            WitTupleType t => $"tuple<{string.Join(",", t.Elements.Select(Signature))}>",
            WitMapType m => $"map<{Signature(m.Key)},{Signature(m.Value)}>",
            WitOwnType own => $"own<{types.Named(own.Resource.Definition, from)}>",
            WitBorrowType borrow => $"borrow<{types.Named(borrow.Resource.Definition, from)}>",
            WitStreamType s => $"stream<{Optional(s.Element)}>",
            WitFutureType f => $"future<{Optional(f.Element)}>",
            WitTypeDef def => types.Named(def, from),
            _ => throw new InvalidOperationException($"{type} has no glue."),
        };
    }

    /// <summary>A C# identifier for the type, not necessarily unique: <c>ListOfTuple2OfStringString</c>.</summary>
    public static string Mangle(WitType type)
    {
        type = TypeFacts.Resolve(type);
        return type switch
        {
            WitPrimitive p => CSharpNames.Pascal(p.Name),
            WitListType l => "ListOf" + Mangle(l.Element),
            WitFixedListType f => $"List{f.Length}Of{Mangle(f.Element)}",
            WitOptionType o => "OptionOf" + Mangle(o.Element),
            WitResultType r => $"ResultOf{(r.Ok is null ? "Unit" : Mangle(r.Ok))}Or{(r.Error is null ? "Unit" : Mangle(r.Error))}",
            WitTupleType t => t.Elements.Aggregate(new StringBuilder($"Tuple{t.Elements.Count}Of"), (text, e) => text.Append(Mangle(e))).ToString(),
            WitMapType m => $"MapOf{Mangle(m.Key)}To{Mangle(m.Value)}",
            WitOwnType own => "Own" + CSharpNames.Pascal(own.Resource.Definition.Name),
            WitBorrowType borrow => "Borrow" + CSharpNames.Pascal(borrow.Resource.Definition.Name),
            WitStreamType s => "StreamOf" + (s.Element is null ? "Unit" : Mangle(s.Element)),
            WitFutureType f => "FutureOf" + (f.Element is null ? "Unit" : Mangle(f.Element)),
            WitTypeDef def => CSharpNames.Pascal(def.Name),
            _ => throw new InvalidOperationException($"{type} has no glue."),
        };
    }

    private string Optional(WitType? type) => type is null ? "_" : Signature(type);
}
