using System.Runtime.InteropServices;
using System.Text;
using Windhover.Components.Abi;
using Windhover.Components.Async;
using Windhover.Components.Resources;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Values;

// Writes values into a guest by their runtime type (store and lower_flat of the Canonical ABI). The .NET types are those of ComponentValues; they
// are checked by cast as they are written.
//
// A list's elements are written one after the other into a block allocated before; an element may allocate in turn and so move the guest's
// memory, therefore addresses are kept, never spans.
internal static class DynamicLower
{
    public static void Store(ref CanonicalContext cx, uint address, ValType type, object? value)
    {
        switch (type)
        {
            case PrimitiveType { Kind: PrimitiveKind.ErrorContext }:
                cx.StoreU32(address, cx.LowerErrorContext(Cast<ErrorContext>(value, type)));
                break;
            case StreamType or FutureType:
                cx.StoreU32(address, cx.LowerChannel(value, type));
                break;
            case PrimitiveType primitive:
                StorePrimitive(ref cx, address, primitive, value);
                break;
            case RecordType record:
                object?[] fields = Fields(value, record.Types.Length, type);
                for (int i = 0; i < fields.Length; i++)
                {
                    Store(ref cx, address + (uint)record.Offsets[i], record.Types[i], fields[i]);
                }

                break;
            case TupleType tuple:
                object?[] items = Fields(value, tuple.Types.Length, type);
                for (int i = 0; i < items.Length; i++)
                {
                    Store(ref cx, address + (uint)tuple.Offsets[i], tuple.Types[i], items[i]);
                }

                break;
            case ListType { Length: { } length } list:
                Array fixedValues = ArrayOf(value, type);
                if (fixedValues.Length != length)
                {
                    throw Mismatch(value, type);
                }

                StoreElements(ref cx, address, list.Element, fixedValues);
                break;
            case ListType or MapType:
                uint pointer = LowerList(ref cx, ElementOf(type), ArrayOf(value, type), out uint count);
                cx.StoreU32(address, pointer);
                cx.StoreU32(address + 4, count);
                break;
            case FlagsType:
                StoreUnsigned(ref cx, address, type.Size, Cast<uint>(value, type));
                break;
            case EnumType e:
                StoreUnsigned(ref cx, address, e.DiscriminantSize, Case(Cast<uint>(value, type), e.Labels.Count, type));
                break;
            case OwnType own:
                cx.StoreU32(address, cx.LowerOwnGuest(Cast<GuestResource>(value, type), own.Resource));
                break;
            case BorrowType borrow:
                cx.StoreU32(address, cx.LowerBorrowGuest(Cast<GuestResource>(value, type), borrow.Resource));
                break;
            case SumType sum:
                VariantValue variant = Cast<VariantValue>(value, type);
                uint index = Case(variant.Case, sum.Payloads.Length, type);
                StoreUnsigned(ref cx, address, sum.DiscriminantSize, index);
                if (sum.Payloads[(int)index] is { } payload)
                {
                    Store(ref cx, address + (uint)sum.PayloadOffset, payload, variant.Payload);
                }

                break;
            default:
                throw Mismatch(value, type);
        }
    }

    /// <summary>Writes a value as flat core values, from <paramref name="at"/> on; slots of a variant that its case does not use become 0.</summary>
    public static void Flat(ref CanonicalContext cx, scoped Span<RawValue> values, ref int at, ValType type, object? value)
    {
        switch (type)
        {
            case PrimitiveType { Kind: PrimitiveKind.String }:
                uint text = cx.LowerString(Cast<string>(value, type), out uint length);
                values[at++] = text;
                values[at++] = length;
                break;
            case PrimitiveType { Kind: PrimitiveKind.ErrorContext }:
                values[at++] = cx.LowerErrorContext(Cast<ErrorContext>(value, type));
                break;
            case StreamType or FutureType:
                values[at++] = cx.LowerChannel(value, type);
                break;
            case PrimitiveType primitive:
                values[at++] = Primitive(primitive, value);
                break;
            case RecordType record:
                object?[] fields = Fields(value, record.Types.Length, type);
                for (int i = 0; i < fields.Length; i++)
                {
                    Flat(ref cx, values, ref at, record.Types[i], fields[i]);
                }

                break;
            case TupleType tuple:
                object?[] items = Fields(value, tuple.Types.Length, type);
                for (int i = 0; i < items.Length; i++)
                {
                    Flat(ref cx, values, ref at, tuple.Types[i], items[i]);
                }

                break;
            case ListType { Length: { } fixedLength } list:
                Array fixedValues = ArrayOf(value, type);
                if (fixedValues.Length != fixedLength)
                {
                    throw Mismatch(value, type);
                }

                foreach (object? element in fixedValues)
                {
                    Flat(ref cx, values, ref at, list.Element, element);
                }

                break;
            case ListType or MapType:
                uint pointer = LowerList(ref cx, ElementOf(type), ArrayOf(value, type), out uint count);
                values[at++] = pointer;
                values[at++] = count;
                break;
            case FlagsType:
                values[at++] = (RawValue)(Cast<uint>(value, type));
                break;
            case EnumType e:
                values[at++] = (RawValue)(Case(Cast<uint>(value, type), e.Labels.Count, type));
                break;
            case OwnType own:
                values[at++] = (RawValue)(cx.LowerOwnGuest(Cast<GuestResource>(value, type), own.Resource));
                break;
            case BorrowType borrow:
                values[at++] = (RawValue)(cx.LowerBorrowGuest(Cast<GuestResource>(value, type), borrow.Resource));
                break;
            case SumType sum:
                VariantValue variant = Cast<VariantValue>(value, type);
                uint index = Case(variant.Case, sum.Payloads.Length, type);
                int end = at + type.FlatCount;
                values[at..end].Clear();
                values[at++] = index;
                if (sum.Payloads[(int)index] is { } payload)
                {
                    Flat(ref cx, values, ref at, payload, variant.Payload);
                }

                at = end;
                break;
            default:
                throw Mismatch(value, type);
        }
    }

