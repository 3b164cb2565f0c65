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
internal sealed class GuestRequest(ComponentApp app, HttpContext context) : IGuestWork
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Completion => _done.Task;

    void IGuestWork.Run()
    {
        try
        {
            Run(app, context, onPoolThread: false);
            _done.SetResult();
        }
        catch (Exception error)
        {
            _done.SetException(error);
        }
    }

    public static void Run(ComponentApp app, HttpContext context, bool onPoolThread)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = app.Options.MaxRequestBodyBytes;
        var exchange = new HttpContextExchange(context);
        int failure = StatusCodes.Status500InternalServerError;
        using var blocking = new RequestBlocking(
            app.History, onPoolThread, app.Time, app.Time.GetTimestamp(), app.Options.Timeout, context.RequestAborted);
        try
        {
            using var guest = new GuestContext(app.Name, app.Wasi, app.Grants, blocking, context.RequestAborted);
            using var store = new Store(app.Host.Engine, app.Limits);
            store.SetDeadline(app.Options.Timeout);
            using ComponentInstance instance = app.Prepared.Instantiate(store, guest);
            app.Handler.Handle(instance, guest.Wasi, exchange);
            if (!exchange.HasResponse)
                Log.NoResponse(app.Logger, app.Name, context.Request.Method, context.Request.Path);
        }
        catch (TrapException trap) when (trap.Kind == TrapKind.Interrupt)
        {
            failure = StatusCodes.Status504GatewayTimeout;
            Log.TimedOut(app.Logger, app.Name, context.Request.Method, context.Request.Path, app.Options.Timeout.TotalSeconds);
        }
        catch (Exception error) when (error is OperationCanceledException || Inner(error) is OperationCanceledException)
        {
            if (blocking.TimedOut)
            {
                failure = StatusCodes.Status504GatewayTimeout;
                Log.TimedOut(app.Logger, app.Name, context.Request.Method, context.Request.Path, app.Options.Timeout.TotalSeconds);
            }
        }
        catch (TrapException trap)
        {
            Log.Trapped(app.Logger, app.Name, context.Request.Method, context.Request.Path, trap.Message, Inner(trap));
        }
        catch (GuestExitException exit)
        {
            Log.Exited(app.Logger, app.Name, context.Request.Method, context.Request.Path, exit.Message);
        }
        catch (ResourceLimitException full)
        {
            failure = StatusCodes.Status503ServiceUnavailable;
            Log.Full(app.Logger, app.Name, full.Message);
        }

        if (exchange.IsComplete || context.RequestAborted.IsCancellationRequested)
            return;
        if (context.Response.HasStarted || exchange.HasResponse)
            context.Abort(); // Part of an answer is out: the client must not take it for the whole.
        else
            Fail(context, failure);
    }

    public static void Fail(HttpContext context, int status)
    {
        context.Response.Clear();
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "1";
    }

    private static Exception? Inner(Exception error) => (error as TrapException)?.InnerException;
}
