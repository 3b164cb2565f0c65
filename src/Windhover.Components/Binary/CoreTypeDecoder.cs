namespace Windhover.Components.Binary;

/// <summary>
/// Core types and module types as components define them: Binary.md, <c>core:type</c>; the rest is core WebAssembly 3.0, "Types".
/// <code>
///   0x60 func   0x5f struct   0x5e array   0x4f sub final   0x00 0x50 sub   0x4e rec   0x50 module   (0x65 shared is not read)
/// </code>
/// </summary>
internal static class CoreTypeDecoder
{
    public static CoreTypeDef Definition(ref BinaryCursor c)
    {
        var offset = c.Position;
        return new CoreTypeDef(Type(ref c)) { Offset = offset };
    }

    public static CoreValType ValType(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("a core value type");
        return code switch
        {
            >= 0x7b and <= 0x7f or >= 0x68 and <= 0x75 => new CoreValType(code),
            0x63 or 0x64 => new CoreValType(code, HeapType(ref c)),
            _ => throw c.FailAt(offset, $"unknown core value type 0x{code:x2}"),
        };
    }

    /// <summary>An import of a core module or module type.</summary>
    public static CoreModuleDecl.Import Import(ref BinaryCursor c) =>
        new(c.Name("an import's module"), c.Name("an import's name"), ExternType(ref c));

    private static CoreTypeExpr Type(ref BinaryCursor c)
    {
        switch (c.Peek("a core type"))
        {
            case 0x50:
                c.U8("a core type");
                c.EnterNested();
                var decls = c.Vector("module declarators", ModuleDecl);
                c.LeaveNested();
                return new CoreTypeExpr.Module(decls);
            case 0x4e:
                c.U8("a core type");
                return new CoreTypeExpr.Rec(c.Vector("types of a recursive group", SubType));
            case 0x00:
                c.U8("a core type");
                if (c.Peek("a sub type") != 0x50)
                    throw c.Fail("0x00 must be followed by 0x50 (a sub type)");
                return SubType(ref c);
            default:
                return SubType(ref c);
        }
    }

    private static CoreTypeExpr SubType(ref BinaryCursor c)
    {
        var code = c.Peek("a core type");
        if (code is not (0x50 or 0x4f))
            return CompositeType(ref c);
        c.U8("a core type");
        return new CoreTypeExpr.Sub(code == 0x4f, c.Vector("super types", TypeIndex), CompositeType(ref c));
    }

    private static CoreTypeExpr CompositeType(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("a core type");
        return code switch
        {
            0x60 => new CoreTypeExpr.Func(c.Vector("core parameters", ValType), c.Vector("core results", ValType)),
            0x5f => new CoreTypeExpr.Struct(c.Vector("fields", FieldType)),
            0x5e => new CoreTypeExpr.Array(FieldType(ref c)),
            0x5d => new CoreTypeExpr.Cont(HeapType(ref c)),
            _ => throw c.FailAt(offset, $"unknown core type 0x{code:x2}"),
        };
    }

    private static CoreFieldType FieldType(ref BinaryCursor c)
    {
        var type = c.Peek("a field type") is 0x78 or 0x77 ? new CoreValType(c.U8("a field type")) : ValType(ref c);
        return new CoreFieldType(type, c.Flag("the mutability of a field"));
    }

    private static CoreModuleDecl ModuleDecl(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("a module declarator");
        switch (tag)
        {
            case 0:
                return Import(ref c);
            case 1:
                return new CoreModuleDecl.TypeDecl(Type(ref c));
            case 2:
                c.Expect(0x10, "the sort of a core alias (only types)");
                c.Expect(0x01, "the target of a core alias (only outer)");
                return new CoreModuleDecl.Alias(c.Index("an outer alias count"), c.Index("an outer alias index"));
            case 3:
                return new CoreModuleDecl.Export(c.Name("an export's name"), ExternType(ref c));
            default:
                throw c.FailAt(offset, $"unknown module declarator 0x{tag:x2}");
        }
    }

    private static CoreExternType ExternType(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("the type of a core import or export");
        switch (code)
        {
            case 0:
            case 0x20:
                return new CoreExternType.Func(c.Index("a core type index"));
            case 1:
                return new CoreExternType.Table(ValType(ref c), Limits(ref c));
            case 2:
                return new CoreExternType.Memory(Limits(ref c));
            case 3:
                return new CoreExternType.Global(ValType(ref c), c.U8("the mutability of a global"));
            case 4:
                c.Expect(0, "the attribute of a tag");
                return new CoreExternType.Tag(c.Index("a core type index"));
            default:
                throw c.FailAt(offset, $"unknown type of core import or export 0x{code:x2}");
        }
    }

    private static CoreLimits Limits(ref BinaryCursor c)
    {
        var offset = c.Position;
        var flags = c.U8("limits");
        if (flags > 0x0f)
            throw c.FailAt(offset, $"unknown limits 0x{flags:x2}");
        var minimum = (flags & 4) != 0 ? c.U64("a minimum") : c.U32("a minimum");
        ulong? maximum = (flags & 1) == 0 ? null : (flags & 4) != 0 ? c.U64("a maximum") : c.U32("a maximum");
        return new CoreLimits(flags, minimum, maximum, (flags & 8) != 0 ? c.Index("a page size") : null);
    }

    private static long HeapType(ref BinaryCursor c) => c.S33("a heap type");

    private static int TypeIndex(ref BinaryCursor c) => c.Index("a core type index");
}
