using CsCheck;
using Windhover.Components.Binary;
using Windhover.Components.Tests.Fuzz;

namespace Windhover.Components.Tests.Binary;

/// <summary>Damaged components are refused with the one exception of the decoder, or decode to something else; nothing else ever happens.</summary>
public class HostileInputTests
{
    internal static readonly Gen<byte[]> Damaged =
        from sample in Gen.OneOf(Samples.All.ToArray())
        from flips in Gen.Select(Gen.Int[0, sample.Length - 1], Gen.Byte).Array[0, 8]
        from cut in Gen.Int[0, sample.Length]
        from keep in Gen.Bool
        from inserted in Gen.Select(Gen.Int[0, sample.Length - 1], Gen.Byte.Array[0, 4])
        select Damage(sample, flips, keep ? sample.Length : cut, inserted.Item1, inserted.Item2);

    [Fact]
    public void Mutations_never_escape() => Damaged.Sample(
        bytes =>
        {
            try
            {
                SkeletonWriter.Write(ComponentBinary.Decode(bytes));
            }
            catch (InvalidComponentException e)
            {
                Assert.True(e.Offset is null || (e.Offset >= 0 && e.Offset <= bytes.Length), e.Message);
            }
        },
        iter: 50_000, time: FuzzTime.Seconds);

    [Fact]
    public void Every_truncation_is_refused()
    {
        foreach (var sample in Samples.All)
        {
            var boundaries = 0;
            for (var length = 0; length < sample.Length; length++)
            {
                try
                {
                    ComponentBinary.Decode(sample.AsMemory(0, length));
                    boundaries++;
                }
                catch (InvalidComponentException)
                {
                    continue;
                }
            }

            // Only cuts between sections leave a component, and there are few of those.
            Assert.InRange(boundaries, 1, 60);
        }
    }

    [Fact]
    public void Random_sections_never_escape() =>
        Gen.Select(Gen.Byte[0, 13], Gen.Byte.Array[0, 60]).Array[1, 4].Sample(
            sections =>
            {
                byte[] bytes = [.. WasmFile.ComponentPreamble, .. sections.SelectMany(s => (byte[])[s.Item1, (byte)s.Item2.Length, .. s.Item2])];
                try
                {
                    ComponentBinary.Decode(bytes);
                }
                catch (InvalidComponentException)
                {
                    return;
                }
            },
            iter: 50_000, time: FuzzTime.Seconds);

    private static byte[] Damage(byte[] sample, (int At, byte Value)[] flips, int length, int at, byte[] inserted)
    {
        var copy = (byte[])sample.Clone();
        foreach (var (place, value) in flips)
            copy[place] ^= value;
        return [.. copy[..Math.Min(at, length)], .. inserted, .. copy[Math.Min(at, length)..length]];
    }
}
