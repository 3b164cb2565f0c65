using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Clocks;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Http;
using Windhover.Wasi.Io;
using Windhover.Wasi.P2;
using Windhover.Wasi.P3;
using Windhover.Wasi.Random;

namespace Windhover.Wasi;

/// <summary>
/// The WASI services of one guest (one store). Created for each store, disposed of with it; used from one thread at a time. Creating one is
/// cheap: a service that the guest never calls is never made.
/// </summary>
public sealed partial class WasiContext : IGuestBlocking, IDisposable
{
    private IGuestBlocking? _blocking;
    private WasiUsage? _usage;
    private List<IDeferredWork>? _deferred;
    private ClockService? _clocks;
    private RandomService? _random;
    private StandardStreams? _streams;
    private P2Host? _p2;
    private P3Host? _p3;
    private readonly List<Task> _outputs = [];

    /// <summary>Makes the services of one guest.</summary>
    /// <param name="options">What it is granted.</param>
    /// <param name="blocking">How it waits; null: by blocking its thread.</param>
    /// <param name="aborted">Fires when the work for which the guest runs is given up: every wait of the guest then ends with <see cref="OperationCanceledException"/>.</param>
    public WasiContext(WasiOptions options, IGuestBlocking? blocking = null, CancellationToken aborted = default)
    {
        Options = options;
        Aborted = aborted;
        _blocking = blocking;
    }

    /// <summary>What the guest was granted.</summary>
    public WasiOptions Options { get; }

    /// <summary>Fires when the work for which the guest runs is given up.</summary>
    public CancellationToken Aborted { get; }

    /// <summary>
    /// For whom the guest works: the host's own object, handed on with each outgoing HTTP request under <see cref="Http.OutgoingHttp.CallerKey"/>, so that a
    /// message handler knows which request of which app it serves.
    /// </summary>
    public object? Caller { get => field ?? Instance?.CallMark; set; }

    /// <summary>The instance that many callers share: then <see cref="Caller"/> is that of the call whose code runs.</summary>
    public ComponentInstance? Instance { get; set; }

    /// <summary>What answers the guest's calls of <c>wasi:http/handler</c> (0.3); null: they end with <c>destination-not-found</c>.</summary>
    public HttpNext? NextHandler { get; init; }

    /// <summary>Knows the spans that the guest records, so that requests in their name go on in the host's trace; null: it records none.</summary>
    public IGuestSpans? Spans { get; set; }

    internal WasiUsage Usage => _usage ??= new WasiUsage(Options.Meter ?? new BudgetMeter("the guest", Options.Budget));

    /// <summary>Bytes that the guest sent out: bodies, standard output and error.</summary>
    public long BytesOut => _usage?.BytesOut ?? 0;

    /// <summary>Charges the app's <see cref="BudgetKind.HostMemory"/> with a buffer that a capability is about to keep for the guest. Thread-safe.</summary>
    /// <exception cref="BudgetExceededException">There is no room: from a host function, the guest traps.</exception>
    public void HoldMemory(int bytes) => Usage.Hold(bytes);

    /// <summary>The same, with an answer in place of the trap: false when there is no room, and nothing is charged.</summary>
    public bool TryHoldMemory(int bytes) => Usage.TryHold(bytes);

    /// <summary>The capability keeps it no longer. What was not given back goes back when the guest ends.</summary>
    public void ReleaseMemory(int bytes) => Usage.Unhold(bytes);

    /// <summary>How many bytes one set of HTTP fields may have.</summary>
    internal int FieldBytes => (int)Math.Min(int.MaxValue, Options.Budget.Headers);

    internal IGuestBlocking Blocking => this;

    internal ClockService Clocks => _clocks ??= new ClockService(Options.Time, this);

    internal RandomService Random => _random ??= new RandomService(Options.SecureRandom, Options.InsecureRandomSeed);

    internal P2Host P2 => _p2 ??= new P2Host(this);

    internal P3Host P3 => _p3 ??= new P3Host(this);

    internal StandardStreams Streams => _streams ??= new StandardStreams(Options, this);

    /// <summary>The granted directories, with the names by which the guest knows them.</summary>
    internal (Descriptor Directory, string Name)[] GetDirectories()
    {
        var grants = Options.Directories;
        var directories = new (Descriptor, string)[grants.Count];
        for (var i = 0; i < directories.Length; i++)
            directories[i] = (grants[i].ToDescriptor(this), grants[i].GuestPath);
        return directories;
    }

    /// <summary>Remembers work that can wait for as long as the guest has something to do.</summary>
    internal void Defer(IDeferredWork work)
    {
        _deferred ??= [];
        if (!_deferred.Contains(work))
            _deferred.Add(work);
    }

    /// <summary>Does all deferred work: the guest is about to wait, and what it waits for may depend on it.</summary>
    internal void RunDeferred()
    {
        if (_deferred is not { Count: > 0 })
            return;
        var work = _deferred;
        _deferred = null;
        foreach (var item in work)
            item.RunNow();
    }

    /// <summary>Remembers output that goes on outside of the guest's turns.</summary>
    internal void Track(Task output)
    {
        lock (_outputs)
        {
            _outputs.RemoveAll(static task => task.IsCompleted);
            _outputs.Add(output);
        }
    }

    /// <summary>
    /// Completes when what the guest wrote to its standard streams (0.3) has been passed on. After the instance was disposed of, since a guest that lives may write more.
    /// </summary>
    public Task FlushAsync()
    {
        lock (_outputs)
            return Settle([.. _outputs]);

        static async Task Settle(Task[] outputs)
        {
            foreach (var output in outputs)
                await output.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    void IGuestBlocking.Wait(ReadOnlySpan<ReadinessSource> sources)
    {
        RunDeferred();
        (_blocking ??= new ThreadBlocking(Aborted)).Wait(sources);
    }

    /// <summary>Releases what the services hold. Resources that the guest did not drop are disposed of by the store's resource table.</summary>
    public void Dispose()
    {
        RunDeferred();
        _streams?.Dispose();
        _usage?.Dispose();
    }
}

/// <summary>Work that is put off until the guest waits; see <see cref="WasiContext.Defer"/>.</summary>
internal interface IDeferredWork
{
    void RunNow();
}
