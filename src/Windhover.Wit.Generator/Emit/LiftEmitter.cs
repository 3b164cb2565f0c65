using System.Globalization;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// Reading what a guest passed (CanonicalABI.md, "Loading" and "Flat Lifting"). Two roads to the same C# value:
//
//   Load   from linear memory at `address`      each part at a constant offset from it
//   Lift   from flat values at slot `offset`    each part at a constant number of slots after it
//
// Primitives, strings, handles and lists of numbers are expressions in place; everything else is a call of a helper that is written once per
// type. A RawValue slot is a union: a slot that a variant's cases share is read through the field of the case's own type.
internal sealed class LiftEmitter(TypeMapper types, Direction from, HelperSet helpers, IHandles handles)
{
    private readonly TypeKey _keys = new(types, from);

    /// <summary>An expression for the value in memory.</summary>
    public string Load(WitType type, Style style, string address)
    {
        type = TypeFacts.Resolve(type);
        switch (type)
        {
            case WitPrimitive p:
                return $"context.Load{CSharpNames.Pascal(p.Name)}({address})";
            case WitOwnType or WitBorrowType:
                return handles.Lift(type, $"context.LoadU32({address})");
            case WitStreamType or WitFutureType:
                return Channel(type, style, $"context.LoadU32({address})");
            case WitListType or WitMapType:
                return List(type, style, $"context.LoadU32({address})", $"context.LoadU32({Expressions.Add(address, 4)})");
            default:
                return $"{Helper("Load", type, style, memory: true)}(ref context, {address})";
        }
    }

    /// <summary>An expression for the flat value.</summary>
    public string Lift(WitType type, Style style, string slot)
    {
        type = TypeFacts.Resolve(type);
        switch (type)
        {
            case WitPrimitive { Kind: WitPrimitiveKind.String }:
                return $"context.LiftString({Slot(slot, "U32")}, {Slot(Expressions.Add(slot, 1), "U32")})";
            case WitPrimitive p:
                return Primitive(p.Kind, slot);
            case WitOwnType or WitBorrowType:
                return handles.Lift(type, Slot(slot, "U32"));
            case WitStreamType or WitFutureType:
                return Channel(type, style, Slot(slot, "U32"));
            case WitListType or WitMapType:
                return List(type, style, Slot(slot, "U32"), Slot(Expressions.Add(slot, 1), "U32"));
            default:
                return $"{Helper("Lift", type, style, memory: false)}(ref context, values, {slot})";
        }
    }

    /// <summary>A direct parameter: a list of numbers stays where it lies.</summary>
    public string Parameter(WitType type, string? slot, string? address) => TypeMapper.SpanElement(type) is not { } element
        ? slot is null ? Load(type, Style.Given, address!) : Lift(type, Style.Given, slot)
        : slot is null
            ? $"context.ListSpan<{element}>(context.LoadU32({address}), context.LoadU32({Expressions.Add(address!, 4)}))"
            : $"context.ListSpan<{element}>({Slot(slot, "U32")}, {Slot(Expressions.Add(slot, 1), "U32")})";

    // Named types hold the classes that the host writes: what a guest gave stands in them as a stream to be handed on, or taken out.
    private string Channel(WitType type, Style style, string handle)
    {
        string kind = type is WitStreamType ? "Stream" : "Future";
        string lifted;
        if (type is WitStreamType stream && TypeFacts.IsUntyped(stream))
        {
            lifted = $"context.LiftStream({handle}, {handles.Channel(type)})";
        }
        else
        {
            WitType? item = TypeFacts.ChannelItem(type);
            string load = item is null || TypeFacts.Blittable(item) is not null ? "null" : Item(item, style);
            lifted = $"context.Lift{kind}<{types.Payload(item, from, style)}>({handle}, {handles.Channel(type)}, {load})";
        }

        return style == Style.Given ? lifted : $"global::Windhover.Components.Async.{(kind == "Stream" ? "HostStream" : "HostFutures")}.FromGuest({lifted})";
    }

    /// <summary>The helper that reads one item of a stream or future.</summary>
    private string Item(WitType item, Style style)
    {
        string suffix = Suffix(item, style);
        return helpers.Get($"item|{suffix}|{_keys.Signature(item)}", $"LoadItem{TypeKey.Mangle(item)}{suffix}", (writer, name) =>
            writer.Line($"public {handles.Modifier}{types.Map(item, from, style)} {name}({Names.ContextParameter}, uint address) => {Load(item, style, "address")};"));
    }

