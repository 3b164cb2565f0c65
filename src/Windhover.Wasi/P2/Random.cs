using Windhover.Wasi.Bindings.Wasi.Random.Insecure;
using Windhover.Wasi.Bindings.Wasi.Random.InsecureSeed;
using Windhover.Wasi.Bindings.Wasi.Random.Random;

namespace Windhover.Wasi.P2;

/// <summary><c>wasi:random</c>.</summary>
internal sealed partial class P2Host : IRandom, IInsecure, IInsecureSeed
{
    ReadOnlyMemory<byte> IRandom.GetRandomBytes(ulong len) => context.Random.SecureBytes(len);

    ulong IRandom.GetRandomU64() => context.Random.SecureUInt64();

    ReadOnlyMemory<byte> IInsecure.GetInsecureRandomBytes(ulong len) => context.Random.InsecureBytes(len);

    ulong IInsecure.GetInsecureRandomU64() => context.Random.InsecureUInt64();

    (ulong, ulong) IInsecureSeed.InsecureSeed() => context.Random.InsecureSeed();
}
