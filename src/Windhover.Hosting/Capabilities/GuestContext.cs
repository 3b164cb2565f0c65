using System.Runtime.CompilerServices;
using Windhover.Components.Linking;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Threads;
using Windhover.Hosting.Watching;
using Windhover.Wasi;
using Windhover.Wasi.Io;
using Windhover.Wasi.P3;

namespace Windhover.Hosting.Capabilities;

/// <summary>
/// The state of one guest: its WASI services and its capabilities. Made for each instance, disposed of with it; used by one thread at a time. What
/// the guest never calls is never made.
/// </summary>
public sealed class GuestContext : IDisposable
{
    private readonly CapabilityGrant[] _grants;
    private readonly IGuestBlocking? _blocking;
    private object?[]? _hosts;
    private List<GuestContext>? _parts;

    /// <summary>Makes the state of one guest.</summary>
    internal GuestContext(string app, WasiOptions wasi, CapabilityGrant[] grants, IGuestBlocking? blocking, CancellationToken aborted, HttpNext? next = null)
    {
        App = app;
        _grants = grants;
        _blocking = blocking;
        Wasi = new WasiContext(wasi, blocking, aborted) { NextHandler = next };
    }

    /// <summary>The app's name.</summary>
    public string App { get; }

    /// <summary>Its WASI services.</summary>
    public WasiContext Wasi { get; }

    /// <summary>Fires when the work for which the guest runs is given up. Pass it to every backend call.</summary>
    public CancellationToken Aborted => Wasi.Aborted;

    /// <summary>
    /// Wall time that the guest has left, at least 0; infinite where nobody limits it. For host functions that work instead of waiting: a wait
    /// (<see cref="Wait{T}"/>) ends by itself.
    /// </summary>
    public TimeSpan TimeLeft => _blocking is ITimedBlocking timed ? timed.TimeLeft : TimeSpan.MaxValue;

    /// <summary>For whom the guest works, for those who watch what it changes. To be asked in a host function before its first wait: requests may share the guest.</summary>
    public ChangeWriter Writer => new(Wasi.Caller);

    /// <summary>For whom the guest works, all its parts included: see <see cref="WasiContext.Caller"/>.</summary>
    internal object? Caller
    {
        set
        {
            Wasi.Caller = value;
            foreach (GuestContext part in _parts ?? [])
                part.Caller = value;
        }
    }

    /// <summary>The instance, when many callers share it: see <see cref="WasiContext.Instance"/>. A part's code runs within a call of the whole.</summary>
    internal ComponentInstance Instance
    {
        set
        {
            Wasi.Instance = value;
            foreach (GuestContext part in _parts ?? [])
                part.Instance = value;
        }
    }

    /// <summary>Bytes that the guest sent out, all its parts together.</summary>
    internal long BytesOut => Wasi.BytesOut + (_parts?.Sum(p => p.BytesOut) ?? 0);

    /// <summary>The state of a component that satisfies imports of this one. Disposed of with this.</summary>
    internal GuestContext Add(GuestPart part)
    {
        var context = new GuestContext(part.Name, part.Wasi, part.Grants, _blocking, Aborted) { Caller = Wasi.Caller };
        (_parts ??= []).Add(context);
        return context;
    }

    /// <summary>
    /// Waits, in a synchronous host function, for a backend's answer: as the guest itself would wait, so that its deadline ends the wait and no thread
    /// of the server's pool is starved. Costs nothing when the answer is there already.
    /// </summary>
    /// <exception cref="OperationCanceledException">The guest's time is over, or the client left. Let it pass: it ends the guest.</exception>
    public T Wait<T>(ValueTask<T> answer) => answer.IsCompleted ? answer.GetAwaiter().GetResult() : WaitSlow(answer.AsTask());

    /// <inheritdoc cref="Wait{T}"/>
    public void Wait(ValueTask answer)
    {
        if (answer.IsCompleted)
            answer.GetAwaiter().GetResult();
        else
            WaitSlow(Complete(answer));

        static async Task<bool> Complete(ValueTask answer)
        {
            await answer.ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Ends it: hosts that can be disposed of are.</summary>
    public void Dispose()
    {
        if (_hosts is not null)
        {
            foreach (object? host in _hosts)
                (host as IDisposable)?.Dispose();
        }

        Wasi.Dispose();
        _parts?.ForEach(static part => part.Dispose());
    }

    internal object Host(int index) => _hosts is { } hosts && hosts[index] is { } host ? host : Create(index);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private object Create(int index)
    {
        _hosts ??= new object?[_grants.Length];
        return _hosts[index] = _grants[index].CreateHost(this);
    }

    private T WaitSlow<T>(Task<T> answer)
    {
        (_blocking ?? new ThreadBlocking(Aborted)).Wait([new TaskSource(answer)]);
        return answer.GetAwaiter().GetResult();
    }

    private sealed class TaskSource : ReadinessSource
    {
        private readonly Task _task;
        private bool _armed;

        public TaskSource(Task task) => _task = task;

        public override bool IsReady => _task.IsCompleted;

        public override void Arm()
        {
            if (_armed)
                return;
            _armed = true;
            _task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(SignalReady);
        }
    }
}
