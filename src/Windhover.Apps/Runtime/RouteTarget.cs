using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Commands;
using Windhover.Apps.Functions;
using Windhover.Apps.Manifest;
using Windhover.Apps.Operation;
using Windhover.Apps.Services;
using Windhover.Apps.Spin;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Runtime;

// What a route leads to. A request's way from the route to the guest:
//
//   (1) enter     the app's version, or the caller looks for the one that replaced it
//   (2) load      the component, if this is its first request
//   (3) headers   of the route, where the route has parameters or the app expects another host's
//   (4) answer    handler, command or functions
//   (5) leave     count; a failure without an answer gets a page in development
internal sealed class RouteTarget(RunningApp app, HttpTrigger trigger, AppServices services)
{
    public const string ParameterPrefix = "windhover-param-";

    private readonly ComponentUnit _unit = app.Unit(trigger.Component);
    private readonly KeyValuePair<string, object?> _tag = new("app", app.Name);
    private readonly string _span = "guest " + app.Name;

    public RunningApp App => app;

    public HttpTrigger Trigger => trigger;

    /// <summary>False when this version of the app is going away.</summary>
    public bool TryInvoke(HttpContext context, CallChain? caller, out Task work)
    {
        if (!app.TryEnter())
        {
            work = Task.CompletedTask;
            return false;
        }

        work = InvokeAsync(context, caller);
        return true;
    }

    private async Task InvokeAsync(HttpContext context, CallChain? caller)
    {
        long begin = app.Stats.Begin();
        using Activity? activity = StartSpan(context.Request.Headers);
        activity?.SetTag("app", app.Name).SetTag("component", trigger.Component).SetTag("http.route", trigger.Route.Path);
        if (activity is not null)
            Continue(context, activity);
        LiveRequest request = services.Requests.Begin(
            app.Name, trigger.Component, caller?.App, context.Request.Method, context.Request.Path.Value ?? "/", activity?.TraceId.ToHexString());
        try
        {
            context.Features.Set<ICallOrigin>(new CallChain(app.Name, trigger.Component, caller));
            LoadedComponent loaded = _unit.Loaded ?? await _unit.LoadAsync().ConfigureAwait(false);
            string[] parameters = trigger.Route.Names.IsEmpty ? [] : trigger.Route.Extract(context.Request.Path.Value ?? "/");
            AddHeaders(context, parameters);
            await AnswerAsync(context, loaded, parameters).ConfigureAwait(false);
        }
        catch (ComponentLoadException error)
        {
            services.Logs.Write(LogLevel.Error, app.Name, trigger.Component, "host", error.Message);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left: there is nobody to tell.
        }
        finally
        {
            int status = context.Response.StatusCode;
            app.Stats.End(begin, status);
            services.Requests.End(request, status);
            Telemetry.Requests.Add(1, _tag);
            if (Telemetry.Duration.Enabled)
                Telemetry.Duration.Record(Stopwatch.GetElapsedTime(begin).TotalSeconds, _tag);
            if (activity is not null)
                activity.SetTag("http.response.status_code", status).SetStatus(status >= 500 ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            app.Leave();
        }

        if (services.Options.Development && context.Response.StatusCode >= 500 && !context.Response.HasStarted && context.Response.ContentLength is null or 0)
            await ErrorPage.WriteAsync(context, app.Manifest, trigger, request, services.Logs.Read(app.Name, where: l => l.Request == request.Number)).ConfigureAwait(false);
    }

    // Below ASP.NET Core's span where that is recorded; else below the one that the client sent, whose trace it stays in.
    private Activity? StartSpan(IHeaderDictionary headers)
    {
        if (!Telemetry.Source.HasListeners())
            return null;
        ActivityContext parent = default;
        if (Activity.Current is null && headers.TraceParent is [{ } sent])
            _ = ActivityContext.TryParse(sent, headers.TraceState, isRemote: true, out parent);
        return Telemetry.Source.StartActivity(_span, ActivityKind.Internal, parent);
    }

    // What the guest does is below the guest's span: calls of other apps, and requests that it sends on with the headers that it was sent.
    private static void Continue(HttpContext context, Activity activity)
    {
        context.Features.Set<IHttpActivityFeature>(new GuestActivity { Activity = activity });
        context.Request.Headers.TraceParent = activity.Id;
    }

    private Task AnswerAsync(HttpContext context, LoadedComponent loaded, string[] parameters)
    {
        switch (loaded.Resolve(trigger.Kind))
        {
            case AnswerKind.Handler when loaded.Endpoint is { } endpoint:
                return endpoint(context);
            case AnswerKind.Command when loaded.Command is { } command:
                return CommandEndpoint.InvokeAsync(context, trigger, parameters, _unit, command, services);
            case AnswerKind.Functions when loaded.Functions is { } functions:
                return FunctionEndpoint.InvokeAsync(context, trigger, _unit, functions, services);
            default:
                throw new ComponentLoadException(
                    $"{trigger.Place}: the component `{trigger.Component}` cannot answer as {trigger.Kind.ToString().ToLowerInvariant()}: it exports no such thing. `windhover inspect {_unit.Manifest.Source}` shows what it exports.");
        }
    }

    private void AddHeaders(HttpContext context, string[] parameters)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (parameters.Length > 0)
        {
            RemoveForged(headers);
            for (int i = 0; i < parameters.Length; i++)
                headers[ParameterPrefix + trigger.Route.Names[i]] = Uri.EscapeDataString(parameters[i]);
        }

        if (app.Manifest.IsSpin)
            SpinHeaders.Add(context, trigger, parameters);
    }

    // What a client sends under these names is not the route's. Nearly nobody does.
    private static void RemoveForged(IHeaderDictionary headers)
    {
        List<string>? forged = null;
        foreach ((string name, _) in headers)
        {
            if (name.StartsWith(ParameterPrefix, StringComparison.OrdinalIgnoreCase))
                (forged ??= []).Add(name);
        }

        forged?.ForEach(name => headers.Remove(name));
    }

    private sealed class GuestActivity : IHttpActivityFeature
    {
        public required Activity Activity { get; set; }
    }
}
