using System.Text;
using Windhover.Components.Resources;
using Windhover.Components.Types;

namespace Windhover.Components.Values;

/// <summary>
/// The .NET types of dynamic values:
/// <list type="table">
/// <item><term>bool, s8 … u64, f32, f64</term><description><see cref="bool"/>, <see cref="sbyte"/> … <see cref="ulong"/>, <see cref="float"/>, <see cref="double"/></description></item>
/// <item><term>char</term><description><see cref="Rune"/></description></item>
/// <item><term>string</term><description><see cref="string"/></description></item>
/// <item><term>list&lt;T&gt; of a number</term><description>an array of it (<c>list&lt;u8&gt;</c>: <see cref="byte"/>[])</description></item>
/// <item><term>list&lt;string&gt;</term><description><see cref="string"/>[]</description></item>
/// <item><term>another list</term><description><see cref="object"/>[]</description></item>
/// <item><term>map&lt;K, V&gt;</term><description><see cref="object"/>[] of pairs, each an <see cref="object"/>[] of two</description></item>
/// <item><term>record, tuple</term><description><see cref="object"/>[] in the order of the fields</description></item>
/// <item><term>variant, option, result</term><description><see cref="VariantValue"/></description></item>
/// <item><term>enum</term><description><see cref="uint"/>, the label's number</description></item>
/// <item><term>flags</term><description><see cref="uint"/>, bit n for label n</description></item>
/// <item><term>own, borrow</term><description><see cref="GuestResource"/></description></item>
/// <item><term>stream</term><description><see cref="Async.GuestStreamReader"/> from a guest, that or <see cref="Async.HostStream"/> to one</description></item>
/// <item><term>future</term><description><see cref="Async.GuestFuture"/> from a guest, that or <see cref="Async.HostFuture"/> to one</description></item>
/// <item><term>error-context</term><description><see cref="Async.ErrorContext"/></description></item>
/// </list>
/// </summary>
public static class ComponentValues
{
    /// <summary>Checks the number of arguments; their types are checked as they are lowered.</summary>
    internal static void CheckArguments(FuncType type, object?[] arguments)
    {
        if (arguments.Length != type.Parameters.Length)
        {
            throw new ArgumentException($"The function takes {type.Parameters.Length} argument(s), but {arguments.Length} were given: {type}.");
        }

        for (int i = 0; i < arguments.Length; i++)
        {
            if (Difference(type.Parameters[i].Type, arguments[i]) is { } difference)
            {
                throw new ArgumentException($"The argument `{type.Parameters[i].Name}` does not fit `{type.Parameters[i].Type}`: {difference}.");
            }
        }
    }

    /// <summary>What is wrong with a value for a type, in words; null when it fits.</summary>
    public static string? Difference(ValType type, object? value)
    {
        ArgumentNullException.ThrowIfNull(type);
        switch (type)
        {
            case PrimitiveType { Kind: PrimitiveKind.ErrorContext }:
                return value is Async.ErrorContext ? null : Expected("ErrorContext", value);
            case StreamType or FutureType:
                return value is Async.IChannelSource channel
                    ? channel.Difference(type)
                    : Expected(type is StreamType ? "HostStream or GuestStreamReader" : "HostFuture or GuestFuture", value);
            case PrimitiveType primitive:
                return value?.GetType() == PrimitiveClr(primitive.Kind) ? null : Expected(PrimitiveClr(primitive.Kind)?.Name ?? "nothing", value);
            case RecordType record:
                return Fields(value, record.Types, i => $"in field `{record.Labels[i]}`: ");
            case TupleType tuple:
                return Fields(value, tuple.Types, i => $"in element {i}: ");
            case ListType { Length: { } length } when value is Array array && array.Length != length:
                return $"the list has {array.Length} elements, not {length}";
            case ListType list:
                return Elements(list.Element, value);
            case MapType map:
                return Elements(map.Entry, value);
            case EnumType e:
                return value is uint label ? label < e.Labels.Count ? null : $"the enum has no label {label}" : Expected("UInt32", value);
            case FlagsType:
                return value is uint ? null : Expected("UInt32", value);
            case OwnType or BorrowType:
                return value is GuestResource ? null : Expected("GuestResource", value);
            case SumType sum:
                return value switch
                {
                    not VariantValue => Expected("VariantValue", value),
                    VariantValue v when v.Case >= sum.Payloads.Length => $"there is no case {v.Case}",
                    VariantValue v when sum.Payloads[(int)v.Case] is { } payload =>
                        Difference(payload, v.Payload) is { } inner ? $"in case {v.Case}: {inner}" : null,
                    VariantValue v => v.Payload is null ? null : $"case {v.Case} has no payload",
                };
            default:
                return $"values of type `{type}` have no dynamic form";
        }
    }

