using System.Globalization;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// Writing what the host passes (CanonicalABI.md, "Storing" and "Flat Lowering"): the mirror of LiftEmitter.
//
//   Store   to linear memory at `address`
//   Lower   to flat values at slot `offset`; assigning a whole RawValue zeroes the bits that the value does not fill, and a variant clears
//           the slots that its case does not use, as the specification asks of joined slots
//
// Lowering a string or a list runs the guest's allocator. What was stored before stays valid (addresses, not spans, are kept).
internal sealed class LowerEmitter(TypeMapper types, Direction from, HelperSet helpers, IHandles handles)
{
    private readonly TypeKey _keys = new(types, from);

    /// <summary>A statement that stores a value.</summary>
    public string Store(WitType type, string address, string value)
    {
        type = TypeFacts.Resolve(type);
        switch (type)
        {
            case WitPrimitive p:
                return $"context.Store{CSharpNames.Pascal(p.Name)}({address}, {value});";
            case WitOwnType or WitBorrowType:
                return $"context.StoreU32({address}, {handles.Lower(type, value)});";
            case WitStreamType or WitFutureType:
                return $"context.StoreU32({address}, {Channel(type, value)});";
            default:
                return $"{Helper("Store", type, memory: true)}(ref context, {address}, {value});";
        }
    }

    /// <summary>A statement that writes a value to flat slots.</summary>
    public string Lower(WitType type, string slot, string value)
    {
        type = TypeFacts.Resolve(type);
        switch (type)
        {
            case WitPrimitive { Kind: WitPrimitiveKind.String }:
                return $"{{ values[{slot}] = context.LowerString({value}, out uint length); values[{Expressions.Add(slot, 1)}] = length; }}";
            case WitPrimitive p:
                return $"values[{slot}] = {Primitive(p.Kind, value)};";
            case WitOwnType or WitBorrowType:
                return $"values[{slot}] = {handles.Lower(type, value)};";
            case WitStreamType or WitFutureType:
                return $"values[{slot}] = {Channel(type, value)};";
            case WitListType or WitMapType:
                return $"{{ values[{slot}] = {List(type)}(ref context, {value}, out uint length); values[{Expressions.Add(slot, 1)}] = length; }}";
            default:
                return $"{Helper("Lower", type, memory: false)}(ref context, values, {slot}, {value});";
        }
    }

    /// <summary>A direct parameter of an export: a list of numbers is a span.</summary>
    public string Parameter(WitType type, string? slot, string? address, string value)
    {
        if (TypeMapper.SpanElement(type) is null)
            return slot is null ? Store(type, address!, value) : Lower(type, slot, value);
        return slot is null
            ? $"context.StoreU32({address}, context.LowerList({value})); context.StoreU32({Expressions.Add(address!, 4)}, (uint){value}.Length);"
            : $"values[{slot}] = context.LowerList({value}); values[{Expressions.Add(slot, 1)}] = (uint){value}.Length;";
    }

    private string Channel(WitType type, string value)
    {
        if (type is WitStreamType stream && TypeFacts.IsUntyped(stream))
            return $"context.LowerStream({value}, {handles.Channel(type)})";
        WitType? item = TypeFacts.ChannelItem(type);
        string store = item is null || TypeFacts.Blittable(item) is not null ? "null" : Item(item);
        return $"context.Lower{(type is WitStreamType ? "Stream" : "Future")}({value}, {handles.Channel(type)}, {store})";
    }

    /// <summary>The helper that writes one item of a stream or future.</summary>
    private string Item(WitType item) => helpers.Get($"store-item|{_keys.Signature(item)}", $"StoreItem{TypeKey.Mangle(item)}", (writer, name) =>
    {
        using (writer.Block($"public {handles.Modifier}void {name}({Names.ContextParameter}, uint address, {types.Map(item, from, Style.Data)} value)"))
            writer.Line(Store(item, "address", "value"));
    });

    private static string Primitive(WitPrimitiveKind kind, string value) => kind switch
    {
        WitPrimitiveKind.ErrorContext => $"context.LowerErrorContext({value})",
        WitPrimitiveKind.Bool => $"{value} ? 1u : 0u",
        WitPrimitiveKind.U8 or WitPrimitiveKind.U16 => $"(uint){value}",
        WitPrimitiveKind.S8 or WitPrimitiveKind.S16 => $"(int){value}",
        WitPrimitiveKind.Char => $"(uint){value}.Value",
        _ => value,
    };

