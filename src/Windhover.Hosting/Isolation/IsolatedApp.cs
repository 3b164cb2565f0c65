using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Http;
using Windhover.Hosting.Isolation.Calls;
using Windhover.Hosting.Threads;
using Yarp.ReverseProxy.Forwarder;

namespace Windhover.Hosting.Isolation;

// The supervisor of one component's process:
//
//                 ┌───────────── ended by itself: log, wait 100 ms · 2^n (10 s at most) ─────────────┐
//                 ▼                                                                                  │
//   start ──▶ (starting) ── ready ──▶ (serving) ── requests are forwarded over its socket ───────────┘
//                 │
//                 └── the first time: LoadAsync throws. Later: log, wait, again
//
//   a request while it starts waits for it, 5 s at most, then 503; so does one that finds the process gone. One that is under way when the process ends gets 502,
//   or is cut off if it has begun
//
// n is the number of ends in a row without half a minute of service between them.

/// <summary>A component in a process of its own, kept alive. See <see cref="IsolationLevel.Process"/>.</summary>
public sealed class IsolatedApp : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GoodService = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // The worker stops a guest at its deadline; the parent gives up on the worker a little later, in case that is what hangs.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Func<BudgetMeter, CancellationToken, Task<IsolatedWorker>> _start;
    private readonly IHttpForwarder _forwarder;
    private readonly ForwarderRequestConfig _forwarding;
    private readonly int _maxRequests;
    private readonly Neighbours _neighbours;
    private readonly Refusals _refusals;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private volatile TaskCompletionSource<IsolatedWorker> _worker = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _supervision = Task.CompletedTask;
    private int _running;
    private bool _isDisposed;

    internal IsolatedApp(
        string name, Func<BudgetMeter, CancellationToken, Task<IsolatedWorker>> start, IHttpForwarder forwarder, ComponentOptions options, Neighbours neighbours, ILogger logger,
        TimeProvider time)
    {
        Name = name;
        Meter = new BudgetMeter(name, options.Budget, options.Tenant);
        BudgetMetrics.Show(Meter);
        _start = start;
        _forwarder = forwarder;
        _forwarding = new ForwarderRequestConfig
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = options.Timeout == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1) : options.Timeout + Grace,
        };
        _maxRequests = (int)(Math.Min(int.MaxValue / 2, options.Budget.Requests) + Math.Min(int.MaxValue / 2, options.Budget.QueuedRequests)); // the queue is in the process
        _neighbours = neighbours;
        _refusals = new Refusals(neighbours, time);
        _logger = logger;
        _time = time;
    }

    /// <summary>The name in logs and errors.</summary>
    public string Name { get; }

    /// <summary>What the app uses, and has used, of its budget, as its process told up to a second ago. Its tenant's totals are exact at any moment.</summary>
    public BudgetMeter Meter { get; }

    /// <summary>The number of the process that serves now; null while there is none.</summary>
    public int? ProcessId => _worker.Task is { IsCompletedSuccessfully: true, Result: var worker } ? worker.Id : null;

    /// <summary>How it calls others, in this life of its process; null: it cannot. For tests.</summary>
    internal CallServer? Calls => _worker.Task is { IsCompletedSuccessfully: true, Result: var worker } ? worker.Calls : null;

    /// <summary>What else is to be done when it is disposed.</summary>
    internal Action<IsolatedApp>? Disposed { get; set; }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        IsolatedWorker worker = await _start(Meter, cancellationToken).ConfigureAwait(false);
        IsolationLog.Started(_logger, Name, worker.Id);
        _worker.SetResult(worker);
        _supervision = SuperviseAsync(worker);
    }

    /// <summary>Answers a request: forwards it to the process.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _neighbours.Asked(this, isQuick: true); // what it computes is its process' matter
        if (Interlocked.Increment(ref _running) > _maxRequests)
        {
            Interlocked.Decrement(ref _running);
            await _refusals.WaitAsync().ConfigureAwait(false);
            GuestRequest.Fail(context, StatusCodes.Status429TooManyRequests);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = Meter.Budget.RequestBody == Budget.Unlimited ? null : Meter.Budget.RequestBody;
        try
        {
            IsolatedWorker worker = await _worker.Task.WaitAsync(Patience, _time, context.RequestAborted).ConfigureAwait(false);
            await ForwardAsync(context, worker).ConfigureAwait(false);
            if (!NeverArrived(context))
                return;
            // The process ended a moment ago. The guest has not seen the request: the next process may.
            await worker.Ended.WaitAsync(Patience, _time, context.RequestAborted).ConfigureAwait(false);
            await worker.Replaced.WaitAsync(Patience, _time, context.RequestAborted).ConfigureAwait(false);
            worker = await _worker.Task.WaitAsync(Patience, _time, context.RequestAborted).ConfigureAwait(false);
            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            await ForwardAsync(context, worker).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            if (!context.Response.HasStarted)
                GuestRequest.Fail(context, StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Ends the process. Requests under way are cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        BudgetMetrics.Hide(Meter);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _supervision.ConfigureAwait(false);
        if (_worker.Task.IsCompletedSuccessfully)
            await _worker.Task.Result.DisposeAsync().ConfigureAwait(false);
        _worker.TrySetCanceled(CancellationToken.None);
        _stop.Dispose();
        Disposed?.Invoke(this);
    }

    private async Task ForwardAsync(HttpContext context, IsolatedWorker worker)
    {
        long? number = worker.Calls?.Enter(context);
        try
        {
            await _forwarder.SendAsync(context, "http://worker", worker.Client, _forwarding, new WorkerTransformer(worker.Key, number)).ConfigureAwait(false);
        }
        finally
        {
            if (number is { } known)
                worker.Calls!.Leave(known);
        }
    }

    private static bool NeverArrived(HttpContext context) =>
        !context.Response.HasStarted
        && context.Features.Get<IForwarderErrorFeature>()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };

    private async Task SuperviseAsync(IsolatedWorker worker)
    {
        int failures = 0;
        try
        {
            while (true)
            {
                long since = _time.GetTimestamp();
                (int status, string errors) = await worker.Ended.WaitAsync(_stop.Token).ConfigureAwait(false);
                _worker = new TaskCompletionSource<IsolatedWorker>(TaskCreationOptions.RunContinuationsAsynchronously);
                worker.Replace();
                IsolationLog.Ended(_logger, Name, worker.Id, status, errors);
                await worker.DisposeAsync().ConfigureAwait(false);
                failures = _time.GetElapsedTime(since) >= GoodService ? 0 : failures + 1;
                worker = await RestartAsync(failures).ConfigureAwait(false);
                IsolationLog.Started(_logger, Name, worker.Id);
                _worker.SetResult(worker);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task<IsolatedWorker> RestartAsync(int failures)
    {
        while (true)
        {
            await Task.Delay(Pause(failures), _time, _stop.Token).ConfigureAwait(false);
            try
            {
                return await _start(Meter, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is WorkerException or ComponentLoadException or IOException)
            {
                IsolationLog.NotStarted(_logger, Name, error.Message);
                failures++;
            }
        }
    }

    private static TimeSpan Pause(int failures) =>
        TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Clamp(failures - 1, 0, 10)));
}
