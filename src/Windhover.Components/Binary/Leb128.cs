using System.Buffers;

namespace Windhover.Components.Binary;

internal static class Leb128
{
    /// <summary>Appends an unsigned LEB128 number.</summary>
    public static void WriteU32(this IBufferWriter<byte> output, uint value)
    {
        var span = output.GetSpan(5);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        output.Advance(length);
    }
}
