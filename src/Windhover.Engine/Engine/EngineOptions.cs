namespace Windhover.Engine;

/// <summary>How a <see cref="WasmEngine"/> compiles and allocates. Fixed for the life of the engine.</summary>
public sealed record EngineOptions
{
    private const int FewKept = 64 * 1024;

    // What guests of Rust's and C's toolchains touch: stack, data and the first of the heap lie below 1.1 MiB.
    private const int ManyKept = 1280 * 1024;

    /// <summary>
    /// Whether instances come from a pool of pre-reserved slots, reset by copy-on-write (default). Without it each instance maps its
    /// own memory: slower by 4 to 5 times, but without a size chosen beforehand.
    /// </summary>
    public bool Pooling { get; init; } = true;

    /// <summary>
    /// Slots of the pool: how many instances may live at once. Each reserves 4 GiB of address space per memory (and as much again with
    /// <see cref="Exceptions"/> or <see cref="GarbageCollection"/>), and takes up to 5 of the kernel's memory maps once used.
    /// </summary>
    public int MaxInstances { get; init; } = 1000;

    /// <summary>Memories that one module may define, in the pool. Every instance slot reserves that many.</summary>
    public int MaxMemoriesPerModule { get; init; } = 1;

    /// <summary>Tables that one module may define, in the pool.</summary>
    public int MaxTablesPerModule { get; init; } = 4;

    /// <summary>
    /// Largest linear memory in bytes, at most 4 GiB, in whole pages of 64 KiB. A module that needs more is not accepted; one that grows
    /// gets −1 at this size, or earlier at <see cref="StoreLimits.MaxMemoryBytes"/>. Applies to the pool only.
    /// </summary>
    public long MaxMemoryBytes { get; init; } = 1L << 32;

    /// <summary>Largest table in elements. Applies to the pool only.</summary>
    public int MaxTableElements { get; init; } = 100_000;

    /// <summary>
    /// Bytes of a slot's memory that stay resident and are cleared by memset instead of being returned to the kernel: at most so much resident memory per slot that was ever used, and as
    /// many page faults fewer per instance. Null (the default): 1.25 MiB, where all slots together cannot hold more than a quarter of the machine's memory by that, else 64 KiB.
    /// </summary>
    public int? KeepResidentBytes { get; init; }

    /// <summary>How guests are stopped that run past their deadline.</summary>
    public Interruption Interruption { get; init; }

    /// <summary>Resolution of deadlines with <see cref="Interruption.Epoch"/>, 1 ms to 1 s. Guard pages need none: 1 ms.</summary>
    public TimeSpan EpochTick { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether instructions are counted against <see cref="Store.SetFuel"/>. A store starts without any.</summary>
    public bool Fuel { get; init; }

    /// <summary>Stack that a guest may use, in bytes.</summary>
    public int MaxWasmStackBytes { get; init; } = 512 * 1024;

    /// <summary>Whether all cores compile one module.</summary>
    public bool ParallelCompilation { get; init; } = true;

    /// <summary>
    /// Whether modules of a <see cref="CompileCache"/> that differ in their data only share compiled code (with <see cref="Engine.Interruption.GuardPage"/>, and where the data are more than
    /// 256 KiB). For developing: a new version of a JavaScript program is there in a fraction of a second instead of 11 s, but each instance copies the data, 0.4 ms per MB.
    /// </summary>
    public bool SeparateData { get; init; }

    /// <summary>Whether every NaN that a guest can observe has the same bits on all machines.</summary>
    public bool CanonicalizeNaN { get; init; }

    /// <summary>Whether relaxed SIMD gives the same results on all machines.</summary>
    public bool DeterministicRelaxedSimd { get; init; }

    /// <summary>Exceptions (exnref and try_table). Needs the heap of the GC proposal, which is then switched on underneath.</summary>
    public bool Exceptions { get; init; } = true;

    /// <summary>Garbage-collected objects (structs, arrays) and typed function references.</summary>
    public bool GarbageCollection { get; init; }

    /// <summary>Linear memories with 64-bit addresses.</summary>
    public bool Memory64 { get; init; } = true;

    /// <summary>More than one memory in a module.</summary>
    public bool MultiMemory { get; init; } = true;

    /// <summary>Tail calls.</summary>
    public bool TailCalls { get; init; } = true;

    /// <summary>128-bit integer arithmetic.</summary>
    public bool WideArithmetic { get; init; }

    /// <summary>Shared memories and atomics. A guest cannot start threads by itself.</summary>
    public bool Threads { get; init; }

    /// <summary>What <see cref="Engine.Interruption.Automatic"/> means here, else as it was set.</summary>
    internal Interruption Stopping => Interruption != Interruption.Automatic ? Interruption : GuardPagesWork ? Interruption.GuardPage : Interruption.Epoch;

    /// <summary>Checks would cost fuel, and not the same on all machines.</summary>
    internal bool GuardPagesWork => OperatingSystem.IsLinux() && !Fuel;

    // Asked for once: the answer is an object of 200 bytes each time, and each memory that is given back needs it.
    private static readonly long s_machineBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What <see cref="KeepResidentBytes"/> comes to.</summary>
    internal int KeptBytes => KeepResidentBytes
        ?? (s_machineBytes / 4 / Math.Max(1, (long)MaxInstances * MaxMemoriesPerModule) >= ManyKept ? ManyKept : FewKept);

    /// <summary>Memories that an instance may have, with its guard.</summary>
    internal int NativeMemoriesPerModule => MaxMemoriesPerModule + (Stopping == Interruption.GuardPage ? 1 : 0);

    /// <summary>Exceptions are objects of the GC proposal's heap.</summary>
    internal bool NeedsCollector => GarbageCollection || Exceptions;
}
