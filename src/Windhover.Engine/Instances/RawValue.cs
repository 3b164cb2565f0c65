using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Windhover.Engine;

/// <summary>
/// One slot of a call: an argument or a result. Nothing says of which kind it is; the function's type does. A slot is written through
/// one field and read through the same; 32-bit fields leave the rest of the slot as it was.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct RawValue
{
    /// <summary>An <c>i32</c>.</summary>
    [FieldOffset(0)] public int I32;

    /// <summary>An <c>i32</c>, as an unsigned number (a pointer, a length, a handle).</summary>
    [FieldOffset(0)] public uint U32;

    /// <summary>An <c>i64</c>.</summary>
    [FieldOffset(0)] public long I64;

    /// <summary>An <c>i64</c>, as an unsigned number.</summary>
    [FieldOffset(0)] public ulong U64;

    /// <summary>An <c>f32</c>.</summary>
    [FieldOffset(0)] public float F32;

    /// <summary>An <c>f64</c>.</summary>
    [FieldOffset(0)] public double F64;

    /// <summary>A <c>v128</c>.</summary>
    [FieldOffset(0)] public Vector128<byte> V128;

    /// <summary>Wraps an <c>i32</c>.</summary>
    public static implicit operator RawValue(int value) => new() { I32 = value };

    /// <summary>Wraps an <c>i32</c> given as an unsigned number.</summary>
    public static implicit operator RawValue(uint value) => new() { U32 = value };

    /// <summary>Wraps an <c>i64</c>.</summary>
    public static implicit operator RawValue(long value) => new() { I64 = value };

    /// <summary>Wraps an <c>i64</c> given as an unsigned number.</summary>
    public static implicit operator RawValue(ulong value) => new() { U64 = value };

    /// <summary>Wraps an <c>f32</c>.</summary>
    public static implicit operator RawValue(float value) => new() { F32 = value };

    /// <summary>Wraps an <c>f64</c>.</summary>
    public static implicit operator RawValue(double value) => new() { F64 = value };
}