    private static string Slot(string slot, string field) => $"values[{slot}].{field}";

    private static string Primitive(WitPrimitiveKind kind, string slot) => kind switch
    {
        WitPrimitiveKind.Bool => Slot(slot, "U32") + " != 0",
        WitPrimitiveKind.U8 => $"(byte){Slot(slot, "U32")}",
        WitPrimitiveKind.S8 => $"(sbyte){Slot(slot, "I32")}",
        WitPrimitiveKind.U16 => $"(ushort){Slot(slot, "U32")}",
        WitPrimitiveKind.S16 => $"(short){Slot(slot, "I32")}",
        WitPrimitiveKind.U32 => Slot(slot, "U32"),
        WitPrimitiveKind.S32 => Slot(slot, "I32"),
        WitPrimitiveKind.U64 => Slot(slot, "U64"),
        WitPrimitiveKind.S64 => Slot(slot, "I64"),
        WitPrimitiveKind.F32 => Slot(slot, "F32"),
        WitPrimitiveKind.F64 => Slot(slot, "F64"),
        WitPrimitiveKind.Char => $"{Names.Context}.LiftChar({Slot(slot, "U32")})",
        WitPrimitiveKind.ErrorContext => $"context.LiftErrorContext({Slot(slot, "U32")})",
        _ => throw new InvalidOperationException($"{kind} is not flat."),
    };

    private string List(WitType type, Style style, string address, string count)
    {
        if (type is WitListType list && TypeFacts.Blittable(list.Element) is { } element)
            return $"context.ListSpan<{element}>({address}, {count}).ToArray()";
        string result = types.Map(type, from, style);
        string name = helpers.Get(
            $"list|{style}|{_keys.Signature(type)}",
            $"Lift{TypeKey.Mangle(type)}{Suffix(type, style)}",
            (writer, helper) =>
            {
                using (writer.Block($"public {handles.Modifier}{result} {helper}({Names.ContextParameter}, uint address, uint length)"))
                    WriteList(writer, type, style);
            });
        return $"{name}(ref context, {address}, {count})";
    }

    private void WriteList(CodeWriter writer, WitType type, Style style)
    {
        if (type is WitMapType map)
        {
            uint[] offsets = Layout.Offsets([map.Key, map.Value]);
            uint entry = Layout.TupleSize([map.Key, map.Value]);
            writer.Line($"int count = context.CheckList(address, length, {entry}, {Layout.Max([map.Key, map.Value])});");
            writer.Line($"var items = new global::System.Collections.Generic.Dictionary<{types.Map(map.Key, from, style)}, {types.Map(map.Value, from, style)}>(count);");
            using (writer.Block($"for (int i = 0; i < count; i++, address += {entry})"))
            {
                // Of two entries with one key the last counts, as in a map written one entry after the other.
                writer.Line($"items[{Load(map.Key, style, Expressions.Add("address", offsets[0]))}] = {Load(map.Value, style, Expressions.Add("address", offsets[1]))};");
            }
        }
        else
        {
            WitType element = ((WitListType)type).Element;
            writer.Line($"int count = context.CheckList(address, length, {Layout.Size(element)}, {Layout.Alignment(element)});");
            WriteElements(writer, element, style, "count");
        }

        writer.Line("return items;");
    }

    private void WriteElements(CodeWriter writer, WitType element, Style style, string count)
    {
        writer.Line($"var items = global::System.GC.AllocateUninitializedArray<{types.Map(element, from, style)}>({count});");
        using (writer.Block($"for (int i = 0; i < items.Length; i++, address += {Layout.Size(element)})"))
            writer.Line($"items[i] = {Load(element, style, "address")};");
    }

    /// <summary>Two styles of one type share a helper unless their C# differs.</summary>
    private string Suffix(WitType type, Style style) =>
        style == Style.Data && types.Map(type, from, Style.Data) != types.Map(type, from, Style.Given) ? "AsData" : "";

