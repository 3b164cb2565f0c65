using System.Runtime.InteropServices;
using Windhover.Components.Abi;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Values;

// Reads values out of a guest by their runtime type (load and lift_flat of the Canonical ABI). The .NET types are those of ComponentValues.
//
// Lists of numbers become typed arrays, copied at once; other lists object arrays. A guest can claim 2^28 - 1 list elements of a byte each,
// which would cost the host 8 to 60 times as much as object arrays: the elements made this way are counted, and a call that passes
// MaxElements traps.
internal static class DynamicLift
{
    private const int MaxElements = 16 * 1024 * 1024;

    /// <summary>Reads a value at an address that is in bounds and aligned for the type.</summary>
    public static object? Load(ref CanonicalContext cx, uint address, ValType type, ref int elements)
    {
        switch (type)
        {
            case PrimitiveType primitive:
                return primitive.Kind switch
                {
                    PrimitiveKind.Bool => cx.LoadBool(address),
                    PrimitiveKind.S8 => cx.LoadS8(address),
                    PrimitiveKind.U8 => cx.LoadU8(address),
                    PrimitiveKind.S16 => cx.LoadS16(address),
                    PrimitiveKind.U16 => cx.LoadU16(address),
                    PrimitiveKind.S32 => cx.LoadS32(address),
                    PrimitiveKind.U32 => cx.LoadU32(address),
                    PrimitiveKind.S64 => cx.LoadS64(address),
                    PrimitiveKind.U64 => cx.LoadU64(address),
                    PrimitiveKind.F32 => cx.LoadF32(address),
                    PrimitiveKind.F64 => cx.LoadF64(address),
                    PrimitiveKind.Char => cx.LoadChar(address),
                    PrimitiveKind.String => cx.LoadString(address),
                    PrimitiveKind.ErrorContext => cx.LiftErrorContext(cx.LoadU32(address)),
                    _ => throw Unsupported(type),
                };
            case RecordType record:
                return LoadFields(ref cx, address, record.Types.Length, i => (record.Types[i], record.Offsets[i]), ref elements);
            case TupleType tuple:
                return LoadFields(ref cx, address, tuple.Types.Length, i => (tuple.Types[i], tuple.Offsets[i]), ref elements);
            case ListType { Length: { } length } list:
                return LoadElements(ref cx, address, (int)length, list.Element, ref elements);
            case ListType list:
                return LiftList(ref cx, cx.LoadU32(address), cx.LoadU32(address + 4), list.Element, ref elements);
            case MapType map:
                return LiftList(ref cx, cx.LoadU32(address), cx.LoadU32(address + 4), map.Entry, ref elements);
            case FlagsType flags:
                return Mask(flags, LoadUnsigned(ref cx, address, type.Size));
            case EnumType e:
                return CanonicalContext.CheckDiscriminant(LoadUnsigned(ref cx, address, e.DiscriminantSize), e.Labels.Count);
            case OwnType own:
                return cx.LiftOwnGuest(cx.LoadU32(address), own.Resource);
            case BorrowType borrow:
                return cx.LiftBorrowGuest(cx.LoadU32(address), borrow.Resource);
            case StreamType or FutureType:
                return cx.LiftChannel(cx.LoadU32(address), type);
            case SumType sum:
                uint index = CanonicalContext.CheckDiscriminant(LoadUnsigned(ref cx, address, sum.DiscriminantSize), sum.Payloads.Length);
                return new VariantValue(
                    index,
                    sum.Payloads[(int)index] is { } payload ? Load(ref cx, address + (uint)sum.PayloadOffset, payload, ref elements) : null);
            default:
                throw Unsupported(type);
        }
    }

    /// <summary>Reads a value from flat core values, from <paramref name="at"/> on.</summary>
    public static object? Flat(ref CanonicalContext cx, scoped ReadOnlySpan<RawValue> values, ref int at, ValType type, ref int elements)
    {
        switch (type)
        {
            case PrimitiveType { Kind: PrimitiveKind.String }:
                at += 2;
                return cx.LiftString(values[at - 2].U32, values[at - 1].U32);
            case PrimitiveType { Kind: PrimitiveKind.ErrorContext }:
                return cx.LiftErrorContext(values[at++].U32);
            case StreamType or FutureType:
                return cx.LiftChannel(values[at++].U32, type);
            case PrimitiveType primitive:
                return Primitive(primitive, values[at++]);
            case RecordType record:
                return FlatFields(ref cx, values, ref at, record.Types.Length, i => record.Types[i], ref elements);
            case TupleType tuple:
                return FlatFields(ref cx, values, ref at, tuple.Types.Length, i => tuple.Types[i], ref elements);
            case ListType { Length: { } length } list:
                ValType element = list.Element;
                return ToTyped(element, FlatFields(ref cx, values, ref at, (int)length, _ => element, ref elements));
            case ListType list:
                at += 2;
                return LiftList(ref cx, values[at - 2].U32, values[at - 1].U32, list.Element, ref elements);
            case MapType map:
                at += 2;
                return LiftList(ref cx, values[at - 2].U32, values[at - 1].U32, map.Entry, ref elements);
            case FlagsType flags:
                return Mask(flags, values[at++].U32);
            case EnumType e:
                return CanonicalContext.CheckDiscriminant(values[at++].U32, e.Labels.Count);
            case OwnType own:
                return cx.LiftOwnGuest(values[at++].U32, own.Resource);
            case BorrowType borrow:
                return cx.LiftBorrowGuest(values[at++].U32, borrow.Resource);
            case SumType sum:
                // The payload's core types are joined over the cases; a slot is a union, so the wanted part of a joined one is read in place.
                uint index = CanonicalContext.CheckDiscriminant(values[at].U32, sum.Payloads.Length);
                int payloadAt = at + 1;
                at += type.FlatCount;
                return new VariantValue(index, sum.Payloads[(int)index] is { } payload ? Flat(ref cx, values, ref payloadAt, payload, ref elements) : null);
            default:
                throw Unsupported(type);
        }
    }

