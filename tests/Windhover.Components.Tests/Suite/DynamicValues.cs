using System.Globalization;
using System.Text;
using Windhover.Components.Types;
using Windhover.Components.Values;

namespace Windhover.Components.Tests.Suite;

/// <summary>Turns the values of .wast files into dynamic values of a type, and back.</summary>
internal static class DynamicValues
{
    public static object? ToDynamic(ValType type, WastValue value)
    {
        switch (type)
        {
            case PrimitiveType primitive:
                return Primitive(primitive.Kind, value);
            case ListType list:
                return Array(list.Element, [.. value.Items.Select(i => ToDynamic(list.Element, i))]);
            case ProductType product:
                return product.Types.Select((t, i) => ToDynamic(t, value.Items[i])).ToArray();
            case EnumType e:
                return (uint)e.Labels.IndexOf(value.Scalar);
            case FlagsType flags:
                return value.Names.Aggregate(0u, (bits, name) => bits | (1u << flags.Labels.IndexOf(name)));
            case SumType sum:
                var index = Enumerable.Range(0, sum.Payloads.Length).First(i => sum.CaseName(i) == (value.Scalar == "err" ? "error" : value.Scalar));
                return new VariantValue((uint)index, sum.Payloads[index] is { } payload && value.Items.Count > 0 ? ToDynamic(payload, value.Items[0]) : null);
            default:
                throw new NotSupportedException($"no .wast value of type {type}");
        }
    }

    public static WastValue FromDynamic(ValType type, object? value)
    {
        switch (type)
        {
            case PrimitiveType { Kind: PrimitiveKind.F32 }:
                return WastValue.Float("f32", (float)value!);
            case PrimitiveType { Kind: PrimitiveKind.F64 }:
                return WastValue.Float("f64", (double)value!);
            case PrimitiveType { Kind: PrimitiveKind.Bool }:
                return WastValue.Of("bool", (bool)value! ? "true" : "false");
            case PrimitiveType { Kind: PrimitiveKind.String }:
                return WastValue.Of("str", (string)value!);
            case PrimitiveType primitive:
                return WastValue.Of(primitive.ToString(), Convert.ToString(value, CultureInfo.InvariantCulture)!);
            case ListType list:
                return WastValue.Of("list", "", [.. ((Array)value!).Cast<object?>().Select(i => FromDynamic(list.Element, i))]);
            case TupleType tuple:
                return WastValue.Of("tuple", "", [.. tuple.Types.Zip((object?[])value!, FromDynamic)]);
            case RecordType record:
                return new WastValue("record", "", [.. record.Types.Zip((object?[])value!, FromDynamic)], record.Labels);
            case EnumType e:
                return WastValue.Of("enum", e.Labels[(int)(uint)value!]);
            case FlagsType flags:
                return WastValue.Flags(flags.Labels.Where((_, i) => ((uint)value! >> i & 1) != 0));
            case SumType sum:
                var variant = (VariantValue)value!;
                var (name, payload) = (sum.CaseName((int)variant.Case), sum.Payloads[(int)variant.Case]);
                var head = type switch { OptionType => "option", ResultType => "result", _ => "variant" };
                return WastValue.Of(head, name == "error" && head == "result" ? "err" : name, payload is null ? [] : [FromDynamic(payload, variant.Payload)]);
            default:
                throw new NotSupportedException($"no .wast value of type {type}");
        }
    }

    private static object Primitive(PrimitiveKind kind, WastValue value) => kind switch
    {
        PrimitiveKind.Bool => value.Scalar == "true",
        PrimitiveKind.S8 => (sbyte)value.AsInteger,
        PrimitiveKind.U8 => (byte)value.AsInteger,
        PrimitiveKind.S16 => (short)value.AsInteger,
        PrimitiveKind.U16 => (ushort)value.AsInteger,
        PrimitiveKind.S32 => (int)value.AsInteger,
        PrimitiveKind.U32 => (uint)value.AsInteger,
        PrimitiveKind.S64 => (long)value.AsInteger,
        PrimitiveKind.U64 => (ulong)value.AsInteger,
        PrimitiveKind.F32 => (float)value.AsFloat,
        PrimitiveKind.F64 => value.AsFloat,
        PrimitiveKind.Char => Rune.GetRuneAt(value.Scalar, 0),
        PrimitiveKind.String => value.Scalar,
        _ => throw new NotSupportedException($"no .wast value of type {kind}"),
    };

    /// <summary>Lists of numbers and strings are typed arrays.</summary>
    private static Array Array(ValType element, object?[] items)
    {
        var type = ComponentValues.ElementType(element);
        var array = System.Array.CreateInstance(type, items.Length);
        System.Array.Copy(items, array, items.Length);
        return array;
    }
}
