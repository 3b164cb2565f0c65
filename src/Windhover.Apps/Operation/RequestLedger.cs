using System.Diagnostics;

namespace Windhover.Apps.Operation;

// What is being answered now, and what was answered last. On the way of every request, so it is two uncontended locks and one object:
//
//   Begin  into the list of one of 16 stripes (by thread: those who meet rarely share one)
//   End    out of it; into the ring of the last 256, and of the last 256 failures
//
// Lines that a guest writes meanwhile carry the request's number (LogStore), by which the page of a request and the page of a failure find theirs.
internal sealed class RequestLedger
{
    private const int Kept = 256;
    private const int StripeCount = 16;

    private static readonly AsyncLocal<LiveRequest?> s_current = new();

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Stripe())];
    private readonly LiveRequest?[] _last = new LiveRequest?[Kept];
    private readonly LiveRequest?[] _failed = new LiveRequest?[Kept];
    private long _number;
    private long _ended;
    private long _failures;

    /// <summary>The request that the calling code works for.</summary>
    public static LiveRequest? Current => s_current.Value;

    /// <summary>Enters a request; it is <see cref="Current"/> until the calling asynchronous method returns.</summary>
    public LiveRequest Begin(string app, string component, string? caller, string method, string path, string? trace)
    {
        Stripe stripe = _stripes[Environment.CurrentManagedThreadId & (StripeCount - 1)];
        var request = new LiveRequest(Interlocked.Increment(ref _number), app, component, caller, method, path, trace, stripe);
        stripe.Add(request);
        s_current.Value = request;
        return request;
    }

    public void End(LiveRequest request, int status)
    {
        request.Home.Remove(request);
        request.End(status);
        _last[Interlocked.Increment(ref _ended) & (Kept - 1)] = request;
        if (status >= 500)
            _failed[Interlocked.Increment(ref _failures) & (Kept - 1)] = request;
    }

    /// <summary>Those under way, the oldest first.</summary>
    public IReadOnlyList<LiveRequest> Live() => [.. _stripes.SelectMany(s => s.ToArray()).OrderBy(r => r.Number)];

    /// <summary>Those that ended, the last first.</summary>
    public IReadOnlyList<LiveRequest> Last() => Newest(_last);

    /// <summary>Those that ended with a status of 500 or more, the last first.</summary>
    public IReadOnlyList<LiveRequest> Failed() => Newest(_failed);

    public LiveRequest? Find(long number) =>
        Array.Find(_failed, r => r?.Number == number) ?? Array.Find(_last, r => r?.Number == number) ?? Live().FirstOrDefault(r => r.Number == number);

    private static LiveRequest[] Newest(LiveRequest?[] ring) => [.. ring.OfType<LiveRequest>().OrderByDescending(r => r.Number)];

    internal sealed class Stripe
    {
        private readonly Lock _lock = new();
        private LiveRequest? _first;

        public void Add(LiveRequest request)
        {
            lock (_lock)
            {
                request.Next = _first;
                _first?.Previous = request;
                _first = request;
            }
        }

        public void Remove(LiveRequest request)
        {
            lock (_lock)
            {
                if (request.Previous is null)
                    _first = request.Next;
                else
                    request.Previous.Next = request.Next;
                request.Next?.Previous = request.Previous;
                request.Previous = request.Next = null; // The rings would hold on to whole chains.
            }
        }

        public LiveRequest[] ToArray()
        {
            var all = new List<LiveRequest>();
            lock (_lock)
            {
                for (LiveRequest? request = _first; request is not null; request = request.Next)
                    all.Add(request);
            }

            return [.. all];
        }
    }
}

/// <summary>A request to an app, from outside or of another app. Without its query, which may hold what no log should.</summary>
internal sealed class LiveRequest(long number, string app, string component, string? caller, string method, string path, string? trace, RequestLedger.Stripe home)
{
    private const int MaxPath = 512;

    private readonly long _begin = Stopwatch.GetTimestamp();
    private long _end;

    public long Number => number;

    public string App => app;

    public string Component => component;

    /// <summary>The app that called, if one did.</summary>
    public string? Caller => caller;

    public string Method => method;

    public string Path { get; private set; } = path;

    /// <summary>The W3C trace, if one was recorded.</summary>
    public string? Trace => trace;

    /// <summary>0 while it is under way.</summary>
    public int Status { get; private set; }

    public bool IsOver => Volatile.Read(ref _end) != 0;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begin, Volatile.Read(ref _end) is not 0 and var end ? end : Stopwatch.GetTimestamp());

    /// <summary>How long ago it began.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_begin);

    internal RequestLedger.Stripe Home => home;

    internal LiveRequest? Next { get; set; }

    internal LiveRequest? Previous { get; set; }

    internal void End(int status)
    {
        Status = status;
        if (Path.Length > MaxPath)
            Path = Path[..MaxPath] + "…";
        Volatile.Write(ref _end, Stopwatch.GetTimestamp());
    }
}