    private static object Primitive(PrimitiveType type, RawValue value) => type.Kind switch
    {
        PrimitiveKind.Bool => value.U32 != 0,
        PrimitiveKind.S8 => (sbyte)value.I32,
        PrimitiveKind.U8 => (byte)value.U32,
        PrimitiveKind.S16 => (short)value.I32,
        PrimitiveKind.U16 => (ushort)value.U32,
        PrimitiveKind.S32 => value.I32,
        PrimitiveKind.U32 => value.U32,
        PrimitiveKind.S64 => value.I64,
        PrimitiveKind.U64 => value.U64,
        PrimitiveKind.F32 => value.F32,
        PrimitiveKind.F64 => value.F64,
        PrimitiveKind.Char => CanonicalContext.LiftChar(value.U32),
        _ => throw Unsupported(type),
    };

    private static object?[] LoadFields(ref CanonicalContext cx, uint address, int count, Func<int, (ValType Type, int Offset)> field, ref int elements)
    {
        var values = new object?[count];
        for (int i = 0; i < count; i++)
        {
            (ValType type, int offset) = field(i);
            values[i] = Load(ref cx, address + (uint)offset, type, ref elements);
        }

        return values;
    }

    private static object?[] FlatFields(
        ref CanonicalContext cx, scoped ReadOnlySpan<RawValue> values, ref int at, int count, Func<int, ValType> type, ref int elements)
    {
        var fields = new object?[count];
        for (int i = 0; i < count; i++)
        {
            fields[i] = Flat(ref cx, values, ref at, type(i), ref elements);
        }

        return fields;
    }

    private static Array LiftList(ref CanonicalContext cx, uint address, uint length, ValType element, ref int elements)
    {
        int count = cx.CheckList(address, length, element.Size, element.Alignment);
        return LoadElements(ref cx, address, count, element, ref elements);
    }

    private static Array LoadElements(ref CanonicalContext cx, uint address, int count, ValType element, ref int elements)
    {
        if (element is PrimitiveType primitive && TypedArray(ref cx, address, count, primitive.Kind) is { } typed)
        {
            return typed;
        }

        elements += count;
        cx.ChargeObjects(count);
        if (elements > MaxElements)
        {
            throw Traps.Create($"the lists of one call have more than {MaxElements} elements");
        }

        if (element is PrimitiveType { Kind: PrimitiveKind.String })
        {
            var strings = new string[count];
            for (int i = 0; i < count; i++)
            {
                strings[i] = cx.LoadString(address + ((uint)i * 8));
            }

            return strings;
        }

        var values = new object?[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Load(ref cx, address + ((uint)(i * element.Size)), element, ref elements);
        }

        return values;
    }

    private static Array? TypedArray(ref CanonicalContext cx, uint address, int count, PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.U8 => Copy<byte>(ref cx, address, count),
        PrimitiveKind.S8 => Copy<sbyte>(ref cx, address, count),
        PrimitiveKind.U16 => Copy<ushort>(ref cx, address, count),
        PrimitiveKind.S16 => Copy<short>(ref cx, address, count),
        PrimitiveKind.U32 => Copy<uint>(ref cx, address, count),
        PrimitiveKind.S32 => Copy<int>(ref cx, address, count),
        PrimitiveKind.U64 => Copy<ulong>(ref cx, address, count),
        PrimitiveKind.S64 => Copy<long>(ref cx, address, count),
        PrimitiveKind.F32 => Copy<float>(ref cx, address, count),
        PrimitiveKind.F64 => Copy<double>(ref cx, address, count),
        _ => null,
    };

    private static unsafe T[] Copy<T>(ref CanonicalContext cx, uint address, int count)
        where T : unmanaged
    {
        var values = new T[count];
        cx.Bytes(address, (uint)(count * sizeof(T))).CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>A fixed-length list passed flat, as the same typed array as from memory.</summary>
    private static Array ToTyped(ValType element, object?[] values)
    {
        Type type = ComponentValues.ElementType(element);
        if (type == typeof(object))
        {
            return values;
        }

        Array typed = ComponentValues.NewArray(element, values.Length);
        Array.Copy(values, typed, values.Length);
        return typed;
    }

    private static uint LoadUnsigned(ref CanonicalContext cx, uint address, int size) => size switch
    {
        0 => 0,
        1 => cx.LoadU8(address),
        2 => cx.LoadU16(address),
        _ => cx.LoadU32(address),
    };

    /// <summary>Bits beyond the labels are ignored (unpack_flags_from_int).</summary>
    private static uint Mask(FlagsType flags, uint bits) => flags.Labels.Count >= 32 ? bits : bits & ((1u << flags.Labels.Count) - 1);

    private static NotSupportedException Unsupported(ValType type) => new($"Values of type `{type}` are not supported on the dynamic road.");
}
