using Microsoft.Extensions.Logging;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation.Calls;

namespace Windhover.Hosting.Isolation;

/// <summary>One life of a component's process: from its start until it ends, by itself or not.</summary>
internal sealed class IsolatedWorker : IAsyncDisposable
{
    private readonly WorkerProcess _process;
    private readonly string _socket;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly BudgetMeter _meter;
    private readonly TenantLease? _lease;
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BudgetUse[] _uses = [];
    private bool _hasEndedCalls;

    private IsolatedWorker(WorkerProcess process, ServeRequest request, CallServer? calls, ILogger logger, string name, BudgetMeter meter)
    {
        _meter = meter;
        _lease = meter.Parent is { } tenant ? new TenantLease(tenant, process.Tell) : null;
        _process = process;
        _socket = request.Socket;
        _logger = logger;
        _name = name;
        Key = request.Key;
        Calls = calls;
        Client = Hop.CreateClient(request.Socket, meter.Budget.Headers);
    }

    /// <summary>Sends to the process, whatever the address says.</summary>
    public HttpMessageInvoker Client { get; }

    /// <summary>What shows the process that the server speaks.</summary>
    public string Key { get; }

    /// <summary>How its component calls others; null: it cannot.</summary>
    public CallServer? Calls { get; }

    /// <summary>The number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Completes when the process has ended: its status, and the last lines that it wrote to standard error.</summary>
    public Task<(int Status, string Errors)> Ended { get; private set; } = Task.FromResult((0, ""));

    /// <summary>Completes when the app no longer sends requests here.</summary>
    public Task Replaced => _replaced.Task;

    /// <summary>The app no longer sends requests here.</summary>
    public void Replace() => _replaced.TrySetResult();

    /// <summary>Starts a process and waits until it listens.</summary>
    /// <param name="command">The program.</param>
    /// <param name="request">What it serves.</param>
    /// <param name="component">The component.</param>
    /// <param name="calls">How its component calls others; owned from here on. Null: it cannot.</param>
    /// <param name="logger">Where the worker's log lines go.</param>
    /// <param name="name">The app's name.</param>
    /// <param name="meter">Its meter, whose parent is its tenant's: what the worker holds of the tenant's totals, and what its runs cost, is counted here.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="ComponentLoadException">The component does not fit the host.</exception>
    /// <exception cref="WorkerException">It cannot be started, or ended at once.</exception>
    public static async Task<IsolatedWorker> StartAsync(
        WorkerCommand command, ServeRequest request, ReadOnlyMemory<byte> component, CallServer? calls, ILogger logger, string name, BudgetMeter meter, CancellationToken cancellationToken)
    {
        request = request with { Key = HopHeaders.CreateKey(), Calls = calls?.Offer };
        IsolatedWorker worker;
        try
        {
            File.Delete(request.Socket);
            worker = new IsolatedWorker(WorkerProcess.Start(command, ServeWorker.Role), request, calls, logger, name, meter);
        }
        catch when (calls is not null)
        {
            await calls.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        try
        {
            await worker.GreetAsync(request, component, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        worker.Ended = worker.WatchAsync();
        return worker;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await Ended.ConfigureAwait(false); // still reads from it
        await EndCallsAsync().ConfigureAwait(false);
        _lease?.Dispose();
        await _process.DisposeAsync().ConfigureAwait(false);
        Client.Dispose();
        File.Delete(_socket);
    }

    private async Task GreetAsync(ServeRequest request, ReadOnlyMemory<byte> component, CancellationToken cancellationToken)
    {
        try
        {
            await _process.SendAsync(request, IsolationJson.Default.ServeRequest, component, cancellationToken).ConfigureAwait(false);
            while (await _process.ReceiveAsync(IsolationJson.Default.WorkerLine, cancellationToken).ConfigureAwait(false) is { } line)
            {
                switch (line.Kind)
                {
                    case WorkerLineKind.Ready:
                        return;
                    case WorkerLineKind.Failed:
                        throw new ComponentLoadException(line.Message);
                    default:
                        Serve(line);
                        break;
                }
            }
        }
        catch (IOException)
        {
            // It ended while it was spoken to.
        }

        int status = await _process.WaitAsync(cancellationToken).ConfigureAwait(false);
        throw new WorkerException($"The process of {_name} ended with status {status} before it was ready. {_process.ErrorTail}".TrimEnd());
    }

    // Relays the log until there is no one to speak. A worker that speaks nonsense is no longer ours: it is ended.
    private async Task<(int Status, string Errors)> WatchAsync()
    {
        try
        {
            while (await _process.ReceiveAsync(IsolationJson.Default.WorkerLine, CancellationToken.None).ConfigureAwait(false) is { } line)
                Serve(line);
        }
        catch (Exception error) when (error is WorkerException or IOException)
        {
            _process.Kill();
        }

        _lease?.Dispose();
        _meter.Mirror([], _uses);
        await EndCallsAsync().ConfigureAwait(false); // who answers it learns that nobody asks any more
        int status = await _process.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        return (status, _process.ErrorTail);
    }

    private ValueTask EndCallsAsync() => Calls is { } calls && !Interlocked.Exchange(ref _hasEndedCalls, true) ? calls.DisposeAsync() : ValueTask.CompletedTask;

    private void Serve(WorkerLine line)
    {
        switch (line.Kind)
        {
            case WorkerLineKind.Log:
                IsolationLog.Relayed(_logger, line.Level, line.Message);
                break;
            case WorkerLineKind.Ask or WorkerLineKind.GiveBack when _lease is not null:
                _lease.Serve(line.Kind, line.Share);
                break;
            case WorkerLineKind.Costs when line.Costs is { } costs:
                _meter.Add(costs.Runs, new TimeSpan(costs.CpuTicks), costs.MemoryTime, costs.BytesOut, costs.BytesIn);
                _meter.Mirror(costs.Budgets, _uses);
                _uses = costs.Budgets;
                break;
            default:
                throw new WorkerException("The worker says what no worker says.");
        }
    }
}
