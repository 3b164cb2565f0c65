using System.Threading.Channels;
using Windhover.Apps.Manifest;
using Windhover.Apps.Services;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Triggers;

// Between whoever changes a store and the watcher that is told:
//
//   Changed   inside the writer's turn, so it only compares and counts:
//             another key? made by this watcher's own run? ──► no
//             made more than MaxDepth below its first cause? ──► count, no
//             else into the queue; while that is too long or too large ──► the oldest out, count
//   WaitAsync, TryTake     one reader: the loop of the version of the app that serves
//
// It outlives that version when the next one has the same trigger: what waits then is told to the new one, and nothing that happens in between is lost.
internal sealed class WatchQueue : IChangeListener, IDisposable
{
    private readonly WatchTrigger _trigger;
    private readonly Lock _lock = new();
    private readonly Queue<StoreChange> _waiting = new();
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private StoreChange? _givenBack;
    private long _bytes;
    private long _dropped;
    private long _tooDeep;
    private string? _deepKey;

    /// <exception cref="CapabilityException">The store cannot be watched.</exception>
    public WatchQueue(string app, WatchTrigger trigger, IWatchCapability capability)
    {
        _trigger = trigger;
        Id = IdOf(app, trigger);
        Key = KeyOf(app, trigger);
        Capability = capability;
        Resource = capability.Watch(trigger.Request, trigger.Resource, this);
    }

    /// <summary>The watcher's name on this server and on all others that serve the app: what a run writes is known by it.</summary>
    public string Id { get; }

    /// <summary>What makes it the same queue for another version of the app.</summary>
    public string Key { get; }

    public IWatchCapability Capability { get; }

    public IWatchedResource Resource { get; }

    public static string IdOf(string app, WatchTrigger trigger) => $"{app}/{trigger.Component}/{trigger.Store}/{trigger.Keys}";

    public static string KeyOf(string app, WatchTrigger trigger) =>
        $"{IdOf(app, trigger)}\n{trigger.Queue}\n{trigger.QueueBytes}\n{trigger.Request.DataDirectory}\n{trigger.Request.BaseDirectory}\n{trigger.Resource.Backend}\n{string.Join('\n', trigger.Resource.Options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={o.Value}"))}";

    public void Changed(StoreChange change)
    {
        if (!_trigger.Matches(change.Key) || change.Origin?.Watcher == Id)
            return;
        lock (_lock)
        {
            if (change.Origin is { Depth: >= CallChain.MaxDepth })
            {
                _tooDeep++;
                _deepKey = change.Key;
            }
            else
            {
                _waiting.Enqueue(change);
                _bytes += SizeOf(change);
                while (_waiting.Count > 1 && (_waiting.Count > _trigger.Queue || _bytes > _trigger.QueueBytes))
                {
                    _bytes -= SizeOf(_waiting.Dequeue());
                    _dropped++;
                }
            }
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>Waits until there is something to take or to say.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_givenBack is not null || _waiting.Count > 0 || _tooDeep > 0)
                    return;
            }

            await _news.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            _news.Reader.TryRead(out _);
        }
    }

    /// <summary>The oldest change; null: none waits.</summary>
    public StoreChange? TryTake()
    {
        lock (_lock)
        {
            if (_givenBack is { } first)
            {
                _givenBack = null;
                return first;
            }

            if (!_waiting.TryDequeue(out StoreChange? change))
                return null;
            _bytes -= SizeOf(change);
            return change;
        }
    }

    /// <summary>Leaves a change that was taken to who comes next.</summary>
    public void GiveBack(StoreChange change)
    {
        lock (_lock)
            _givenBack = change;
    }

    /// <summary>How many changes were not told since the last call: for want of room, and because the chain of their causes was too long.</summary>
    public (long Dropped, long TooDeep, string? Key) TakeLosses()
    {
        lock (_lock)
        {
            (long, long, string?) losses = (_dropped, _tooDeep, _deepKey);
            _dropped = _tooDeep = 0;
            _deepKey = null;
            return losses;
        }
    }

    public void Dispose() => Resource.Dispose();

    private static long SizeOf(StoreChange change) => 200 + (2L * change.Key.Length) + (change.Value?.Length ?? 0);
}
