using Windhover.Components.Types;

namespace Windhover.Components.Binary;

/// <summary>Component-level types: Binary.md, "Type Definitions".</summary>
internal static class TypeDecoder
{
    public static TypeDef Definition(ref BinaryCursor c)
    {
        var offset = c.Position;
        return new TypeDef(Type(ref c)) { Offset = offset };
    }

    /// <summary>A primitive (one byte with the sign bit of a one-byte LEB128) or a type index (a non-negative 33-bit LEB128).</summary>
    public static ValTypeRef ValType(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.S33("a value type");
        if (code >= 0)
            return code <= int.MaxValue ? ValTypeRef.At((int)code) : throw c.FailAt(offset, $"type index {code} is out of range");
        var primitive = code >= -64 ? (byte)(code & 0x7f) : (byte)0;
        return PrimitiveKinds.IsPrimitive(primitive)
            ? ValTypeRef.Of((PrimitiveKind)primitive)
            : throw c.FailAt(offset, $"unknown value type {code}");
    }

    /// <summary><c>resultlist</c>: 0 and a type, or 1 and an empty vector.</summary>
    public static ValTypeRef? ResultList(ref BinaryCursor c)
    {
        if (!c.Flag("a result list"))
            return ValType(ref c);
        c.Expect(0, "the number of named results");
        return null;
    }

    private static TypeExpr Type(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("a type");
        if (PrimitiveKinds.IsPrimitive(code))
            return new TypeExpr.Primitive((PrimitiveKind)code);
        switch (code)
        {
            case 0x72:
                return new TypeExpr.Record(NonEmpty(ref c, offset, "record fields", c.Vector("record fields", Field)));
            case 0x71:
                return new TypeExpr.Variant(NonEmpty(ref c, offset, "variant cases", c.Vector("variant cases", Case)));
            case 0x70:
                return new TypeExpr.List(ValType(ref c), null);
            case 0x67:
                return new TypeExpr.List(ValType(ref c), c.U32("the length of a list"));
            case 0x6f:
                return new TypeExpr.Tuple(NonEmpty(ref c, offset, "tuple elements", c.Vector("tuple elements", ValType)));
            case 0x6e:
                return new TypeExpr.Flags(NonEmpty(ref c, offset, "flags", c.Vector("flags", Label)));
            case 0x6d:
                return new TypeExpr.Enum(NonEmpty(ref c, offset, "enum cases", c.Vector("enum cases", Label)));
            case 0x6b:
                return new TypeExpr.Option(ValType(ref c));
            case 0x6a:
                return new TypeExpr.Result(c.Optional("an ok type", ValType), c.Optional("an error type", ValType));
            case 0x69:
                return new TypeExpr.Own(c.Index("a resource type index"));
            case 0x68:
                return new TypeExpr.Borrow(c.Index("a resource type index"));
            case 0x66:
                return new TypeExpr.Stream(c.Optional("a stream element type", ValType));
            case 0x65:
                return new TypeExpr.Future(c.Optional("a future element type", ValType));
            case 0x63:
                return new TypeExpr.Map(ValType(ref c), ValType(ref c));
            case 0x3f:
                return new TypeExpr.Resource(Representation(ref c), c.Optional("a destructor", CoreFuncIndex));
            case 0x40:
            case 0x43:
                return new TypeExpr.Func(code == 0x43, c.Vector("parameters", Field), ResultList(ref c));
            case 0x41:
                return new TypeExpr.Component(Declarators(ref c, ComponentDecl));
            case 0x42:
                return new TypeExpr.Instance(Declarators(ref c, InstanceDecl));
            default:
                throw c.FailAt(offset, $"unknown type 0x{code:x2}");
        }
    }

    private static List<Definition> Declarators(ref BinaryCursor c, BinaryCursor.Reader<Definition> read)
    {
        c.EnterNested();
        var decls = c.Vector("declarators", read);
        c.LeaveNested();
        return decls;
    }

    private static Definition ComponentDecl(ref BinaryCursor c)
    {
        if (c.Peek("a declarator") != 3)
            return InstanceDecl(ref c);
        c.U8("a declarator");
        return InstanceDecoder.Import(ref c);
    }

    private static Definition InstanceDecl(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("a declarator");
        return tag switch
        {
            0 => CoreTypeDecoder.Definition(ref c),
            1 => Definition(ref c),
            2 => InstanceDecoder.Alias(ref c),
            4 => new ExportDeclDef(InstanceDecoder.Name(ref c), InstanceDecoder.Desc(ref c)) { Offset = offset },
            3 => throw c.FailAt(offset, "an instance type cannot import"),
            _ => throw c.FailAt(offset, $"unknown declarator 0x{tag:x2}"),
        };
    }

    private static List<T> NonEmpty<T>(ref BinaryCursor c, int offset, string what, List<T> list) =>
        list.Count > 0 ? list : throw c.FailAt(offset, $"a type must have {what}, but it has none");

    private static CoreValueType Representation(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("the representation of a resource");
        return code is >= 0x7c and <= 0x7f
            ? (CoreValueType)code
            : throw c.FailAt(offset, $"a resource cannot be represented by core type 0x{code:x2}");
    }

    private static NamedValType Field(ref BinaryCursor c) => new(c.Name("a label"), ValType(ref c));

    private static CaseExpr Case(ref BinaryCursor c)
    {
        var result = new CaseExpr(c.Name("a label"), c.Optional("the type of a case", ValType));
        c.Expect(0, "the end of a variant case");
        return result;
    }

    private static string Label(ref BinaryCursor c) => c.Name("a label");

    private static int CoreFuncIndex(ref BinaryCursor c) => c.Index("a core function index");
}