    /// <summary>The helper that copies a list into the guest and answers its address.</summary>
    private string List(WitType type) => helpers.Get(
        $"lower-list|{_keys.Signature(type)}",
        $"Lower{TypeKey.Mangle(type)}",
        (writer, name) =>
        {
            string parameter = types.Map(type, from, Style.Data);
            using (writer.Block($"public {handles.Modifier}uint {name}({Names.ContextParameter}, {parameter} value, out uint length)"))
                WriteList(writer, type);
        });

    private void WriteList(CodeWriter writer, WitType type)
    {
        if (type is WitListType list && TypeFacts.Blittable(list.Element) is not null)
        {
            writer.Line("length = (uint)value.Length;").Line("return context.LowerList(value.Span);");
            return;
        }

        (uint size, uint alignment) = type is WitMapType m
            ? (Layout.TupleSize([m.Key, m.Value]), Layout.Max([m.Key, m.Value]))
            : (Layout.Size(((WitListType)type).Element), Layout.Alignment(((WitListType)type).Element));
        writer.Line("int count = value.Count;");
        writer.Line($"uint start = context.AllocateList(count, {size}, {alignment});");
        writer.Line("uint address = start;");
        if (type is WitMapType map)
        {
            uint[] offsets = Layout.Offsets([map.Key, map.Value]);
            using (writer.Block("foreach (var item in value)"))
            {
                // Never past the block that was allocated, whatever the dictionary does meanwhile.
                writer.Line($"if (count-- == 0) throw new {Names.ArgumentException}(\"The dictionary changed while it was passed.\");");
                writer.Line(Store(map.Key, Expressions.Add("address", offsets[0]), "item.Key"));
                writer.Line(Store(map.Value, Expressions.Add("address", offsets[1]), "item.Value"));
                writer.Line($"address += {size};");
            }

            writer.Line($"length = (address - start) / {size};");
        }
        else
        {
            using (writer.Block($"for (int i = 0; i < count; i++, address += {size})"))
                writer.Line(Store(((WitListType)type).Element, "address", "value[i]"));
            writer.Line("length = (uint)count;");
        }

        writer.Line("return start;");
    }

    private string Helper(string verb, WitType type, bool memory) => helpers.Get(
        $"{verb}|{_keys.Signature(type)}",
        verb + TypeKey.Mangle(type),
        (writer, name) =>
        {
            string target = memory ? "uint address" : $"scoped {Names.Span} values, int offset";
            using (writer.Block($"public {handles.Modifier}void {name}({Names.ContextParameter}, {target}, {types.Map(type, from, Style.Data)} value)"))
                Write(writer, type, memory);
        });

    private string Part(WitType type, bool memory, uint memoryOffset, int slots, string value) => memory
        ? Store(type, Expressions.Add("address", memoryOffset), value)
        : Lower(type, Expressions.Add("offset", (uint)slots), value);

    private void Parts(CodeWriter writer, IReadOnlyList<WitType> parts, bool memory, Func<int, string> value)
    {
        int i = 0;
        foreach ((WitType type, uint offset, int slot) in Layout.Places(parts))
            writer.Line(Part(type, memory, offset, slot, value(i++)));
    }

    private void Write(CodeWriter writer, WitType type, bool memory)
    {
        switch (type)
        {
            case WitListType or WitMapType:
                writer.Line($"uint start = {List(type)}(ref context, value, out uint length);");
                writer.Line("context.StoreU32(address, start);").Line("context.StoreU32(address + 4, length);");
                break;
            case WitRecord record:
                string name = types.Owner(record, from).TypeName(record);
                Parts(writer, record.Fields.Select(f => f.Type).ToArray(), memory, i => "value." + TypeEmitter.Property(record.Fields[i], name));
                break;
            case WitTupleType tuple:
                Parts(writer, tuple.Elements, memory, i => $"value.Item{i + 1}");
                break;
            case WitFlags flags:
                string bits = $"(uint)value & 0x{Layout.FlagsMask(flags).ToString("x", CultureInfo.InvariantCulture)}u";
                writer.Line(memory ? StoreBits(Layout.FlagsSize(flags), bits) : $"values[offset] = {bits};");
                break;
            case WitEnum @enum:
                // A number outside of the enum would otherwise reach the guest as a discriminant that no case has.
                string number = $"{Names.Context}.CheckDiscriminant((uint)value, {@enum.Cases.Count})";
                writer.Line(memory ? StoreBits(Layout.DiscriminantSize(@enum), number) : $"values[offset] = {number};");
                break;
            case WitFixedListType list:
                writer.Line($"if (value.Count != {list.Length}) throw new {Names.ArgumentException}($\"The list has {{value.Count}} elements, its type {list.Length}.\");");
                string step = memory ? $"address += {Layout.Size(list.Element)}" : $"offset += {Layout.FlatCount(list.Element)}";
                using (writer.Block($"for (int i = 0; i < {list.Length}; i++, {step})"))
                    writer.Line(Part(list.Element, memory, 0, 0, "value[i]"));
                break;
            default:
                WriteCases(writer, type, memory);
                break;
        }
    }

