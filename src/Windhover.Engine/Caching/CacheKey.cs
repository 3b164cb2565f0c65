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

    public static byte[] Compute(EngineOptions options, ReadOnlySpan<byte> wasm, bool hasData = false)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{EngineVersion}\n{Machine}\n{Describe(options)}{(hasData ? " data apart" : "")}\n{wasm.Length}\n"));
        hash.AppendData(wasm);
        return hash.GetHashAndReset();
    }

    // Every option that reaches the compiler. Sizes of the pool are in since a module is checked against them when it is compiled.
    private static string Describe(EngineOptions o) => string.Join(
        ' ',
        o.Pooling, o.MaxMemoriesPerModule, o.MaxTablesPerModule, o.MaxMemoryBytes, o.MaxTableElements, o.Stopping, o.Stopping == Interruption.GuardPage ? GuardRewriter.Version : 0, o.Fuel, o.CanonicalizeNaN,
        o.DeterministicRelaxedSimd, o.Exceptions, o.GarbageCollection, o.Memory64, o.MultiMemory, o.TailCalls, o.Threads, o.WideArithmetic);

    // Wasmtime compiles for the processor that it runs on; this tells enough of them apart to share a directory between machines, and Wasmtime refuses what is left.
    // The processor is asked itself: `IsSupported` is what the .NET code was compiled for, and another answer in a Native AOT program on the same machine.
    private static string DescribeMachine() => string.Join(
        ' ',
        RuntimeInformation.OSDescription.Split(' ')[0], RuntimeInformation.ProcessArchitecture,
        X86Base.IsSupported ? DescribeX86() : string.Join(' ', AdvSimd.IsSupported, Dp.IsSupported, Rdm.IsSupported));

    // Leaf 1, ECX: SSE3, SSSE3, FMA, SSE4.1, SSE4.2, POPCNT, AVX. Leaf 7, EBX: BMI1, AVX2, BMI2, AVX-512 F, DQ, IFMA, BW, VL; ECX: VBMI, BITALG, VPOPCNTDQ.
    // Leaf 0x8000_0001, ECX: LZCNT.
    private static string DescribeX86()
    {
        int last = X86Base.CpuId(0, 0).Eax, lastExtended = X86Base.CpuId(unchecked((int)0x8000_0000), 0).Eax;
        int one = X86Base.CpuId(1, 0).Ecx & 0x1098_1201;
        (_, int sevenB, int sevenC, _) = last >= 7 ? X86Base.CpuId(7, 0) : default;
        int extended = (uint)lastExtended >= 0x8000_0001 ? X86Base.CpuId(unchecked((int)0x8000_0001), 0).Ecx & 0x20 : 0;
        return $"{one:x} {sevenB & unchecked((int)0xC023_0128):x} {sevenC & 0x5002:x} {extended:x}";
    }
}
