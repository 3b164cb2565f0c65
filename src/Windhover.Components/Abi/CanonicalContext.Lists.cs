using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Windhover.Components.Abi;

// Lists of numbers: their layout in linear memory (little-endian, dense, naturally aligned) is .NET's on every machine that libwasmtime and
// .NET share, so they are viewed or copied whole. The base of a memory is aligned to a page, so alignment there is alignment here.
public ref partial struct CanonicalContext
{
    /// <summary>
    /// Views a list of numbers where it lies in the guest's memory (load_list_from_range); invalid after anything that runs guest code.
    /// </summary>
    /// <typeparam name="T">A number of fixed size; not <see langword="bool"/> or <see langword="char"/>, whose values need a check.</typeparam>
    /// <exception cref="Engine.TrapException">Out of bounds, misaligned, or over 2^28 - 1 bytes.</exception>
    public ReadOnlySpan<T> ListSpan<T>(uint address, uint count)
        where T : unmanaged
    {
        int length = CheckList(address, count, Unsafe.SizeOf<T>(), Unsafe.SizeOf<T>());
        return MemoryMarshal.Cast<byte, T>(Bytes(address, (uint)length * (uint)Unsafe.SizeOf<T>()));
    }

    /// <summary>Copies a list of numbers into a fresh block of the guest; answers its address (store_list_into_range).</summary>
    /// <exception cref="Engine.TrapException">Over 2^28 - 1 bytes, or the guest's allocator failed.</exception>
    public uint LowerList<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        uint address = AllocateList(values.Length, Unsafe.SizeOf<T>(), Unsafe.SizeOf<T>());
        MemoryMarshal.AsBytes(values).CopyTo(Bytes(address, (uint)values.Length * (uint)Unsafe.SizeOf<T>()));
        return address;
    }
}
