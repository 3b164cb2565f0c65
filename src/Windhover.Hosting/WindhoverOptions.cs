using Windhover.Components.Workers;
using Windhover.Engine;

namespace Windhover.Hosting;

/// <summary>What holds for all guests of this server.</summary>
public sealed class WindhoverOptions
{
    /// <summary>The engine's configuration.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>
    /// Where compiled code is kept between runs; null: the user's cache directory; empty: nowhere. Compiling takes seconds for a component
    /// of 10 MB, mapping its code from here a millisecond.
    /// </summary>
    public string? CacheDirectory { get; set; }

    /// <summary>
    /// Whether components are validated and compiled by worker processes, so that none can keep this one busy, take its memory or abort it. For components
    /// of others. Needs a cache, and a program that hands over to <see cref="WindhoverWorker"/> first thing in <c>Main</c>.
    /// </summary>
    public bool CompileOutOfProcess { get; set; }

    /// <summary>Whether such a compiler stands behind everything else that the machine does, so that requests do not wait for a new component but it for them. Off while somebody develops.</summary>
    public bool CompileBehindOthers { get; set; } = true;

    /// <summary>What worker processes are started from; null: this program itself.</summary>
    public WorkerCommand? Worker { get; set; }

    /// <summary>Threads for guests that wait (for a body, a timer, an upstream). A waiting guest holds one: about 50 KiB resident.</summary>
    public int MaxWaitingGuests { get; set; } = 512;

    /// <summary>Requests that may stand in line for such a thread. Beyond: 503.</summary>
    public int MaxQueuedGuests { get; set; } = 1024;
}
