namespace Windhover.Engine;

// Where the code of a rewritten module stands in the user's. The two differ by a shift that changes at anchors only: at a check that was put in, at a turn of a loop that is written a second
// time (where the user's offset goes back), and at a function whose size takes another number of bytes.
//
//      user's      ──────────o──────────────o────────────►
//      rewritten   ──────────[check]────────[check]──────►      an anchor: start of the check, its length (maybe 0), what it stands before
//
// Kept as differences in LEB128 (3 to 4 bytes an anchor, 2% of a module), those of the user's offsets with their sign in the lowest bit, and only unpacked when a guest traps.

/// <summary>Translates offsets of rewritten code.</summary>
internal sealed class CodeMap
{
    private readonly byte[] _packed;
    private readonly int _count;
    private Lazy<Anchor[]> _anchors;

    private CodeMap(byte[] packed, int count)
    {
        _packed = packed;
        _count = count;
        _anchors = new Lazy<Anchor[]>(Unpack);
    }

    /// <summary>Offset in the user's module of what stands at an offset of the rewritten one; a check is taken for the instruction it stands before.</summary>
    /// <param name="offset">In the rewritten module.</param>
    /// <param name="isCheck">Whether a check stands there.</param>
    public long Translate(long offset, out bool isCheck)
    {
        isCheck = false;
        var anchors = _anchors.Value;
        int low = 0, high = anchors.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (anchors[middle].Rewritten <= offset)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return offset;
        var anchor = anchors[low - 1];
        var beyond = offset - anchor.Rewritten - anchor.Length;
        isCheck = beyond < 0;
        return anchor.Original + Math.Max(0, beyond);
    }

    /// <summary>Writes it.</summary>
    public void Write(WasmWriter writer)
    {
        writer.U32((uint)_count);
        writer.Bytes(_packed);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, to the end.</summary>
    public static CodeMap Read(ref WasmReader reader, int end)
    {
        var count = reader.U32();
        var packed = reader.Take((uint)(end - reader.Position)).ToArray();
        if (count > packed.Length)
            throw new RewriteException("more anchors than bytes", end);
        return new CodeMap(packed, (int)count);
    }

    private Anchor[] Unpack()
    {
        var result = new Anchor[_count];
        var reader = new WasmReader(_packed, 0, _packed.Length);
        Anchor last = default;
        for (var i = 0; i < result.Length; i++)
        {
            last = new Anchor(checked(last.Rewritten + (int)reader.U32()), checked(last.Original + Signed(reader.U32())), (int)reader.U32());
            result[i] = last;
        }
        return result;
    }

    private static int Signed(uint value) => (int)(value >> 1) ^ -(int)(value & 1);

    /// <summary>Collects the anchors of a map, in ascending order.</summary>
    public sealed class Builder
    {
        private readonly WasmWriter _packed = new(1024);
        private Anchor _last;
        private int _count;

        public void Add(int rewritten, int original, int length)
        {
            // Nothing new: the shift is what it was.
            if (length == 0 && rewritten - original == _last.Rewritten + _last.Length - _last.Original)
                return;
            _packed.U32((uint)(rewritten - _last.Rewritten));
            var moved = original - _last.Original;
            _packed.U32((uint)((moved << 1) ^ (moved >> 31)));
            _packed.U32((uint)length);
            _last = new Anchor(rewritten, original, length);
            _count++;
        }

        public CodeMap Build() => new(_packed.Written.ToArray(), _count);
    }

    private readonly record struct Anchor(int Rewritten, int Original, int Length);
}
