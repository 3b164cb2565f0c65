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
        if (Thread.CurrentThread.IsThreadPoolThread)
            ThreadSchedule.AnswersHere();
        if (context.Request.ContentLength > app.Meter.Budget.RequestBody)
        {
            app.Meter.Reject(BudgetKind.RequestBody);
            GuestRequest.Fail(context, StatusCodes.Status413PayloadTooLarge);
            return Task.CompletedTask;
        }

        long started = app.Time.GetTimestamp();
        app.Host.Neighbours.Asked(app, app.History.IsQuick);
        if (!app.Admission.TryEnter())
            return app.Admission.TryQueue() ? InTurnAsync(context, started) : RefuseAsync(context);
        if (app.Service is not null)
            return OnReusedInstanceAsync(context, started);
        return OnFreshInstanceAsync(context, started);
    }

    // The calling thread, unless what is known of the app's guests, or neighbours, speak against it.
    private Task OnFreshInstanceAsync(HttpContext context, long started)
    {
        if (app.History.ShouldUseBusyThread())
            return OnBusyThreadAsync(context, started);
        if (app.History.ShouldUseGuestThread())
            return OnGuestThreadAsync(context, started, app.Host.Threads);
        if (app.History.Computes || app.Refusals.AreMany)
            return OnGuestThreadAsync(context, started, app.Host.FewBusyThreads);
        if (PoolTurns.NeedsNone || !app.Host.Neighbours.AreThere)
            return OnThisThread(context, started, null);
        return app.Turns.TryEnter() ? OnThisThread(context, started, app.Turns) : OnPoolThreadAsync(context, started);
    }

    private Task OnThisThread(HttpContext context, long started, PoolTurns? turns)
    {
        bool isNested = PoolTurns.IsTaken;
        PoolTurns.IsTaken = true;
        try
        {
            GuestRequest.Run(app, context, started, GuestPlace.OnPool(turns));
        }
        finally
        {
            PoolTurns.IsTaken = isNested;
            turns?.Leave();
            app.Admission.Leave();
        }

        return Task.CompletedTask;
    }

    private async Task OnPoolThreadAsync(HttpContext context, long started)
    {
        try
        {
            var request = new GuestRequest(app, context, started, GuestPlace.OnPool(app.Turns));
            app.Turns.Queue(request);
            await request.Completion.ConfigureAwait(false);
        }
        finally
        {
            app.Admission.Leave();
        }
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
        {
            await (app.Service is not null ? OnReusedInstanceAsync(context, started) : OnFreshInstanceAsync(context, started)).ConfigureAwait(false);
        }
        else if (!context.RequestAborted.IsCancellationRequested)
        {
            GuestRequest.Fail(context, StatusCodes.Status504GatewayTimeout);
        }
    }

    private async Task RefuseAsync(HttpContext context)
    {
        await app.Refusals.WaitAsync().ConfigureAwait(false);
        GuestRequest.Fail(context, StatusCodes.Status429TooManyRequests);
    }

    private Task OnBusyThreadAsync(HttpContext context, long started)
    {
        if (!app.Host.Neighbours.AreThere)
            return OnGuestThreadAsync(context, started, app.Host.BusyThreads);
        return app.Computing.TryEnter() ? OnGuestThreadAsync(context, started, app.Host.BusyThreads, app.Computing) : OnBusyThreadInTurnAsync(context, started);
    }

    private async Task OnBusyThreadInTurnAsync(HttpContext context, long started)
    {
        TimeSpan wall = app.Meter.Budget.Wall;
        TimeSpan left = wall == Timeout.InfiniteTimeSpan ? wall : wall - app.Time.GetElapsedTime(started);
        using var timer = new CancellationTokenSource(left < TimeSpan.Zero && wall != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : left, app.Time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, context.RequestAborted);
        if (await app.Computing.WaitAsync(ended.Token).ConfigureAwait(false))
        {
            await OnGuestThreadAsync(context, started, app.Host.BusyThreads, app.Computing).ConfigureAwait(false);
            return;
        }

        app.Admission.Leave();
        if (context.RequestAborted.IsCancellationRequested)
            return;
        app.Meter.Reject(BudgetKind.Wall);
        Log.TimedOut(app.Logger, app.Name, context.Request.Method, context.Request.Path, wall.TotalSeconds);
        GuestRequest.Fail(context, StatusCodes.Status504GatewayTimeout);
    }

    private async Task OnGuestThreadAsync(HttpContext context, long started, GuestThreads threads, ComputeShare? share = null)
    {
        try
        {
            var request = new GuestRequest(app, context, started, GuestPlace.On(threads, share));
            if (threads.Queue(request))
            {
                await request.Completion.ConfigureAwait(false);
                return;
            }

            share?.Leave();
            GuestRequest.Fail(context, StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            app.Admission.Leave();
        }
    }
}
