using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Commands;
using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;
using Windhover.Components.Values.Json;

namespace Windhover.Apps.Functions;

/// <summary>
/// Functions as HTTP endpoints: <c>POST base/function</c> with an object of the parameters, <c>GET base/openapi.json</c>. A function that returns an error
/// answers 422 with it.
/// </summary>
internal static class FunctionEndpoint
{
    public static async Task InvokeAsync(HttpContext context, HttpTrigger trigger, ComponentUnit unit, IFunctionSet functions, AppServices services)
    {
        string path = (context.Request.Path.Value ?? "/").TrimEnd('/');
        string below = path.Length > trigger.BasePath.Length ? path[(trigger.BasePath.Length + 1)..] : "";
        IEnumerable<IJsonFunction> visible = functions.All.Where(f => trigger.Interface is null || Matches(f.Interface, trigger.Interface));
        if (below is "" or "openapi.json" && HttpMethods.IsGet(context.Request.Method))
        {
            JsonObject description = OpenApi.Describe(unit.App.Name, unit.App.Manifest.Description, trigger.BasePath, visible);
            await WriteAsync(context, 200, description.ToJsonString()).ConfigureAwait(false);
            return;
        }

        IJsonFunction? function = visible.FirstOrDefault(f => f.Path == below) ?? Only(visible, below);
        if (function is null)
        {
            await ProblemAsync(context, 404, $"there is no function `{below}`; {trigger.BasePath}/openapi.json describes those there are").ConfigureAwait(false);
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await ProblemAsync(context, 405, "functions are called with POST").ConfigureAwait(false);
            return;
        }

        await CallAsync(context, function, unit, services).ConfigureAwait(false);
    }

    // `add` for `api/add` where only one interface has an `add`.
    private static IJsonFunction? Only(IEnumerable<IJsonFunction> visible, string name)
    {
        IJsonFunction[] found = [.. visible.Where(f => f.Path.EndsWith("/" + name, StringComparison.Ordinal)).Take(2)];
        return found.Length == 1 && name.Length > 0 ? found[0] : null;
    }

    private static bool Matches(string? exported, string wanted) =>
        exported is not null && (exported == wanted || exported.StartsWith(wanted + "@", StringComparison.Ordinal));

    private static async Task CallAsync(HttpContext context, IJsonFunction function, ComponentUnit unit, AppServices services)
    {
        byte[]? body = await RequestBodies.ReadAsync(context, Limits.Input(unit.Manifest.Budget)).ConfigureAwait(false);
        if (body is null)
        {
            await ProblemAsync(context, 413, "the body is longer than the budget `request-body` allows").ConfigureAwait(false);
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body.Length == 0 ? "{}"u8.ToArray() : body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ComponentJsonException("$", "the body is not an object of parameters");
            if (document.RootElement.EnumerateObject().FirstOrDefault(p => function.Parameters.All(q => q.Name != p.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
                throw new ComponentJsonException("$", $"there is no parameter `{unknown.Name}`");
            FunctionResult result = await GuestWork<FunctionResult>.RunAsync(
                services.Host.Threads, () => function.Call(document.RootElement, context, context.RequestAborted)).ConfigureAwait(false);
            if (result.Json is null)
                context.Response.StatusCode = 204;
            else
                await WriteAsync(context, result.IsError ? 422 : 200, result.Json).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JsonException or ComponentJsonException)
        {
            await ProblemAsync(context, 400, error.Message).ConfigureAwait(false);
        }
        catch (Exception error) when (GuestFailure.Of(error) is { } failure)
        {
            services.Logs.Write(failure.Status >= 500 ? LogLevel.Error : LogLevel.Information, unit.App.Name, unit.Manifest.Name, "host", $"`{function.Path}` failed: {failure.Message}");
            await ProblemAsync(context, failure.Status, failure.Status == 500 ? "the guest failed" : failure.Message).ConfigureAwait(false);
        }
    }

    private static Task ProblemAsync(HttpContext context, int status, string detail)
    {
        var problem = new JsonObject { ["status"] = status, ["detail"] = detail };
        return WriteAsync(context, status, problem.ToJsonString(), "application/problem+json");
    }

    private static async Task WriteAsync(HttpContext context, int status, string json, string type = "application/json")
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }
}
