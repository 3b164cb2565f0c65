using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;

namespace Windhover.Engine;

/// <summary>The name of a compiled module: everything that shapes the machine code, in one digest.</summary>
internal static class CacheKey
{
    public const int Size = SHA256.HashSizeInBytes;

    // The pinned release of the package. Wasmtime checks no more than the major number that it writes into the artifact.
    public const string EngineVersion = "50.0.1";

    private static readonly string Machine = DescribeMachine();

    public static byte[] Compute(EngineOptions options, ReadOnlySpan<byte> wasm)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{EngineVersion}\n{Machine}\n{Describe(options)}\n{wasm.Length}\n"));
        hash.AppendData(wasm);
        return hash.GetHashAndReset();
    }

    // Every option that reaches the compiler. Sizes of the pool are in since a module is checked against them when it is compiled.
    private static string Describe(EngineOptions o) => string.Join(
        ' ',
        o.Pooling, o.MaxMemoriesPerModule, o.MaxTablesPerModule, o.MaxMemoryBytes, o.MaxTableElements, o.Stopping, o.Stopping == Interruption.GuardPage ? GuardRewriter.Version : 0, o.Fuel, o.CanonicalizeNaN,
        o.DeterministicRelaxedSimd, o.Exceptions, o.GarbageCollection, o.Memory64, o.MultiMemory, o.TailCalls, o.Threads, o.WideArithmetic);

    // Wasmtime compiles for the processor that it runs on; the runtime's own view of it tells enough of them apart to share a directory
    // between machines, and Wasmtime refuses what is left.
    private static string DescribeMachine() => string.Join(
        ' ',
        RuntimeInformation.OSDescription.Split(' ')[0], RuntimeInformation.ProcessArchitecture,
        Sse42.IsSupported, Popcnt.IsSupported, Lzcnt.IsSupported, Bmi1.IsSupported, Bmi2.IsSupported, Fma.IsSupported, Avx.IsSupported, Avx2.IsSupported,
        Avx512F.IsSupported, Avx512F.VL.IsSupported, Avx512BW.IsSupported, Avx512DQ.IsSupported, Avx512Vbmi.IsSupported,
        AdvSimd.IsSupported, Dp.IsSupported, Rdm.IsSupported);
}
