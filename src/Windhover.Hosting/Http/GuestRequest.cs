using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Http;

// One request's way through the server:
//
//   (1) endpoint      the app has room, or 503
//   (2) thread        this one, or one that may wait (BlockingHistory)
//   (3) instance      a fresh store, limits and deadline set, the component's pre-instantiated module: 6–8 µs
//   (4) handle        the guest's export; it calls back for headers, body and response through HttpContextExchange
//   (5) answer        was sent by the guest; if there is none, 500, 503 or 504, and one log line with the guest's backtrace
//   (6) drop          what the guest still held, the instance, the store: its slot is clean again
internal sealed class GuestRequest(ComponentApp app, HttpContext context, long started, GuestPlace place) : IGuestWork
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Completion => _done.Task;

    void IGuestWork.Run()
    {
        try
        {
            Run(app, context, started, place);
            _done.SetResult();
        }
        catch (Exception error)
        {
            _done.SetException(error);
        }
    }

    /// <param name="app">Who answers.</param>
    /// <param name="context">The request.</param>
    /// <param name="started">When it came.</param>
    /// <param name="place">Where the calling thread is; the request leaves its share.</param>
    public static void Run(ComponentApp app, HttpContext context, long started, GuestPlace place)
    {
        Budget budget = app.Meter.Budget;
        using var blocking = new RequestBlocking(app.History, place, app.Time, started, budget.Wall, context.RequestAborted); // first: it leaves the share, whatever fails
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = budget.RequestBody == Budget.Unlimited ? null : budget.RequestBody;
        var exchange = new HttpContextExchange(context);
        int failure = StatusCodes.Status500InternalServerError;
        CpuWatch cpu = CpuWatch.Start(budget.Cpu, blocking);
        long memory = 0, bytesOut = 0;
        try
        {
            using var guest = new GuestContext(app.Name, app.Wasi, app.Grants, blocking, context.RequestAborted);
            using var store = new Store(app.Host.Engine, MemoryLease.Take(app.Meter, app.Memory));
            store.SetDeadline(budget.Wall, budget[BudgetKind.Cpu] < budget[BudgetKind.Wall] ? cpu.Token : default);
            using ComponentInstance instance = app.Instantiate(store, guest);
            blocking.Instance = instance;
            guest.Caller = context;
            try
            {
                app.Handler!.Handle(instance, guest.Wasi, exchange);
            }
            finally
            {
                memory = instance.MemoryBytes;
                bytesOut = guest.BytesOut;
            }

            if (!exchange.HasResponse)
                Log.NoResponse(app.Logger, app.Name, context.Request.Method, context.Request.Path);
        }
        catch (Exception error) when (cpu.IsOver && IsStop(error))
        {
            failure = StatusCodes.Status503ServiceUnavailable;
            app.Meter.Reject(BudgetKind.Cpu);
            Log.UsedUp(app.Logger, app.Name, context.Request.Method, context.Request.Path, app.Meter.Exceeded(BudgetKind.Cpu).Message);
        }
        catch (Exception error) when (IsStop(error))
        {
            if (error is TrapException { Kind: TrapKind.Interrupt, InnerException: null } || blocking.TimedOut)
            {
                failure = StatusCodes.Status504GatewayTimeout;
                app.Meter.Reject(BudgetKind.Wall);
                Log.TimedOut(app.Logger, app.Name, context.Request.Method, context.Request.Path, budget.Wall.TotalSeconds);
            }
        }
        catch (TrapException trap)
        {
            Log.Trapped(app.Logger, app.Name, context.Request.Method, context.Request.Path, trap.Message, trap.InnerException);
        }
        catch (GuestExitException exit)
        {
            Log.Exited(app.Logger, app.Name, context.Request.Method, context.Request.Path, exit.Message);
        }
        catch (Exception full) when (full is ResourceLimitException or BudgetExceededException)
        {
            failure = StatusCodes.Status503ServiceUnavailable;
            Log.Full(app.Logger, app.Name, full.Message);
        }
        finally
        {
            TimeSpan used = cpu.Stop();
            app.History.Used(used);
            app.Meter.EndRun(used, app.Time.GetElapsedTime(started), memory, bytesOut, context.Request.ContentLength ?? 0);
        }

        Finish(context, exchange, failure);
    }

    /// <summary>Step (5) where the guest gave no answer, or not all of it.</summary>
    public static void Finish(HttpContext context, HttpContextExchange exchange, int failure)
    {
        if (exchange.IsComplete || context.RequestAborted.IsCancellationRequested)
            return;
        if (context.Response.HasStarted || exchange.HasResponse)
            context.Abort(); // Part of an answer is out: the client must not take it for the whole.
        else
            Fail(context, failure);
    }

    /// <summary>Whether the guest was stopped from outside, running or waiting.</summary>
    private static bool IsStop(Exception error) =>
        error is OperationCanceledException or TrapException { Kind: TrapKind.Interrupt } or TrapException { InnerException: OperationCanceledException };

    public static void Fail(HttpContext context, int status)
    {
        context.Response.Clear();
        context.Response.StatusCode = status;
        if (status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
            context.Response.Headers.RetryAfter = "1";
    }
}
