namespace Windhover.Wasi.Io;

/// <summary>Whoever waits for a <see cref="ReadinessSource"/>: a parked thread, a parked fiber or an async continuation.</summary>
public abstract class Waiter
{
    /// <summary>
    /// Something may have become ready. Called from any thread, possibly more than once and possibly late; it must neither block nor throw.
    /// </summary>
    public abstract void Wake();
}
