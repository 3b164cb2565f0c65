using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Windhover.Wasi.Random;

/// <summary>Fills a span with random bytes. Called from one thread at a time per guest.</summary>
public delegate void RandomFill(Span<byte> destination);

/// <summary><c>wasi:random</c>: secure bytes from the operating system, insecure ones from a seeded generator of the guest's own.</summary>
/// <param name="secure">Replaces the operating system's generator, for runs that must repeat exactly.</param>
/// <param name="insecureSeed">Seeds the insecure generator, for runs that must repeat; null: from the operating system.</param>
internal sealed class RandomService(RandomFill? secure, ulong? insecureSeed)
{
    /// <summary>The most that one call gives: 64 MiB. The length comes from the guest and is paid by the host.</summary>
    internal const ulong MaxBytes = 64 << 20;

    // Most calls ask for a hash seed or a key; they share one buffer, valid until the next call.
    private const int SharedSize = 256;

    // A guest that asks for as much again and again gets the same buffer: arrays this large are collected with everything else (generation 2), which all guests of the process wait for.
    private const int LargestKept = 1 << 20;

    private byte[]? _shared;
    private byte[]? _large;
    private SplitMix? _insecure;

    /// <summary>Secure random bytes, valid until the next call.</summary>
    /// <exception cref="GuestMisuseException">More than 64 MiB were asked for.</exception>
    public ReadOnlyMemory<byte> SecureBytes(ulong length)
    {
        var bytes = Take(length);
        FillSecure(bytes.Span);
        return bytes;
    }

    /// <summary>A secure random number.</summary>
    public ulong SecureUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        FillSecure(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Pseudo-random bytes, valid until the next call.</summary>
    /// <exception cref="GuestMisuseException">More than 64 MiB were asked for.</exception>
    public ReadOnlyMemory<byte> InsecureBytes(ulong length)
    {
        var bytes = Take(length);
        Insecure.Fill(bytes.Span);
        return bytes;
    }

    /// <summary>A pseudo-random number.</summary>
    public ulong InsecureUInt64() => Insecure.Next();

    /// <summary>128 bits against hash flooding: unpredictable to whoever feeds the guest, unless a seed was given.</summary>
    public (ulong Low, ulong High) InsecureSeed() => (Insecure.Next(), Insecure.Next());

    private SplitMix Insecure => _insecure ??= new SplitMix(insecureSeed ?? SecureUInt64());

    private void FillSecure(Span<byte> destination)
    {
        if (secure is null)
            RandomNumberGenerator.Fill(destination);
        else
            secure(destination);
    }

    private Memory<byte> Take(ulong length)
    {
        if (length > MaxBytes)
            throw new GuestMisuseException($"The guest asked for {length} random bytes at once; at most {MaxBytes} are given.");
        if (length <= SharedSize)
            return (_shared ??= new byte[SharedSize]).AsMemory(0, (int)length);
        if (length > LargestKept)
            return new byte[length];
        if (_large is null || _large.Length < (int)length)
            _large = GC.AllocateUninitializedArray<byte>((int)length);
        return _large.AsMemory(0, (int)length);
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): 8 bytes of state, the same sequence on every platform and version.</summary>
    private sealed class SplitMix(ulong state)
    {
        private ulong _state = state;

        public ulong Next()
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }

        public void Fill(Span<byte> destination)
        {
            while (destination.Length >= 8)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(destination, Next());
                destination = destination[8..];
            }
            if (destination.IsEmpty)
                return;
            Span<byte> last = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(last, Next());
            last[..destination.Length].CopyTo(destination);
        }
    }
}
