namespace Windhover.Components.Compilation;

/// <summary>What compiling one binary may take. Cranelift needs about 1 s and 60 MB per MB of ordinary code; hostile code can ask for hours and all memory.</summary>
public sealed record CompileLimits
{
    /// <summary>Bytes of the binary. Default 128 MiB.</summary>
    public long MaxBinaryBytes { get; init; } = 128L << 20;

    /// <summary>Wall time of the worker. Default 60 s; a StarlingMonkey component of 14 MB takes 13 s on one core.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Private memory of the worker, beyond what it has before it begins. Default 2 GiB; the same component takes 0.6.</summary>
    public long MaxMemoryBytes { get; init; } = 2L << 30;
}

/// <summary>Compiling would take more than it may: the message names the limit.</summary>
/// <param name="limit">The limit's name: <c>component-size</c>, <c>compile-time</c> or <c>compile-memory</c>.</param>
/// <param name="message">What was reached.</param>
public sealed class CompileLimitException(string limit, string message) : Exception(message)
{
    /// <summary>The name of the limit.</summary>
    public string Limit { get; } = limit;
}
