using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Http;

namespace Windhover.Hosting.Reuse;

// One request's way to a 0.3 service:
//
//   (1) endpoint      the app has room, or 503
//   (2) instance      one with room (ServicePool), or a new one
//   (3) handle        a task of the instance beside others; no thread is held while the guest waits (Wasi, HttpService)
//   (4) answer        streamed as the guest writes it; if there is none, 500, 503 or 504, and one log line
//   (5) leave         the instance has room again. A trap poisons it: its other requests fail too, later ones get another instance. So does a request that
//                     timed out, for its guest may be stuck; its other requests go on
internal static class ServiceRequest
{
    public static async Task RunAsync(ComponentApp app, HttpContext context, long started)
    {
        Budget budget = app.Meter.Budget;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = budget.RequestBody == Budget.Unlimited ? null : budget.RequestBody;
        var exchange = new HttpContextExchange(context);
        int failure = StatusCodes.Status500InternalServerError;
        bool poisoned = false;
        ServiceInstance? instance = null;
        using RequestEnd ended = RequestEnd.Rent(app.Time);
        try
        {
            instance = app.Services!.Enter();
            Task handled = app.Service!.HandleAsync(instance.Instance, exchange, ended.Token, context);
            if (handled.IsCompleted)
                await handled.ConfigureAwait(false); // most guests never wait: no timer, and nobody asks whether the client is there
            else
                await ended.WhileAsync(handled, budget.Wall, started, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception full) when (full is ResourceLimitException or BudgetExceededException)
        {
            failure = StatusCodes.Status503ServiceUnavailable;
            Log.Full(app.Logger, app.Name, full.Message);
        }
        catch (Exception error)
        {
            bool gone = context.RequestAborted.IsCancellationRequested;
            poisoned = ended.TimedOut || instance?.Instance.HasEnded == true;
            if ((ended.TimedOut || error is TrapException { Kind: TrapKind.Interrupt }) && !gone)
            {
                failure = StatusCodes.Status504GatewayTimeout;
                app.Meter.Reject(BudgetKind.Wall);
                Log.TimedOut(app.Logger, app.Name, context.Request.Method, context.Request.Path, budget.Wall.TotalSeconds);
            }
            else if (error is TrapException or ObjectDisposedException)
            {
                Log.Trapped(app.Logger, app.Name, context.Request.Method, context.Request.Path, error.Message, error.InnerException);
            }
            else if (error is GuestExitException)
            {
                Log.Exited(app.Logger, app.Name, context.Request.Method, context.Request.Path, error.Message);
            }
            else if (!gone)
            {
                Log.Trapped(app.Logger, app.Name, context.Request.Method, context.Request.Path, error.Message, error);
            }
        }
        finally
        {
            (TimeSpan cpu, long bytesOut) = instance?.TakeUse() ?? default;
            app.Meter.EndRun(cpu, app.Time.GetElapsedTime(started), 0, bytesOut, context.Request.ContentLength ?? 0); // memory is the instance's
            if (instance is not null)
                app.Services!.Leave(instance, poisoned);
        }

        GuestRequest.Finish(context, exchange, failure);
    }
}
