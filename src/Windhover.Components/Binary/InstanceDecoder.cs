namespace Windhover.Components.Binary;

/// <summary>
/// Instances, aliases, imports and exports: Binary.md, "Instance Definitions", "Alias Definitions", "Import and Export Definitions".
/// </summary>
internal static class InstanceDecoder
{
    public static CoreInstanceDef CoreInstance(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("a core instance expression");
        CoreInstanceExpr expr = tag switch
        {
            0 => new CoreInstanceExpr.Instantiate(c.Index("a core module index"), c.Vector("instantiation arguments", CoreArgument)),
            1 => new CoreInstanceExpr.Bag(c.Vector("inline exports", CoreInlineExport)),
            _ => throw c.FailAt(offset, $"unknown core instance expression 0x{tag:x2}"),
        };
        return new CoreInstanceDef(expr) { Offset = offset };
    }

    public static InstanceDef Instance(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("an instance expression");
        InstanceExpr expr = tag switch
        {
            0 => new InstanceExpr.Instantiate(c.Index("a component index"), c.Vector("instantiation arguments", Argument)),
            1 => new InstanceExpr.Bag(c.Vector("inline exports", InlineExport)),
            _ => throw c.FailAt(offset, $"unknown instance expression 0x{tag:x2}"),
        };
        return new InstanceDef(expr) { Offset = offset };
    }

    public static AliasDef Alias(ref BinaryCursor c)
    {
        var offset = c.Position;
        var sort = ReadSort(ref c);
        var targetAt = c.Position;
        var tag = c.U8("an alias target");
        AliasTarget target = tag switch
        {
            0 when sort >= Sort.Func || sort == Sort.CoreModule =>
                new AliasTarget.Export(c.Index("an instance index"), c.Name("the name of an aliased export")),
            0 => throw c.FailAt(targetAt, $"a {sort.Display()} cannot be aliased from a component instance"),
            1 when sort < Sort.Func =>
                new AliasTarget.CoreExport(c.Index("a core instance index"), c.Name("the name of an aliased core export")),
            1 => throw c.FailAt(targetAt, $"a {sort.Display()} cannot be aliased from a core instance"),
            2 => new AliasTarget.Outer(c.Index("an outer alias count"), c.Index("an outer alias index")),
            _ => throw c.FailAt(targetAt, $"unknown alias target 0x{tag:x2}"),
        };
        return new AliasDef(sort, target) { Offset = offset };
    }

    public static ImportDef Import(ref BinaryCursor c)
    {
        var offset = c.Position;
        return new ImportDef(Name(ref c), Desc(ref c)) { Offset = offset };
    }

    public static ExportDef Export(ref BinaryCursor c)
    {
        var offset = c.Position;
        var name = Name(ref c);
        var sort = ReadSort(ref c);
        return new ExportDef(name, sort, c.Index("the index of an export"), c.OptionalClass("the ascribed type of an export", Desc))
        {
            Offset = offset,
        };
    }

    /// <summary><c>nameattributes</c>: 0 and 1 mean the same, 2 adds attributes, each kind at most once.</summary>
    public static ExternName Name(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("an import or export name");
        if (tag > 2)
            throw c.FailAt(offset, $"unknown kind of import or export name 0x{tag:x2}");
        var name = ExternName.Parse(c.Name("an import or export name"));
        if (tag < 2)
            return name;
        foreach (var (at, kind, value) in c.Vector("name attributes", Attribute))
        {
            var taken = kind switch { 0 => name.Implements, 1 => name.VersionSuffix, _ => name.ExternalId };
            if (taken is not null)
                throw c.FailAt(at, $"the name {name.Raw} carries the same attribute twice");
            name = kind switch
            {
                0 => name with { Implements = value },
                1 => name with { VersionSuffix = value },
                _ => name with { ExternalId = value },
            };
        }

        return name;
    }

    public static ExternDesc Desc(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("the type of an import or export");
        switch (tag)
        {
            case 0:
                c.Expect(0x11, "the core sort of an import or export (only modules)");
                return new ExternDesc.CoreModule(c.Index("a core type index"));
            case 1:
                return new ExternDesc.Func(c.Index("a type index"));
            case 2:
                return c.Flag("a value bound")
                    ? new ExternDesc.ValueType(TypeDecoder.ValType(ref c))
                    : new ExternDesc.ValueEq(c.Index("a value index"));
            case 3:
                return c.Flag("a type bound") ? new ExternDesc.SubResource() : new ExternDesc.TypeEq(c.Index("a type index"));
            case 4:
                return new ExternDesc.Component(c.Index("a type index"));
            case 5:
                return new ExternDesc.Instance(c.Index("a type index"));
            default:
                throw c.FailAt(offset, $"unknown type of import or export 0x{tag:x2}");
        }
    }

    public static Sort ReadSort(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("a sort");
        return tag switch
        {
            0 => CoreSort(ref c),
            1 => Sort.Func,
            2 => Sort.Value,
            3 => Sort.Type,
            4 => Sort.Component,
            5 => Sort.Instance,
            _ => throw c.FailAt(offset, $"unknown sort 0x{tag:x2}"),
        };
    }

    private static Sort CoreSort(ref BinaryCursor c)
    {
        var offset = c.Position;
        var tag = c.U8("a core sort");
        return tag switch
        {
            0x00 => Sort.CoreFunc,
            0x01 => Sort.CoreTable,
            0x02 => Sort.CoreMemory,
            0x03 => Sort.CoreGlobal,
            0x04 => Sort.CoreTag,
            0x10 => Sort.CoreType,
            0x11 => Sort.CoreModule,
            0x12 => Sort.CoreInstance,
            _ => throw c.FailAt(offset, $"unknown core sort 0x{tag:x2}"),
        };
    }

    private static NamedIndex CoreArgument(ref BinaryCursor c)
    {
        var name = c.Name("the name of an instantiation argument");
        c.Expect(0x12, "the sort of a core instantiation argument (only instances)");
        return new NamedIndex(name, Sort.CoreInstance, c.Index("a core instance index"));
    }

    private static NamedIndex CoreInlineExport(ref BinaryCursor c) =>
        new(c.Name("the name of an inline export"), CoreSort(ref c), c.Index("the index of an inline export"));

    private static NamedIndex Argument(ref BinaryCursor c) =>
        new(c.Name("the name of an instantiation argument"), ReadSort(ref c), c.Index("the index of an instantiation argument"));

    private static ExternNamedIndex InlineExport(ref BinaryCursor c) =>
        new(Name(ref c), ReadSort(ref c), c.Index("the index of an inline export"));

    private static (int At, byte Kind, string Value) Attribute(ref BinaryCursor c)
    {
        var offset = c.Position;
        var kind = c.U8("a name attribute");
        return kind <= 2
            ? (offset, kind, c.Name("a name attribute"))
            : throw c.FailAt(offset, $"unknown name attribute 0x{kind:x2}");
    }
}
