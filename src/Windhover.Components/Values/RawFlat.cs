using Windhover.Components.Abi;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Values;

// Moves values between their form in memory and their flat form without lifting them: pointers and handles stay what they are. It lets glue that was
// written for the synchronous lowering serve an asynchronous one, which puts more into memory.
internal static class RawFlat
{
    public static void Load(ref CanonicalContext cx, uint address, ValType type, scoped Span<RawValue> values)
    {
        int at = 0;
        Load(ref cx, address, type, values, ref at);
    }

    private static void Load(ref CanonicalContext cx, uint address, ValType type, scoped Span<RawValue> values, ref int at)
    {
        switch (type)
        {
            case ProductType product:
                for (int i = 0; i < product.Types.Length; i++)
                    Load(ref cx, address + (uint)product.Offsets[i], product.Types[i], values, ref at);
                break;
            case ListType { Length: { } length } list:
                for (uint i = 0; i < length; i++)
                    Load(ref cx, address + (i * (uint)list.Element.Size), list.Element, values, ref at);
                break;
            case ListType or MapType or PrimitiveType { Kind: PrimitiveKind.String }:
                values[at++] = cx.LoadU32(address);
                values[at++] = cx.LoadU32(address + 4);
                break;
            case SumType sum:
                uint index = CanonicalContext.CheckDiscriminant(Unsigned(ref cx, address, sum.DiscriminantSize), sum.Payloads.Length);
                int end = at + type.FlatCount;
                values[at..end].Clear();
                values[at++] = index;
                if (sum.Payloads[(int)index] is { } payload)
                    Load(ref cx, address + (uint)sum.PayloadOffset, payload, values, ref at);
                at = end;
                break;
            case PrimitiveType { Kind: PrimitiveKind.S8 }:
                values[at++] = (int)cx.LoadS8(address);
                break;
            case PrimitiveType { Kind: PrimitiveKind.S16 }:
                values[at++] = (int)cx.LoadS16(address);
                break;
            default:
                values[at++] = type.Size == 8 ? cx.LoadU64(address) : Unsigned(ref cx, address, type.Size);
                break;
        }
    }

    /// <summary>Stores a value whose flat form is one core value.</summary>
    public static void Store(ref CanonicalContext cx, uint address, ValType type, RawValue value)
    {
        switch (type)
        {
            case ProductType { Types.Length: 1 } product:
                Store(ref cx, address, product.Types[0], value);
                break;
            case ListType { Length: 1 } list:
                Store(ref cx, address, list.Element, value);
                break;
            default:
                int size = type is SumType sum ? sum.DiscriminantSize : type.Size;
                switch (size)
                {
                    case 1: cx.StoreU8(address, (byte)value.U32); break;
                    case 2: cx.StoreU16(address, (ushort)value.U32); break;
                    case 4: cx.StoreU32(address, value.U32); break;
                    default: cx.StoreU64(address, value.U64); break;
                }

                break;
        }
    }

    private static uint Unsigned(ref CanonicalContext cx, uint address, int size) => size switch
    {
        1 => cx.LoadU8(address),
        2 => cx.LoadU16(address),
        _ => cx.LoadU32(address),
    };
}
