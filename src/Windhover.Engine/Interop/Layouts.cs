using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

// The structs of Wasmtime's C API as they are in the pinned release (50.0.1). They move between releases: LayoutTests asserts
// size and offsets, and makes a round trip through each. The names of the fields are ours, the order and the padding are theirs.

/// <summary><c>wasmtime_func_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeFunction
{
    public ulong StoreId;
    public nint Private;
}

/// <summary><c>wasmtime_instance_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeInstance
{
    public ulong StoreId;
    public nuint Private;
}

/// <summary><c>wasmtime_memory_t</c>, <c>wasmtime_table_t</c> and <c>wasmtime_tag_t</c>: an anonymous {id, u32} padded to 16, then a u32.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeItem
{
    public ulong StoreId;
    public uint Private1;
    private readonly uint _padding1;
    public uint Private2;
    private readonly uint _padding2;
}

/// <summary><c>wasmtime_global_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeGlobal
{
    public ulong StoreId;
    public uint Private1;
    public uint Private2;
    public uint Private3;
    private readonly uint _padding;
}

/// <summary><c>wasmtime_extern_t</c>: a kind and a union of the above.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct NativeExtern
{
    [FieldOffset(0)] public byte Kind;
    [FieldOffset(8)] public ulong StoreId;
    [FieldOffset(8)] public NativeFunction Function;
    [FieldOffset(8)] public NativeItem Item;
    [FieldOffset(8)] public NativeGlobal Global;
    [FieldOffset(8)] public nint SharedMemory;
}

/// <summary><c>wasmtime_val_t</c>: a kind and a union of 24 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct NativeValue
{
    [FieldOffset(0)] public byte Kind;
    [FieldOffset(8)] public int I32;
    [FieldOffset(8)] public long I64;
    [FieldOffset(8)] public NativeFunction Function;
    [FieldOffset(8)] public RawValue Raw;
    [FieldOffset(8)] public ulong ReferenceStoreId;
}

/// <summary><c>wasmtime_valtype_t</c> (the extended value type, which knows v128 and every reference type).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct NativeValueType
{
    [FieldOffset(0)] public byte Kind;
    [FieldOffset(8)] public byte Nullable;
    [FieldOffset(16)] public byte HeapKind;
    [FieldOffset(24)] public nint HeapPayload;
}

/// <summary><c>wasm_byte_vec_t</c>, also <c>wasm_name_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBytes
{
    public nuint Size;
    public byte* Data;

    public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Size));
}

/// <summary>Any <c>wasm_*_vec_t</c> of pointers.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePointers
{
    public nuint Size;
    public nint* Data;

    public readonly ReadOnlySpan<nint> Span => new(Data, checked((int)Size));
}

/// <summary><c>wasmtime_exnref_t</c> and the other rooted references.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeReference
{
    public ulong StoreId;
    public uint Private1;
    public uint Private2;
    public nint Private3;
}
