namespace Windhover.Components.Binary;

/// <summary>
/// The section level of the decoder: Binary.md, "Component Definitions".
/// <code>
///   preamble ─ section* ─ end
///   section  = id, size, contents      contents must use up exactly `size` bytes
///     0 custom          3 core types*   6 aliases*    9 start      12 values*
///     1 core module     4 component     7 types*     10 imports*
///     2 core instances* 5 instances*    8 canons*    11 exports*        (* a vector: one definition each)
/// </code>
/// Nested components (4) and component and instance types (in 7) recurse; both count against one depth limit, so that no input overflows
/// the stack.
/// </summary>
internal static class ComponentDecoder
{
    /// <summary>Levels of components and types. Tools emit up to 4; the reference validator allows 100.</summary>
    public const int MaxDepth = 100;

    public static ComponentBinary Decode(ReadOnlyMemory<byte> bytes)
    {
        if (WasmFile.Detect(bytes.Span) != WasmKind.Component)
            throw new InvalidComponentException($"this is not a component but {WasmFile.Explain(bytes.Span)}", 0, "preamble");
        return Component(bytes, 0, bytes.Length, 0);
    }

    private static ComponentBinary Component(ReadOnlyMemory<byte> memory, int start, int end, int depth)
    {
        var bytes = memory[start..end];
        if (WasmFile.Detect(bytes.Span) != WasmKind.Component)
            throw new InvalidComponentException($"expected a component, found {WasmFile.Explain(bytes.Span)}", start, "preamble");

        var definitions = new List<Definition>();
        var customs = new List<CustomSection>();
        var cursor = new BinaryCursor(memory, start + WasmFile.PreambleLength, end, "section header") { Depth = depth };
        while (!cursor.AtEnd)
        {
            var headerAt = cursor.Position;
            var id = cursor.U8("a section id");
            var name = SectionName(id) ?? throw cursor.FailAt(headerAt, $"unknown section id {id}");
            var size = cursor.U32($"the size of the {name}");
            if (size > (uint)cursor.Remaining)
                throw cursor.FailAt(headerAt, $"unexpected end: the {name} is {size} bytes long, {cursor.Remaining} remain");

            var body = new BinaryCursor(memory, cursor.Position, cursor.Position + (int)size, name) { Depth = depth };
            Section(id, ref body, definitions, customs);
            if (!body.AtEnd)
                throw body.Fail($"the {name} ends {body.Remaining} bytes before its announced size");
            cursor.Slice((int)size, name);
        }

        return new ComponentBinary { Definitions = definitions, CustomSections = customs, Bytes = bytes, Offset = start };
    }

    private static void Section(byte id, ref BinaryCursor c, List<Definition> definitions, List<CustomSection> customs)
    {
        switch (id)
        {
            case 0:
                var name = c.Name("the name of a custom section");
                customs.Add(new CustomSection(name, c.Slice(c.Remaining, "a custom section")));
                break;
            case 1:
                definitions.Add(CoreModule(ref c));
                break;
            case 2:
                definitions.AddRange(c.Vector("core instances", InstanceDecoder.CoreInstance));
                break;
            case 3:
                definitions.AddRange(c.Vector("core types", CoreTypeDecoder.Definition));
                break;
            case 4:
                definitions.Add(Nested(ref c));
                break;
            case 5:
                definitions.AddRange(c.Vector("instances", InstanceDecoder.Instance));
                break;
            case 6:
                definitions.AddRange(c.Vector("aliases", InstanceDecoder.Alias));
                break;
            case 7:
                definitions.AddRange(c.Vector("types", TypeDecoder.Definition));
                break;
            case 8:
                definitions.AddRange(c.Vector("canonical definitions", CanonDecoder.Definition));
                break;
            case 9:
                definitions.Add(new StartDef(c.Index("the start function"), c.Vector("start arguments", Index), c.Index("the result count")));
                break;
            case 10:
                definitions.AddRange(c.Vector("imports", InstanceDecoder.Import));
                break;
            case 11:
                definitions.AddRange(c.Vector("exports", InstanceDecoder.Export));
                break;
            case 12:
                definitions.AddRange(c.Vector("values", Value));
                break;
        }
    }

    private static CoreModuleDef CoreModule(ref BinaryCursor c)
    {
        var offset = c.Position;
        var bytes = c.Slice(c.Remaining, "a core module");
        return WasmFile.Detect(bytes.Span) == WasmKind.CoreModule
            ? new CoreModuleDef(bytes) { Offset = offset }
            : throw c.FailAt(offset, $"expected a core module, found {WasmFile.Explain(bytes.Span)}");
    }

    private static NestedComponentDef Nested(ref BinaryCursor c)
    {
        var offset = c.Position;
        c.EnterNested();
        var component = Component(c.Memory, offset, c.End, c.Depth);
        c.LeaveNested();
        c.Slice(c.Remaining, "a component");
        return new NestedComponentDef(component) { Offset = offset };
    }

    private static ValueDef Value(ref BinaryCursor c)
    {
        var offset = c.Position;
        var type = TypeDecoder.ValType(ref c);
        var length = c.Index("the length of a value");
        return new ValueDef(type, c.Slice(length, "a value")) { Offset = offset };
    }

    private static int Index(ref BinaryCursor c) => c.Index("a value index");

    private static string? SectionName(byte id) => id switch
    {
        0 => "custom section",
        1 => "core module section",
        2 => "core instance section",
        3 => "core type section",
        4 => "component section",
        5 => "instance section",
        6 => "alias section",
        7 => "type section",
        8 => "canon section",
        9 => "start section",
        10 => "import section",
        11 => "export section",
        12 => "value section",
        _ => null,
    };
}