    private static string StoreBits(uint size, string bits) => size switch
    {
        1 => $"context.StoreU8(address, (byte)({bits}));",
        2 => $"context.StoreU16(address, (ushort)({bits}));",
        _ => $"context.StoreU32(address, {bits});",
    };

    private void WriteCases(CodeWriter writer, WitType type, bool memory)
    {
        int slots = Layout.FlatCount(type);
        if (!memory && slots > 1)
            writer.Line($"values.Slice(offset, {slots}).Clear();");
        switch (type)
        {
            case WitVariant variant:
                writer.Line($"int discriminant = value.Discriminant();");
                WriteDiscriminant(writer, type, "(uint)discriminant", memory);
                WriteVariant(writer, variant, memory);
                break;
            case WitOptionType option:
                bool nested = TypeFacts.IsOption(option.Element);
                using (writer.Block(nested ? "if (value.HasValue)" : "if (value is { } some)"))
                {
                    WriteDiscriminant(writer, type, "1u", memory);
                    writer.Line(Part(option.Element, memory, Layout.PayloadOffset(type), 1, nested ? "value.Value" : "some"));
                }

                using (writer.Block("else"))
                    WriteDiscriminant(writer, type, "0u", memory);
                break;
            case WitResultType result:
                WriteDiscriminant(writer, type, "value.IsErr ? 1u : 0u", memory);
                WriteResult(writer, result, memory);
                break;
        }
    }

    private void WriteVariant(CodeWriter writer, WitVariant variant, bool memory)
    {
        if (variant.Cases.All(c => c.Type is null))
            return;
        BoundScope owner = types.Owner(variant, from);
        string name = types.Named(variant, from);
        IReadOnlyList<string> names = TypeEmitter.CaseNames(variant, owner.TypeName(variant));
        using (writer.Block("switch (discriminant)"))
        {
            for (int i = 0; i < names.Count; i++)
            {
                if (variant.Cases[i].Type is not { } payload)
                    continue;
                writer.Line($"case {i}:");
                writer.Line($"    {Part(payload, memory, Layout.PayloadOffset(variant), 1, $"(({name}.{names[i]})value).Value")}");
                writer.Line("    break;");
            }
        }
    }

    private void WriteResult(CodeWriter writer, WitResultType result, bool memory)
    {
        if (result.Error is { } error)
        {
            using (writer.Block("if (value.IsErr)"))
                writer.Line(Part(error, memory, Layout.PayloadOffset(result), 1, "value.Error"));
            if (result.Ok is not { } ok)
                return;
            using (writer.Block("else"))
                writer.Line(Part(ok, memory, Layout.PayloadOffset(result), 1, "value.Value"));
        }
        else if (result.Ok is { } ok)
        {
            using (writer.Block("if (value.IsOk)"))
                writer.Line(Part(ok, memory, Layout.PayloadOffset(result), 1, "value.Value"));
        }
    }

    private static void WriteDiscriminant(CodeWriter writer, WitType type, string value, bool memory)
    {
        bool compound = value.IndexOf('?') >= 0;
        string number = compound ? $"({value})" : value;
        writer.Line(memory
            ? Layout.DiscriminantSize(type) switch
            {
                1 => $"context.StoreU8(address, (byte){number});",
                2 => $"context.StoreU16(address, (ushort){number});",
                _ => $"context.StoreU32(address, {value});",
            }
            : $"values[offset] = {value};");
    }
}
