using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Windhover.Components.Linking;
using Windhover.Components.Resources;
using Windhover.Engine;

namespace Windhover.Components.Abi;

// One guest's side of a call: its memory, allocator, string encoding and table of handles (Canonical ABI, "LiftLowerContext").
//
// Both roads go through it: generated glue (typed, no boxing) and the dynamic values. Every address and length below comes from the
// guest. The rules that keep the host safe:
//   1. an access is checked against the memory's current length in 64-bit arithmetic: `address + size > length` cannot overflow;
//   2. the base is fetched again after whatever may run guest code or grow the memory (realloc, a call): see Refresh;
//   3. alignment is checked where the specification checks it: at the start of a list, a string, and a spilled tuple;
//   4. a length is checked against 2^28 - 1 bytes and against the memory before anything is allocated for it.

/// <summary>
/// The canonical-ABI view of one guest during one call: reads and writes its linear memory, allocates in it, and converts strings and
/// handles. A <see langword="ref struct"/>: it must not outlive the call, and spans from it are invalid after anything that runs guest code
/// (<see cref="Allocate"/>, lowering a string or a list). Every method traps (<see cref="TrapException"/>) when the guest's pointer, length,
/// discriminant or handle is invalid. Canonical ABI, "Lifting and Lowering Context".
/// </summary>
public ref partial struct CanonicalContext
{
    /// <summary>The limit of the specification on a string's or list's bytes: MAX_STRING_BYTE_LENGTH, MAX_LIST_BYTE_LENGTH.</summary>
    public const uint MaxByteLength = (1u << 28) - 1;

    internal readonly ComponentInstance Root;
    internal readonly GuestInstance Guest;
    internal readonly CanonicalOptions Options;
    internal BorrowScope? Borrows;
    internal LendList Lends;

    private ref byte _base;
    private ulong _length;
    private ulong _lifted; // bytes lifted by this call, those of them that are counted, and all that is charged: CanonicalContext.Budget.cs
    private ulong _counted;
    private ulong _charged;

    internal CanonicalContext(ComponentInstance root, CanonicalOptions options)
    {
        Root = root;
        Options = options;
        Guest = root.Guests[options.InstanceIndex];
    }

    /// <summary>The state that the host gave to the component's instance, or to the part of a composition that calls.</summary>
    public readonly object? HostState => Root.HostStateOf(Options.InstanceIndex);

    /// <summary>The component instance that runs.</summary>
    public readonly ComponentInstance Instance => Root;

    /// <summary>
    /// Forgets the memory's base and length: after anything that ran guest code. They are fetched at the next access, so that a call which
    /// needs no memory (a drop, a subscribe) does not pay for it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Refresh() => _length = 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte At(uint address, uint size)
    {
        if ((ulong)address + size > _length)
        {
            Fetch(address, size);
        }

        return ref Unsafe.Add(ref _base, (nint)address);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fetch(uint address, uint size)
    {
        if (Options.MemorySlot < 0)
        {
            throw Traps.Create("the function was lowered or lifted without a memory");
        }

        _base = ref Root.GetMemory(Options.MemorySlot).GetReference(Root.Store, out nuint length);
        _length = length;
        if ((ulong)address + size > _length)
        {
            Traps.OutOfBounds(address, size, _length);
        }
    }

    /// <summary>The bytes at an address, unaligned; invalid after anything that runs guest code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Bytes(uint address, uint length)
    {
        ref byte start = ref At(address, length);
        return MemoryMarshal.CreateSpan(ref start, checked((int)length));
    }

    public byte LoadU8(uint address) => At(address, 1);

    public sbyte LoadS8(uint address) => (sbyte)At(address, 1);

    public ushort LoadU16(uint address) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(address, 2));

    public short LoadS16(uint address) => BinaryPrimitives.ReadInt16LittleEndian(Bytes(address, 2));

    public uint LoadU32(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(address, 4));

    public int LoadS32(uint address) => BinaryPrimitives.ReadInt32LittleEndian(Bytes(address, 4));

    public ulong LoadU64(uint address) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(address, 8));

    public long LoadS64(uint address) => BinaryPrimitives.ReadInt64LittleEndian(Bytes(address, 8));

    public float LoadF32(uint address) => BinaryPrimitives.ReadSingleLittleEndian(Bytes(address, 4));

    public double LoadF64(uint address) => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(address, 8));

    /// <summary>Any non-zero byte is true (convert_int_to_bool).</summary>
    public bool LoadBool(uint address) => At(address, 1) != 0;

    public System.Text.Rune LoadChar(uint address) => LiftChar(LoadU32(address));

    public void StoreU8(uint address, byte value) => At(address, 1) = value;

    public void StoreS8(uint address, sbyte value) => At(address, 1) = (byte)value;

    public void StoreU16(uint address, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Bytes(address, 2), value);

    public void StoreS16(uint address, short value) => BinaryPrimitives.WriteInt16LittleEndian(Bytes(address, 2), value);

    public void StoreU32(uint address, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Bytes(address, 4), value);

    public void StoreS32(uint address, int value) => BinaryPrimitives.WriteInt32LittleEndian(Bytes(address, 4), value);

    public void StoreU64(uint address, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes(address, 8), value);

    public void StoreS64(uint address, long value) => BinaryPrimitives.WriteInt64LittleEndian(Bytes(address, 8), value);

    public void StoreF32(uint address, float value) => BinaryPrimitives.WriteSingleLittleEndian(Bytes(address, 4), value);

    public void StoreF64(uint address, double value) => BinaryPrimitives.WriteDoubleLittleEndian(Bytes(address, 8), value);

    public void StoreBool(uint address, bool value) => At(address, 1) = value ? (byte)1 : (byte)0;

    public void StoreChar(uint address, System.Text.Rune value) => StoreU32(address, (uint)value.Value);

    /// <summary>A guest's `char`: traps on surrogates and on values from 0x110000 (convert_i32_to_char).</summary>
    public static System.Text.Rune LiftChar(uint value)
    {
        if (!System.Text.Rune.IsValid(value))
        {
            Traps.InvalidChar(value);
        }

        return new System.Text.Rune(value);
    }

    /// <summary>Checks a discriminant against its number of cases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CheckDiscriminant(uint value, int cases)
    {
        if (value >= (uint)cases)
        {
            Traps.InvalidDiscriminant(value, cases);
        }

        return value;
    }

    /// <summary>Checks that a block lies in memory and is aligned: the start of a spilled tuple.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint CheckBlock(uint address, int size, int alignment)
    {
        if ((address & ((uint)alignment - 1)) != 0)
        {
            Traps.Misaligned(address, alignment);
        }

        _ = ref At(address, (uint)size);
        return address;
    }

    /// <summary>
    /// Checks a list before it is read: bytes within 2^28 - 1, alignment, bounds. Returns <paramref name="count"/> as an
    /// <see cref="int"/>, which is then safe to allocate (load_list_from_range).
    /// </summary>
    public int CheckList(uint address, uint count, int elementSize, int alignment)
    {
        ulong bytes = (ulong)count * (uint)elementSize;
        if (bytes > MaxByteLength)
        {
            Traps.TooLong(bytes);
        }

        CheckBlock(address, (int)bytes, alignment);
        Charge(bytes);
        return (int)count;
    }

    /// <summary>
    /// Allocates in the guest with its <c>realloc</c> and checks the answer. Runs guest code: spans taken before are invalid after.
    /// </summary>
    /// <exception cref="TrapException">The guest's allocator trapped or answered outside its memory or misaligned.</exception>
    public uint Allocate(int alignment, int size) => Reallocate(0, 0, alignment, size);

    /// <summary>Grows, shrinks or moves a block with the guest's <c>realloc</c>; see <see cref="Allocate"/>.</summary>
    public uint Reallocate(uint address, int oldSize, int alignment, int size)
    {
        // The guest may not call out of its allocator: may_leave is down meanwhile.
        GuestInstance guest = Guest;
        if (!guest.MayLeave)
        {
            Traps.CannotLeave();
        }

        Span<RawValue> values = stackalloc RawValue[4];
        values[0] = address;
        values[1] = oldSize;
        values[2] = alignment;
        values[3] = size;
        guest.MayLeave = false;
        ComponentInstance.SyncFrame outer = Root.PushSyncFrame(); // the task that runs may be another guest's: its context is not this one's
        Root.GetFunction(Options.ReallocSlot).Call(Root.Store, values);
        Root.PopSyncFrame(outer);
        guest.MayLeave = true;
        Refresh();
        return CheckBlock(values[0].U32, size, alignment);
    }

    /// <summary>Allocates room for a list of <paramref name="count"/> elements; traps when it passes 2^28 - 1 bytes.</summary>
    public uint AllocateList(int count, int elementSize, int alignment)
    {
        ulong bytes = (ulong)(uint)count * (uint)elementSize;
        if (bytes > MaxByteLength)
        {
            Traps.TooLong(bytes);
        }

        return Allocate(alignment, (int)bytes);
    }

    /// <summary>Copies bytes into a fresh block of the guest: a lowered <c>list&lt;u8&gt;</c>.</summary>
    public uint LowerBytes(ReadOnlySpan<byte> bytes)
    {
        uint address = AllocateList(bytes.Length, 1, 1);
        bytes.CopyTo(Bytes(address, (uint)bytes.Length));
        return address;
    }
}
