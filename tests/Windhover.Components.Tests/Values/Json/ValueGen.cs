using System.Text;
using CsCheck;
using Windhover.Components.Types;
using Windhover.Components.Values;

namespace Windhover.Components.Tests.Values.Json;

/// <summary>Random dynamic values of a type without handles, and their equality.</summary>
internal static class ValueGen
{
    private static readonly Gen<Rune> AnyRune =
        Gen.OneOf(Gen.Int[0, 0x7f], Gen.Int[0, 0xd7ff], Gen.Int[0xe000, 0x10ffff]).Select(i => new Rune(i));

    private static readonly Gen<string> Text = AnyRune.Array[0, 8].Select(runes => string.Concat(runes));

    public static Gen<object?> Of(ValType type) => type switch
    {
        PrimitiveType primitive => Primitive(primitive.Kind),
        ProductType product => All(product.Types),
        ListType { Length: { } length } list => Of(list.Element).Array[(int)length].Select(object? (values) => Typed(list.Element, values)),
        ListType list => Of(list.Element).Array[0, 5].Select(object? (values) => Typed(list.Element, values)),
        MapType map => All(map.Entry.Types).Array[0, 5].Select(object? (entries) => entries),
        EnumType e => Gen.UInt[0, (uint)e.Labels.Count - 1].Select(object? (v) => v),
        FlagsType flags => Gen.UInt[0, (uint)((1UL << flags.Labels.Count) - 1)].Select(object? (v) => v),
        SumType sum => Gen.Int[0, sum.Payloads.Length - 1].SelectMany(i => sum.Payloads[i] is { } payload
            ? Of(payload).Select(object? (v) => new VariantValue((uint)i, v))
            : Gen.Const((object?)new VariantValue((uint)i))),
        _ => throw new ArgumentException($"no values of {type}"),
    };

    public static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    public static bool Same(object? a, object? b) => (a, b) switch
    {
        (Array x, Array y) => x.GetType() == y.GetType() && x.Length == y.Length && x.Cast<object?>().Zip(y.Cast<object?>()).All(p => Same(p.First, p.Second)),
        (VariantValue x, VariantValue y) => x.Case == y.Case && Same(x.Payload, y.Payload),
        (float x, float y) => float.IsNaN(x) ? float.IsNaN(y) : BitConverter.SingleToInt32Bits(x) == BitConverter.SingleToInt32Bits(y),
        (double x, double y) => double.IsNaN(x) ? double.IsNaN(y) : BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(y),
        _ => Equals(a, b),
    };

    private static Gen<object?> All(IEnumerable<ValType> types) =>
        types.Aggregate(Gen.Const(Array.Empty<object?>()), (all, type) => all.SelectMany(head => Of(type).Select(object?[] (v) => [.. head, v])))
            .Select(object? (values) => values);

    private static object Typed(ValType element, object?[] values)
    {
        if (ComponentValues.ElementType(element) == typeof(object))
            return values;
        var typed = ComponentValues.NewArray(element, values.Length);
        Array.Copy(values, typed, values.Length);
        return typed;
    }

    private static Gen<object?> Primitive(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Bool => Gen.Bool.Select(object? (v) => v),
        PrimitiveKind.S8 => Gen.SByte.Select(object? (v) => v),
        PrimitiveKind.U8 => Gen.Byte.Select(object? (v) => v),
        PrimitiveKind.S16 => Gen.Short.Select(object? (v) => v),
        PrimitiveKind.U16 => Gen.UShort.Select(object? (v) => v),
        PrimitiveKind.S32 => Gen.Int.Select(object? (v) => v),
        PrimitiveKind.U32 => Gen.UInt.Select(object? (v) => v),
        PrimitiveKind.S64 => Gen.Long.Select(object? (v) => v),
        PrimitiveKind.U64 => Gen.ULong.Select(object? (v) => v),
        PrimitiveKind.F32 => Gen.OneOf(Gen.Float, One(float.NaN, -0f, float.PositiveInfinity, float.Epsilon)).Select(object? (v) => v),
        PrimitiveKind.F64 => Gen.OneOf(Gen.Double, One(double.NaN, -0d, double.NegativeInfinity, double.Epsilon)).Select(object? (v) => v),
        PrimitiveKind.Char => AnyRune.Select(object? (v) => v),
        _ => Text.Select(object? (v) => v),
    };
}