    /// <summary>The element type of the typed array that stands for a list, or <see cref="object"/>.</summary>
    internal static Type ElementType(ValType element) =>
        element is PrimitiveType primitive && primitive.Kind is not (PrimitiveKind.Bool or PrimitiveKind.Char or PrimitiveKind.ErrorContext)
            ? PrimitiveClr(primitive.Kind)!
            : typeof(object);

    /// <summary>A typed array for a list of a number or of strings; made without reflection, which trimming would break.</summary>
    internal static Array NewArray(ValType element, int length) => ((PrimitiveType)element).Kind switch
    {
        PrimitiveKind.S8 => new sbyte[length],
        PrimitiveKind.U8 => new byte[length],
        PrimitiveKind.S16 => new short[length],
        PrimitiveKind.U16 => new ushort[length],
        PrimitiveKind.S32 => new int[length],
        PrimitiveKind.U32 => new uint[length],
        PrimitiveKind.S64 => new long[length],
        PrimitiveKind.U64 => new ulong[length],
        PrimitiveKind.F32 => new float[length],
        PrimitiveKind.F64 => new double[length],
        PrimitiveKind.String => new string[length],
        _ => throw new ArgumentException($"There is no typed array of `{element}`."),
    };

    private static string? Fields(object? value, IReadOnlyList<ValType> types, Func<int, string> place)
    {
        if (value is not object?[] fields || fields.Length != types.Count)
        {
            return Expected($"Object[{types.Count}]", value);
        }

        for (int i = 0; i < fields.Length; i++)
        {
            if (Difference(types[i], fields[i]) is { } inner)
            {
                return place(i) + inner;
            }
        }

        return null;
    }

    private static string? Elements(ValType element, object? value)
    {
        if (value is not Array array)
        {
            return Expected("an array", value);
        }

        if (array.GetType().GetElementType() == ElementType(element) && ElementType(element).IsValueType)
        {
            return null;
        }

        for (int i = 0; i < array.Length; i++)
        {
            if (Difference(element, array.GetValue(i)) is { } inner)
            {
                return $"in element {i}: {inner}";
            }
        }

        return null;
    }

    private static Type? PrimitiveClr(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Bool => typeof(bool),
        PrimitiveKind.S8 => typeof(sbyte),
        PrimitiveKind.U8 => typeof(byte),
        PrimitiveKind.S16 => typeof(short),
        PrimitiveKind.U16 => typeof(ushort),
        PrimitiveKind.S32 => typeof(int),
        PrimitiveKind.U32 => typeof(uint),
        PrimitiveKind.S64 => typeof(long),
        PrimitiveKind.U64 => typeof(ulong),
        PrimitiveKind.F32 => typeof(float),
        PrimitiveKind.F64 => typeof(double),
        PrimitiveKind.Char => typeof(Rune),
        PrimitiveKind.String => typeof(string),
        _ => null,
    };

    private static string Expected(string what, object? value) => $"expected {what}, not {(value is null ? "null" : value.GetType().Name)}";
}
