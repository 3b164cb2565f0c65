using Microsoft.AspNetCore.Http;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Reuse;
using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Http;

/// <summary>The request delegate of an app: steps (1) and (2) of <see cref="GuestRequest"/>, or of <see cref="ServiceRequest"/> for a 0.3 service.</summary>
internal sealed class ComponentEndpoint(ComponentApp app)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > app.Meter.Budget.RequestBody)
        {
            app.Meter.Reject(BudgetKind.RequestBody);
            GuestRequest.Fail(context, StatusCodes.Status413PayloadTooLarge);
            return Task.CompletedTask;
        }

        long started = app.Time.GetTimestamp();
        if (!app.Admission.TryEnter())
            return InTurnAsync(context, started);
        if (app.Service is not null)
            return OnReusedInstanceAsync(context, started);
        if (app.History.ShouldUseBusyThread())
            return OnGuestThreadAsync(context, started, app.Host.BusyThreads);
        if (app.History.ShouldUseGuestThread())
            return OnGuestThreadAsync(context, started, app.Host.Threads);

        try
        {
            GuestRequest.Run(app, context, started, onPoolThread: true);
        }
        finally
        {
            app.Admission.Leave();
        }

        return Task.CompletedTask;
    }

    private async Task OnReusedInstanceAsync(HttpContext context, long started)
    {
        try
        {
            await ServiceRequest.RunAsync(app, context, started).ConfigureAwait(false);
        }
        finally
        {
            app.Admission.Leave();
        }
    }

    // The queue: the wait counts as wall time of the request.
    private async Task InTurnAsync(HttpContext context, long started)
    {
        using var timer = new CancellationTokenSource(app.Meter.Budget.Wall, app.Time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, context.RequestAborted);
        if (await app.Admission.WaitAsync(ended.Token).ConfigureAwait(false))
            await (app.Service is null ? OnGuestThreadAsync(context, started, app.History.ShouldUseBusyThread() ? app.Host.BusyThreads : app.Host.Threads) : OnReusedInstanceAsync(context, started)).ConfigureAwait(false);
        else if (!context.RequestAborted.IsCancellationRequested)
            GuestRequest.Fail(context, timer.IsCancellationRequested ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status429TooManyRequests);
    }

    private async Task OnGuestThreadAsync(HttpContext context, long started, GuestThreads threads)
    {
        try
        {
            var request = new GuestRequest(app, context, started);
            if (threads.Queue(request))
                await request.Completion.ConfigureAwait(false);
            else
                GuestRequest.Fail(context, StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            app.Admission.Leave();
        }
    }
}
