using System.Buffers.Binary;

namespace Windhover.Engine;

/// <summary>
/// Time and chance of one run that must repeat exactly: a clock that only the guest moves, and random numbers from a seed. Used by one guest, from one
/// thread at a time.
/// </summary>
/// <param name="seed">Begins the random numbers.</param>
/// <param name="start">What the wall clock says at first; null: 2000-01-01, UTC.</param>
public sealed class DeterministicWorld(ulong seed = 0, DateTimeOffset? start = null)
{
    // A guest that waits for time to pass by looking at the clock gets there.
    private const ulong NanosecondsPerLook = 1000;

    private ulong _state = seed;
    private ulong _now;

    /// <summary>The seed.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>What the wall clock said at first.</summary>
    public DateTimeOffset Start { get; } = start ?? new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The memory of the WASI 0.1 guest; see <see cref="Bind"/>.</summary>
    internal LinearMemory? Memory { get; private set; }

    /// <summary>Nanoseconds since the run began. Each look moves the clock by a microsecond.</summary>
    public ulong Look() => _now += NanosecondsPerLook;

    /// <summary>Lets time pass, at no cost: to that many nanoseconds since the run began, if that is later than now.</summary>
    public void PassTo(ulong nanoseconds) => _now = Math.Max(_now, nanoseconds);

    /// <summary>Random bytes: SplitMix64, the same on every machine. Not for secrets.</summary>
    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[8];
        for (; !destination.IsEmpty; destination = destination[Math.Min(8, destination.Length)..])
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            BinaryPrimitives.WriteUInt64LittleEndian(word, z ^ (z >> 31));
            word[..Math.Min(8, destination.Length)].CopyTo(destination);
        }
    }

    /// <summary>
    /// Names the instance whose memory the functions of WASI 0.1 write to (<see cref="Linker.DefineWasiPreview1(DeterministicWorld)"/>); to be called
    /// before anything in it is called.
    /// </summary>
    /// <exception cref="ModuleLinkException">It exports no memory named <c>memory</c>, as WASI 0.1 asks for.</exception>
    public void Bind(Store s, Instance instance) => Memory = instance.GetMemory(s, "memory");
}
