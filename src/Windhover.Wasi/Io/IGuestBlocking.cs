namespace Windhover.Wasi.Io;

/// <summary>
/// How a guest's synchronous wait (<c>wasi:io/poll.poll</c>, <c>pollable.block</c>, every <c>blocking-*</c>) is carried out.
/// All blocking of WASI 0.2 goes through this one method, so that a parked fiber can replace a parked thread unseen.
/// </summary>
public interface IGuestBlocking
{
    /// <summary>Returns as soon as at least one of <paramref name="sources"/> is ready.</summary>
    /// <param name="sources">One or more sources; the caller has found none of them ready, but that may have changed.</param>
    /// <exception cref="OperationCanceledException">The work for which the guest runs was aborted.</exception>
    void Wait(ReadOnlySpan<ReadinessSource> sources);
}
