using System.Diagnostics.CodeAnalysis;
using Windhover.Engine;

namespace Windhover.Components.Abi;

/// <summary>Makes the traps of the canonical ABI, out of line so that the checks stay small.</summary>
internal static class Traps
{
    public static TrapException Create(string message) => new(TrapKind.Host, message);

    [DoesNotReturn]
    public static void OutOfBounds(ulong address, ulong length, ulong memory) =>
        throw Create($"pointer out of bounds of memory: {length} bytes at 0x{address:x} do not fit {memory} bytes");

    [DoesNotReturn]
    public static void Misaligned(uint address, int alignment) =>
        throw Create($"pointer not aligned: 0x{address:x} is not a multiple of {alignment}");

    [DoesNotReturn]
    public static void InvalidDiscriminant(uint value, int cases) =>
        throw Create($"invalid variant discriminant: {value}, the type has {cases} cases");

    [DoesNotReturn]
    public static void InvalidChar(uint value) => throw Create($"invalid `char` bit pattern 0x{value:x}");

    [DoesNotReturn]
    public static void TooLong(ulong bytes) =>
        throw Create($"a string or list of {bytes} bytes is longer than the limit of {CanonicalContext.MaxByteLength} bytes");

    [DoesNotReturn]
    public static void TooMuch() =>
        throw Create($"the strings and lists of one call are longer than {CanonicalContext.MaxByteLength} bytes together");

    [DoesNotReturn]
    public static void CannotLeave() => throw Create("cannot leave component instance");

    [DoesNotReturn]
    public static void CannotEnter() => throw Create("cannot enter component instance");
}
