using Windhover.Wasi.Bindings.P3.Wasi.Random.Insecure;
using Windhover.Wasi.Bindings.P3.Wasi.Random.InsecureSeed;
using Windhover.Wasi.Bindings.P3.Wasi.Random.Random;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:random</c>. What is asked for beyond 64 KiB comes in a later call: 0.3 lets the host give less.</summary>
internal sealed partial class P3Host : IRandom, IInsecure, IInsecureSeed
{
    private const ulong MaxRandom = 64 * 1024;

    private (ulong, ulong)? _seed;

    ReadOnlyMemory<byte> IRandom.GetRandomBytes(ulong maxLen) => context.Random.SecureBytes(Math.Min(maxLen, MaxRandom));

    ulong IRandom.GetRandomU64() => context.Random.SecureUInt64();

    ReadOnlyMemory<byte> IInsecure.GetInsecureRandomBytes(ulong maxLen) => context.Random.InsecureBytes(Math.Min(maxLen, MaxRandom));

    ulong IInsecure.GetInsecureRandomU64() => context.Random.InsecureUInt64();

    // 0.3 wants the same seed each time.
    (ulong, ulong) IInsecureSeed.GetInsecureSeed() => _seed ??= context.Random.InsecureSeed();
}
