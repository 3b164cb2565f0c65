using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Windhover.Components.Abi;

// Strings between a guest's memory and .NET (Canonical ABI, load_string / store_string).
//
//   encoding        unit     alignment   length in memory
//   utf8            1 byte   1           bytes
//   utf16           2 bytes  2           code units
//   latin1+utf16    1 or 2   2           code units; top bit set = utf16
//
// A .NET string may hold lone surrogates, WIT's cannot: they are lowered as U+FFFD, as the component model asks of an embedding.
// The size is known before the allocation (one pass to count, vectorised), so `realloc` is called once with the exact size; the
// specification allows this, since its own worst-case sizes are an optimisation for hosts that do not count.
public ref partial struct CanonicalContext
{
    private const uint Utf16Tag = 1u << 31;

    /// <summary>Lifts a string whose pointer and length were passed flat.</summary>
    /// <exception cref="Engine.TrapException">Out of bounds, misaligned, over 2^28 - 1 bytes, or not valid in its encoding.</exception>
    public string LiftString(uint address, uint taggedLength)
    {
        switch (Options.Encoding)
        {
            case StringEncoding.Utf8:
                return LiftUtf8(StringBytes(address, taggedLength, 1));
            case StringEncoding.Utf16:
                return LiftUtf16(StringBytes(address, (ulong)taggedLength * 2, 2));
            default:
                return (taggedLength & Utf16Tag) != 0
                    ? LiftUtf16(StringBytes(address, (ulong)(taggedLength ^ Utf16Tag) * 2, 2))
                    : Encoding.Latin1.GetString(StringBytes(address, taggedLength, 2));
        }
    }

    /// <summary>Lifts a string stored in memory as (pointer, length).</summary>
    public string LoadString(uint address) => LiftString(LoadU32(address), LoadU32(address + 4));

    /// <summary>Copies a string into the guest; answers its pointer and its length as the guest's encoding counts it.</summary>
    /// <exception cref="Engine.TrapException">Over 2^28 - 1 bytes, or the guest's allocator failed.</exception>
    public uint LowerString(string value, out uint taggedLength)
    {
        ArgumentNullException.ThrowIfNull(value);
        switch (Options.Encoding)
        {
            case StringEncoding.Utf8:
                return LowerUtf8(value, out taggedLength);
            case StringEncoding.Utf16:
                taggedLength = (uint)value.Length;
                return LowerUtf16(value);
            default:
                if (value.AsSpan().IndexOfAnyExceptInRange('\0', '\u00FF') < 0)
                {
                    uint address = AllocateList(value.Length, 1, 2);
                    Encoding.Latin1.GetBytes(value, Bytes(address, (uint)value.Length));
                    taggedLength = (uint)value.Length;
                    return address;
                }

                taggedLength = (uint)value.Length | Utf16Tag;
                return LowerUtf16(value);
        }
    }

    /// <summary>Stores a string at an address as (pointer, length).</summary>
    public void StoreString(uint address, string value)
    {
        uint pointer = LowerString(value, out uint length);
        StoreU32(address, pointer);
        StoreU32(address + 4, length);
    }

    private ReadOnlySpan<byte> StringBytes(uint address, ulong bytes, int alignment)
    {
        if (bytes > MaxByteLength)
        {
            Traps.TooLong(bytes);
        }

        CheckBlock(address, (int)bytes, alignment);
        Charge(bytes);
        return Bytes(address, (uint)bytes);
    }

    private static string LiftUtf8(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw Traps.Create("invalid utf-8 encoding in a string");
        }

        return Encoding.UTF8.GetString(bytes);
    }

    private static string LiftUtf16(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<char> chars = MemoryMarshal.Cast<byte, char>(bytes);
        for (int i = 0; i < chars.Length; i++)
        {
            int next = chars[i..].IndexOfAnyInRange('\uD800', '\uDFFF');
            if (next < 0)
            {
                break;
            }

            i += next;
            if (!char.IsHighSurrogate(chars[i]) || i + 1 >= chars.Length || !char.IsLowSurrogate(chars[i + 1]))
            {
                throw Traps.Create("unpaired surrogate found in a utf-16 string");
            }

            i++;
        }

        return new string(chars);
    }

    private uint LowerUtf8(string value, out uint length)
    {
        int count = Encoding.UTF8.GetByteCount(value);
        uint address = AllocateList(count, 1, 1);
        Encoding.UTF8.GetBytes(value, Bytes(address, (uint)count));
        length = (uint)count;
        return address;
    }

    private uint LowerUtf16(string value)
    {
        uint address = AllocateList(value.Length, 2, 2);
        Span<char> target = MemoryMarshal.Cast<byte, char>(Bytes(address, (uint)value.Length * 2));
        value.CopyTo(target);
        for (int i = target.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < target.Length; i++)
        {
            if (!char.IsSurrogate(target[i]))
            {
                continue;
            }

            if (char.IsHighSurrogate(target[i]) && i + 1 < target.Length && char.IsLowSurrogate(target[i + 1]))
            {
                i++;
            }
            else
            {
                target[i] = '\uFFFD';
            }
        }

        return address;
    }
}
