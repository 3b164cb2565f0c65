using System.Text;
using Windhover.Components.Types;
using Windhover.Components.Values;

namespace Windhover.Components.Tests.Values;

/// <summary>Random values of any type, edge cases often.</summary>
internal sealed class RandomValues(Random random)
{
    private static readonly string[] Texts = ["", "a", "hello", "\0", "é", "ÿĀ", "日本語", "👩‍💻", new string('x', 300), "mixed ascii and Ünïcödé 🦅"];

    public object? Next(ValType type, int depth = 0) => type switch
    {
        PrimitiveType p => Primitive(p.Kind),
        RecordType r => r.Types.Select(t => Next(t, depth + 1)).ToArray(),
        TupleType t => t.Types.Select(e => Next(e, depth + 1)).ToArray(),
        ListType l => List(l.Element, l.Length is { } n ? (int)n : random.Next(4) == 0 ? 0 : random.Next(1, depth > 2 ? 3 : 7), depth),
        FlagsType f => (uint)random.NextInt64(1L << f.Labels.Count),
        EnumType e => (uint)random.Next(e.Labels.Count),
        SumType s => Sum(s, depth),
        _ => throw new NotSupportedException(type.ToString()),
    };

    private VariantValue Sum(SumType type, int depth)
    {
        int index = random.Next(type.Payloads.Length);
        return new VariantValue((uint)index, type.Payloads[index] is { } payload ? Next(payload, depth + 1) : null);
    }

    private Array List(ValType element, int count, int depth)
    {
        object?[] values = Enumerable.Range(0, count).Select(_ => Next(element, depth + 1)).ToArray();
        if (element is not PrimitiveType p || p.Kind is PrimitiveKind.Bool or PrimitiveKind.Char)
            return values;
        Array typed = p.Kind switch
        {
            PrimitiveKind.S8 => new sbyte[count],
            PrimitiveKind.U8 => new byte[count],
            PrimitiveKind.S16 => new short[count],
            PrimitiveKind.U16 => new ushort[count],
            PrimitiveKind.S32 => new int[count],
            PrimitiveKind.U32 => new uint[count],
            PrimitiveKind.S64 => new long[count],
            PrimitiveKind.U64 => new ulong[count],
            PrimitiveKind.F32 => new float[count],
            PrimitiveKind.F64 => new double[count],
            _ => new string[count],
        };
        Array.Copy(values, typed, count);
        return typed;
    }

    private object Primitive(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Bool => random.Next(2) == 0,
        PrimitiveKind.S8 => (sbyte)Integer(),
        PrimitiveKind.U8 => (byte)Integer(),
        PrimitiveKind.S16 => (short)Integer(),
        PrimitiveKind.U16 => (ushort)Integer(),
        PrimitiveKind.S32 => (int)Integer(),
        PrimitiveKind.U32 => (uint)Integer(),
        PrimitiveKind.S64 => Integer(),
        PrimitiveKind.U64 => (ulong)Integer(),
        PrimitiveKind.F32 => random.Next(4) switch { 0 => float.PositiveInfinity, 1 => -0.0f, 2 => float.NaN, _ => (float)random.NextDouble() },
        PrimitiveKind.F64 => random.Next(4) switch { 0 => double.NegativeInfinity, 1 => double.Epsilon, 2 => double.NaN, _ => random.NextDouble() * 1e300 },
        PrimitiveKind.Char => Scalar(),
        _ => random.Next(3) == 0 ? string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => Scalar().ToString())) : Texts[random.Next(Texts.Length)],
    };

    private Rune Scalar()
    {
        int[] bounds = [0x7f, 0xff, 0x7ff, 0xd7ff, 0xffff, 0x10ffff];
        int value = random.Next(bounds[random.Next(bounds.Length)] + 1);
        return new Rune(Rune.IsValid(value) ? value : 0xfffd);
    }

    private long Integer() => random.Next(4) switch
    {
        0 => random.NextInt64(-2, 3),
        1 => random.NextInt64(long.MinValue, long.MaxValue),
        2 => (1L << random.Next(64)) - random.Next(2),
        _ => -(1L << random.Next(64)),
    };

    /// <summary>Equality through arrays; NaN equals NaN.</summary>
    public static bool Same(object? a, object? b) => (a, b) switch
    {
        (Array x, Array y) => x.GetType() == y.GetType() && x.Length == y.Length && Enumerable.Range(0, x.Length).All(i => Same(x.GetValue(i), y.GetValue(i))),
        (VariantValue x, VariantValue y) => x.Case == y.Case && Same(x.Payload, y.Payload),
        _ => Equals(a, b),
    };
}
