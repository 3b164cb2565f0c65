using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Commands;

/// <summary>A program answers requests, an instance each; see <see cref="Cgi"/>.</summary>
internal static class CommandEndpoint
{
    public static async Task InvokeAsync(HttpContext context, HttpTrigger trigger, string[] parameters, ComponentUnit unit, ICommand command, AppServices services)
    {
        byte[]? body = await RequestBodies.ReadAsync(context, Limits.Input(unit.Manifest.Budget)).ConfigureAwait(false);
        if (body is null)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var input = new CommandInput(
            Cgi.Arguments(trigger.Arguments, trigger.Route, parameters, context.Request.Query), Cgi.Environment(context, trigger, parameters), body, context);
        try
        {
            CommandResult result = await GuestWork<CommandResult>.RunAsync(services.Host.Threads, () => command.Run(input, context.RequestAborted)).ConfigureAwait(false);
            if (result.ExitCode != 0)
                services.Logs.Write(LogLevel.Error, unit.App.Name, unit.Manifest.Name, "host", $"the command ended with status {result.ExitCode} answering {context.Request.Method} {context.Request.Path}");
            await Cgi.AnswerAsync(context, result, trigger.ContentType, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception error) when (GuestFailure.Of(error) is { } failure)
        {
            services.Logs.Write(LogLevel.Error, unit.App.Name, unit.Manifest.Name, "host", $"the guest failed answering {context.Request.Method} {context.Request.Path}: {failure.Message}");
            context.Response.StatusCode = failure.Status;
            if (failure.Status == StatusCodes.Status503ServiceUnavailable)
                context.Response.Headers.RetryAfter = "1";
        }
    }
}