    private static uint LowerList(ref CanonicalContext cx, ValType element, Array values, out uint count)
    {
        count = (uint)values.Length;
        uint address = cx.AllocateList(values.Length, element.Size, element.Alignment);
        StoreElements(ref cx, address, element, values);
        return address;
    }

    private static void StoreElements(ref CanonicalContext cx, uint address, ValType element, Array values)
    {
        if (element is PrimitiveType primitive && TypedBytes(primitive.Kind, values) is { IsEmpty: false } bytes)
        {
            bytes.CopyTo(cx.Bytes(address, (uint)bytes.Length));
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            Store(ref cx, address + ((uint)(i * element.Size)), element, values is object?[] objects ? objects[i] : values.GetValue(i));
        }
    }

    private static ReadOnlySpan<byte> TypedBytes(PrimitiveKind kind, Array values) => (kind, values) switch
    {
        (PrimitiveKind.U8, byte[] a) => a,
        (PrimitiveKind.S8, sbyte[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.U16, ushort[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.S16, short[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.U32, uint[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.S32, int[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.U64, ulong[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.S64, long[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.F32, float[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        (PrimitiveKind.F64, double[] a) => MemoryMarshal.AsBytes(a.AsSpan()),
        _ => default,
    };

    private static void StorePrimitive(ref CanonicalContext cx, uint address, PrimitiveType type, object? value)
    {
        switch (type.Kind)
        {
            case PrimitiveKind.Bool: cx.StoreBool(address, Cast<bool>(value, type)); break;
            case PrimitiveKind.S8: cx.StoreS8(address, Cast<sbyte>(value, type)); break;
            case PrimitiveKind.U8: cx.StoreU8(address, Cast<byte>(value, type)); break;
            case PrimitiveKind.S16: cx.StoreS16(address, Cast<short>(value, type)); break;
            case PrimitiveKind.U16: cx.StoreU16(address, Cast<ushort>(value, type)); break;
            case PrimitiveKind.S32: cx.StoreS32(address, Cast<int>(value, type)); break;
            case PrimitiveKind.U32: cx.StoreU32(address, Cast<uint>(value, type)); break;
            case PrimitiveKind.S64: cx.StoreS64(address, Cast<long>(value, type)); break;
            case PrimitiveKind.U64: cx.StoreU64(address, Cast<ulong>(value, type)); break;
            case PrimitiveKind.F32: cx.StoreF32(address, Cast<float>(value, type)); break;
            case PrimitiveKind.F64: cx.StoreF64(address, Cast<double>(value, type)); break;
            case PrimitiveKind.Char: cx.StoreChar(address, Cast<Rune>(value, type)); break;
            case PrimitiveKind.String: cx.StoreString(address, Cast<string>(value, type)); break;
            default: throw Mismatch(value, type);
        }
    }

    private static RawValue Primitive(PrimitiveType type, object? value) => type.Kind switch
    {
        PrimitiveKind.Bool => (RawValue)(Cast<bool>(value, type) ? 1u : 0u),
        PrimitiveKind.S8 => (RawValue)(Cast<sbyte>(value, type)),
        PrimitiveKind.U8 => (uint)Cast<byte>(value, type),
        PrimitiveKind.S16 => (RawValue)(Cast<short>(value, type)),
        PrimitiveKind.U16 => (uint)Cast<ushort>(value, type),
        PrimitiveKind.S32 => (RawValue)(Cast<int>(value, type)),
        PrimitiveKind.U32 => (RawValue)(Cast<uint>(value, type)),
        PrimitiveKind.S64 => (RawValue)(Cast<long>(value, type)),
        PrimitiveKind.U64 => (RawValue)(Cast<ulong>(value, type)),
        PrimitiveKind.F32 => (RawValue)(Cast<float>(value, type)),
        PrimitiveKind.F64 => (RawValue)(Cast<double>(value, type)),
        PrimitiveKind.Char => (RawValue)((uint)Cast<Rune>(value, type).Value),
        _ => throw Mismatch(value, type),
    };

    private static void StoreUnsigned(ref CanonicalContext cx, uint address, int size, uint value)
    {
        switch (size)
        {
            case 0: break;
            case 1: cx.StoreU8(address, (byte)value); break;
            case 2: cx.StoreU16(address, (ushort)value); break;
            default: cx.StoreU32(address, value); break;
        }
    }

    private static ValType ElementOf(ValType type) => type is MapType map ? map.Entry : ((ListType)type).Element;

    private static uint Case(uint index, int cases, ValType type) =>
        index < (uint)cases ? index : throw new ArgumentException($"Case {index} does not exist in `{type}`, which has {cases}.");

    private static object?[] Fields(object? value, int count, ValType type) =>
        value is object?[] fields && fields.Length == count ? fields : throw Mismatch(value, type);

    private static Array ArrayOf(object? value, ValType type) => value as Array ?? throw Mismatch(value, type);

    private static T Cast<T>(object? value, ValType type) => value is T cast ? cast : throw Mismatch(value, type);

    private static ArgumentException Mismatch(object? value, ValType type) =>
        new($"A value of type `{type}` was expected, not {(value is null ? "null" : $"a {value.GetType().Name}")}.");
}
