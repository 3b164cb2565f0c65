namespace Windhover.Engine;

/// <summary>
/// The linear memories and tables that a module defines: what an instance of it takes at least, and how far it can grow. Read from the binary,
/// since the engine tells only what is exported.
/// </summary>
public sealed class MemoryNeeds
{
    /// <summary>Bytes that an element of a table takes.</summary>
    internal const int ElementBytes = 8;

    internal const int PageBytes = 64 * 1024;

    internal readonly List<(long Minimum, long Maximum)> Memories = [];
    internal readonly List<(long Minimum, long Maximum)> Tables = [];

    /// <summary>Bytes that an instance takes at its start.</summary>
    public long Minimum => Memories.Sum(m => m.Minimum) + (Tables.Sum(t => t.Minimum) * ElementBytes);

    /// <summary>How many linear memories there are, the heap of exceptions and objects among them.</summary>
    public int MemoryCount => Memories.Count;

    /// <summary>What several modules need together.</summary>
    public static MemoryNeeds Of(IEnumerable<MemoryNeeds> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var sum = new MemoryNeeds();
        foreach (var part in parts)
        {
            sum.Memories.AddRange(part.Memories);
            sum.Tables.AddRange(part.Tables);
        }

        return sum;
    }

    /// <summary>Reads a core module that the engine has accepted; of one that it has not, the answer means nothing.</summary>
    public static MemoryNeeds Read(ReadOnlySpan<byte> module)
    {
        var needs = new MemoryNeeds();
        var reader = new SectionReader(module[Math.Min(8, module.Length)..]);
        while (reader.NextSection(out var id, out var section))
        {
            const byte TableSection = 4, MemorySection = 5, TagSection = 13;
            switch (id)
            {
                case TableSection:
                    for (var count = section.Number(); count > 0 && !section.AtEnd; count--)
                    {
                        section.SkipTableType(out var hasInitialiser);
                        needs.Tables.Add(section.Limits(1, 10_000_000));
                        if (hasInitialiser)
                            section.SkipExpression();
                    }

                    break;
                case MemorySection:
                    for (var count = section.Number(); count > 0 && !section.AtEnd; count--)
                        needs.Memories.Add(section.Limits(PageBytes, 1L << 48));
                    break;
                case TagSection:
                    needs.Memories.Add((0, 1L << 32)); // what it throws lies in a heap of its own
                    break;
            }
        }

        return needs;
    }

    // Reads what the validator has seen before: it stops at nonsense, but does not report it.
    private ref struct SectionReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _bytes = bytes;

        public readonly bool AtEnd => _bytes.IsEmpty;

        public bool NextSection(out byte id, out SectionReader section)
        {
            section = default;
            id = Byte();
            var size = Number();
            if (AtEnd || size > (ulong)_bytes.Length)
                return false;
            section = new SectionReader(_bytes[..(int)size]);
            _bytes = _bytes[(int)size..];
            return true;
        }

        public byte Byte()
        {
            if (_bytes.IsEmpty)
                return 0;
            var value = _bytes[0];
            _bytes = _bytes[1..];
            return value;
        }

        public ulong Number()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var part = Byte();
                value |= (ulong)(part & 0x7f) << shift;
                if ((part & 0x80) == 0)
                    break;
            }

            return value;
        }

        // flags: 1 has a maximum, 2 shared, 4 64-bit, 8 a page size of its own
        public (long Minimum, long Maximum) Limits(long unit, long most)
        {
            var flags = Byte();
            var minimum = Number();
            var maximum = (flags & 1) != 0 ? Number() : ulong.MaxValue;
            if ((flags & 8) != 0)
                unit = Number() is var log && log < 16 ? 1L << (int)log : unit;
            return (Scale(minimum, unit, most), Scale(maximum, unit, most));
        }

        // `0x40 0x00` before the type announces an initialiser behind the limits.
        public void SkipTableType(out bool hasInitialiser)
        {
            hasInitialiser = _bytes.StartsWith([(byte)0x40, (byte)0x00]);
            if (hasInitialiser)
                _bytes = _bytes[2..];
            if (Byte() is 0x63 or 0x64) // (ref null? heap-type), an index or a short form
                Number();
        }

        // An initialiser is `ref.func x`, `ref.null t` or `global.get x`, then `end`; a longer one ends the reading of the section.
        public void SkipExpression()
        {
            Byte();
            Number();
            if (Byte() != 0x0b)
                _bytes = default;
        }

        private static long Scale(ulong count, long unit, long most) => count >= (ulong)(most / unit) ? most : (long)count * unit;
    }
}