    private string Helper(string verb, WitType type, Style style, bool memory)
    {
        string suffix = Suffix(type, style);
        return helpers.Get($"{verb}|{suffix}|{_keys.Signature(type)}", $"{verb}{TypeKey.Mangle(type)}{suffix}", (writer, name) =>
        {
            string source = memory ? "uint address" : $"scoped {Names.ReadOnlySpan} values, int offset";
            using (writer.Block($"public {handles.Modifier}{types.Map(type, from, style)} {name}({Names.ContextParameter}, {source})"))
                Write(writer, type, style, memory);
        });
    }

    private string Part(WitType type, Style style, bool memory, uint memoryOffset, int slots) => memory
        ? Load(type, style, Expressions.Add("address", memoryOffset))
        : Lift(type, style, Expressions.Add("offset", (uint)slots));

    private string Parts(IReadOnlyList<WitType> parts, Style style, bool memory) =>
        string.Join(", ", Layout.Places(parts).Select(p => Part(p.Type, style, memory, p.Offset, p.Slot)));

    private void Write(CodeWriter writer, WitType type, Style style, bool memory)
    {
        switch (type)
        {
            case WitRecord record:
                string fields = Parts(record.Fields.Select(f => f.Type).ToArray(), Style.Data, memory);
                writer.Line($"return new {types.Named(record, from)}({fields});");
                break;
            case WitTupleType tuple:
                string parts = Parts(tuple.Elements, style, memory);
                writer.Line(tuple.Elements.Count == 1 ? $"return new {types.Map(tuple, from, style)}({parts});" : $"return ({parts});");
                break;
            case WitFlags flags:
                string bits = memory ? $"context.LoadU{Layout.FlagsSize(flags) * 8}(address)" : "values[offset].U32";
                writer.Line($"return ({types.Named(flags, from)})({bits} & 0x{Layout.FlagsMask(flags).ToString("x", CultureInfo.InvariantCulture)}u);");
                break;
            case WitEnum @enum:
                writer.Line($"return ({types.Named(@enum, from)}){Discriminant(@enum, memory)};");
                break;
            case WitFixedListType list when memory:
                WriteElements(writer, list.Element, style, list.Length.ToString(CultureInfo.InvariantCulture));
                writer.Line("return items;");
                break;
            case WitFixedListType list:
                writer.Line($"var items = global::System.GC.AllocateUninitializedArray<{types.Map(list.Element, from, style)}>({list.Length});");
                using (writer.Block($"for (int i = 0; i < items.Length; i++, offset += {Layout.FlatCount(list.Element)})"))
                    writer.Line($"items[i] = {Lift(list.Element, style, "offset")};");
                writer.Line("return items;");
                break;
            default:
                WriteCases(writer, type, style, memory);
                break;
        }
    }

    private static string Discriminant(WitType type, bool memory)
    {
        string value = memory ? $"context.LoadU{Layout.DiscriminantSize(type) * 8}(address)" : "values[offset].U32";
        return $"{Names.Context}.CheckDiscriminant({value}, {Layout.Cases(type).Count})";
    }

    private void WriteCases(CodeWriter writer, WitType type, Style style, bool memory)
    {
        IReadOnlyList<WitType?> cases = Layout.Cases(type);
        uint payload = Layout.PayloadOffset(type);
        using (writer.Block($"switch ({Discriminant(type, memory)})"))
        {
            for (int i = 0; i < cases.Count; i++)
            {
                string? value = cases[i] is { } part ? Part(part, type is WitVariant ? Style.Data : style, memory, payload, 1) : null;
                writer.Line(i == cases.Count - 1 ? "default:" : $"case {i}:");
                writer.Line($"    return {Case(type, style, i, value)};");
            }
        }
    }

    private string Case(WitType type, Style style, int index, string? value)
    {
        string name = types.Map(type, from, style);
        switch (type)
        {
            case WitVariant variant:
                string @case = $"{name}.{TypeEmitter.CaseNames(variant, types.Owner(variant, from).TypeName(variant))[index]}";
                return value is null ? @case + ".Instance" : $"new {@case}({value})";
            case WitOptionType option:
                // The cast gives `none` its type where the payload is a value, `default(int?)`, and is free where it is a reference.
                return index == 0 ? $"default({name})" : TypeFacts.IsOption(option.Element) ? $"new {name}({value})" : value!;
            default:
                return $"{name}.{(index == 0 ? "Ok" : "Err")}({value ?? "default"})";
        }
    }
}
