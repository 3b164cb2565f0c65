using Microsoft.AspNetCore.Http;
using Windhover.Hosting.Apps;

namespace Windhover.Hosting.Http;

/// <summary>The request delegate of an app: steps (1) and (2) of <see cref="GuestRequest"/>.</summary>
internal sealed class ComponentEndpoint(ComponentApp app)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!app.TryEnter())
        {
            GuestRequest.Fail(context, StatusCodes.Status503ServiceUnavailable);
            return Task.CompletedTask;
        }

        if (app.History.ShouldUseGuestThread())
            return OnGuestThread(context);

        try
        {
            GuestRequest.Run(app, context, onPoolThread: true);
        }
        finally
        {
            app.Leave();
        }

        return Task.CompletedTask;
    }

    private async Task OnGuestThread(HttpContext context)
    {
        try
        {
            var request = new GuestRequest(app, context);
            if (app.Host.Threads.Queue(request))
                await request.Completion.ConfigureAwait(false);
            else
                GuestRequest.Fail(context, StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            app.Leave();
        }
    }
}
