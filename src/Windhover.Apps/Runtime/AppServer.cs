using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Manifest;
using Windhover.Apps.Operation;
using Windhover.Apps.Routing;
using Windhover.Apps.Services;
using Windhover.Apps.Toml;
using Windhover.Apps.Triggers;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;

namespace Windhover.Apps.Runtime;

// All apps of a server, and how they come and go.
//
//   Load:  (1) read the manifests that changed         (4) swap table and names in one write each: from here on the new version serves
//          (2) make a version of each changed app      (5) start its triggers
//          (3) run its start commands; load what       (6) retire the old version: no new request, those under way finish, then it is freed
//              the old version had loaded
//
// An app whose manifest is wrong, or whose start fails, is a problem with a name and a line; its old version serves on if there is one, and the others are
// not concerned.
internal sealed class AppServer : IAsyncDisposable
{
    private readonly AppServices _services;
    private readonly AppFolder _folder;
    private readonly SemaphoreSlim _loading = new(1);
    private readonly ConcurrentDictionary<string, AppStats> _stats = new(StringComparer.Ordinal);
    private readonly Tenants _tenants;
    private readonly Dictionary<string, TriggerSet> _triggers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileStamp> _stamps = new(StringComparer.Ordinal);
    private View _view = new(FrozenDictionary<string, RunningApp>.Empty, new RouteTable<RouteTarget>([]), FrozenDictionary<string, RouteTable<RouteTarget>>.Empty, FrozenDictionary<string, RouteTarget>.Empty, []);
    private int _version;

    public AppServer(AppServices services, ManifestContext context)
    {
        _services = services;
        Backends = new BackendChecks(this, services.Time);
        Sleeper = new Sleeper(this, services.Options, services.Time);
        _folder = new AppFolder(Path.GetFullPath(services.Options.Folder), context);
        _tenants = new Tenants(Path.GetFullPath(services.Options.Folder));
    }

    /// <summary>Whether the first load is over and no shutdown has begun.</summary>
    public bool IsReady { get; private set; }

    public IReadOnlyCollection<RunningApp> Apps => Current.Apps.Values;

    /// <summary>What is wrong, by manifest.</summary>
    public IReadOnlyList<AppProblem> Problems => Current.Problems;

    public AppServices Services => _services;

    /// <summary>Whether what stands behind the apps can serve.</summary>
    public BackendChecks Backends { get; }

    /// <summary>Frees what idle apps have loaded.</summary>
    public Sleeper Sleeper { get; }

    private View Current => Volatile.Read(ref _view);

    public RunningApp? Find(string name) => Current.Apps.GetValueOrDefault(name);

    /// <summary>Whether the app has such a component that others of it can call.</summary>
    public bool Answers(string app, string component) => Current.Components.ContainsKey(View.KeyOf(app, component));

    /// <summary>Answers a request from outside.</summary>
    public Task HandleAsync(HttpContext context)
    {
        while (true)
        {
            View view = Current;
            RouteTarget? target = view.Routes.Match(HostOf(context), context.Request.Path.Value ?? "/");
            if (target is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return _services.Options.Development ? ErrorPage.WriteNoRouteAsync(context, this) : Task.CompletedTask;
            }

            if (target.TryInvoke(context, null, out Task work))
                return work;
            if (ReferenceEquals(view, Current))
                return Unavailable(context);
        }
    }

    /// <summary>Answers a request of another app, or of a trigger.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The app that answers.</param>
    /// <param name="component">The component that answers, where it was called by name; null: by the routes.</param>
    /// <param name="caller">Who called, if an app did.</param>
    /// <param name="alone">Whether it must not run on the calling thread.</param>
    public async Task CallAsync(HttpContext context, string name, string? component, CallChain? caller, bool alone)
    {
        if (alone)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            View view = Current;
            RouteTarget? target = component is null
                ? view.Services.GetValueOrDefault(name)?.Match(default, context.Request.Path.Value ?? "/")
                : view.Components.GetValueOrDefault(View.KeyOf(name, component));
            if (target is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            if (target.TryInvoke(context, caller, out Task work))
            {
                await work.ConfigureAwait(false);
                return;
            }

            if (ReferenceEquals(view, Current))
            {
                await Unavailable(context).ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>Takes over what changed in the folder.</summary>
    /// <returns>The names of the apps that came, went or changed.</returns>
    public async Task<IReadOnlyList<string>> LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await LoadLockedAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            IsReady = true;
            _loading.Release();
        }
    }

    /// <summary>Loads components that no request has asked for yet.</summary>
    public async Task PreloadAsync(CancellationToken cancellationToken)
    {
        foreach (ComponentUnit unit in Apps.SelectMany(a => a.Units).ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!unit.App.TryEnter())
                continue;
            try
            {
                await unit.LoadAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                _services.Logs.Write(LogLevel.Error, unit.App.Name, unit.Manifest.Name, "host", error.Message);
            }
            finally
            {
                unit.App.Leave();
            }
        }
    }

    /// <summary>No more triggers; requests under way may finish. Called when the server stops listening.</summary>
    public async Task StopAsync()
    {
        IsReady = false;
        await Sleeper.DisposeAsync().ConfigureAwait(false);
        await _loading.WaitAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_triggers.Values.Select(t => t.StopAsync())).ConfigureAwait(false);
            foreach (TriggerSet triggers in _triggers.Values)
                triggers.Dispose();
            _triggers.Clear();
        }
        finally
        {
            _loading.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await Task.WhenAll(Apps.Select(a => a.RetireAsync(_services.Options.DrainTimeout, _services.Time))).ConfigureAwait(false);
        _loading.Dispose();
    }

    internal static string HostOf(HttpContext context)
    {
        string host = context.Request.Host.Value ?? "";
        int colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }

    private async Task<IReadOnlyList<string>> LoadLockedAsync(CancellationToken cancellationToken)
    {
        View before = Current;
        var problems = new List<AppProblem>();
        _tenants.Read((file, error) => problems.Add(new AppProblem(file, error.Message)));
        List<AppManifest> manifests = _folder.Read((file, error) => problems.Add(new AppProblem(file, error.Message)));
        manifests = RouteConflicts.CheckBetween(manifests, (app, error) => problems.Add(new AppProblem(app.File, error.Message)));

        var apps = new Dictionary<string, RunningApp>(manifests.Count, StringComparer.Ordinal);
        var fresh = new List<(RunningApp App, TriggerSet? Triggers)>();
        foreach (AppManifest manifest in manifests)
        {
            RunningApp? old = before.Apps.GetValueOrDefault(manifest.Name);
            bool sourcesChanged = StampSources(manifest);
            if (_tenants.Refuse(manifest) is { } refusal)
            {
                problems.Add(new AppProblem(manifest.File, refusal));
                if (old is not null)
                    apps.Add(manifest.Name, old);
                continue;
            }

            BudgetMeter? tenant = _tenants.Meter(manifest.Tenant);
            if (old is not null && ReferenceEquals(old.Manifest, manifest) && !sourcesChanged && ReferenceEquals(old.Meter.Parent, tenant))
            {
                apps.Add(manifest.Name, old);
                continue;
            }

            var app = new RunningApp(manifest, ++_version, _stats.GetOrAdd(manifest.Name, static _ => new AppStats()), tenant, _services);
            TriggerSet? triggers = null;
            if ((await BeginAsync(app, old, cancellationToken).ConfigureAwait(false) ?? Prepare(app, out triggers)) is { } failure)
            {
                problems.Add(new AppProblem(manifest.File, failure));
                await app.RetireAsync(TimeSpan.Zero, _services.Time).ConfigureAwait(false);
                if (old is not null)
                    apps.Add(manifest.Name, old);
                continue;
            }

            apps.Add(manifest.Name, app);
            fresh.Add((app, triggers));
        }

        // An app whose manifest became wrong serves on as it was.
        foreach (RunningApp old in before.Apps.Values)
        {
            if (!apps.ContainsKey(old.Name) && problems.Any(p => p.File == old.Manifest.File) && File.Exists(old.Manifest.File))
                apps.Add(old.Name, old);
        }

        Volatile.Write(ref _view, View.Of(apps, problems, _services));
        foreach (AppProblem problem in problems.Except(before.Problems))
            _services.Logs.Write(LogLevel.Error, AppNameOf(problem, before), null, "host", problem.Message);
        foreach ((RunningApp app, _) in fresh)
        {
            foreach (string line in app.Manifest.Unsupported)
                _services.Logs.Write(LogLevel.Warning, app.Name, null, "host", line);
        }

        return await SwitchAsync(before, apps, fresh).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<string>> SwitchAsync(View before, Dictionary<string, RunningApp> apps, List<(RunningApp App, TriggerSet? Triggers)> fresh)
    {
        var changed = fresh.Select(f => f.App.Name).ToList();
        var stopped = new Dictionary<string, TriggerSet>(StringComparer.Ordinal);
        foreach (RunningApp old in before.Apps.Values)
        {
            if (apps.TryGetValue(old.Name, out RunningApp? now) && ReferenceEquals(now, old))
                continue;
            if (now is null)
                changed.Add(old.Name);
            if (_triggers.Remove(old.Name, out TriggerSet? triggers))
            {
                await triggers.StopAsync().ConfigureAwait(false);
                stopped.Add(old.Name, triggers);
            }

            _ = RetireAsync(old);
        }

        foreach ((RunningApp app, TriggerSet? triggers) in fresh)
        {
            if (triggers is null)
                continue;
            triggers.Start(stopped.GetValueOrDefault(app.Name));
            _triggers.Add(app.Name, triggers);
        }

        foreach (TriggerSet triggers in stopped.Values)
            triggers.Dispose();

        return changed;
    }

    private async Task RetireAsync(RunningApp app)
    {
        if (!await app.RetireAsync(_services.Options.DrainTimeout, _services.Time).ConfigureAwait(false))
            _services.Logs.Write(LogLevel.Warning, app.Name, null, "host", $"requests of version {app.Version} did not end within {_services.Options.DrainTimeout.TotalSeconds} s; its memory is not freed");
    }

    /// <summary>Start commands, and the components that the old version had loaded: what is taken over must work.</summary>
    /// <returns>What failed, or null.</returns>
    private async Task<string?> BeginAsync(RunningApp app, RunningApp? old, CancellationToken cancellationToken)
    {
        try
        {
            foreach (ComponentUnit unit in app.Units)
            {
                if (ComponentKind.Matters(unit.Manifest))
                    ComponentKind.Read(unit.Manifest).Check(unit.Manifest);
                if (old is not null && old.Manifest.Components.ContainsKey(unit.Manifest.Name) && old.Unit(unit.Manifest.Name).Loaded is not null)
                    await unit.LoadAsync().ConfigureAwait(false);
            }

            foreach (WatchTrigger watch in app.Manifest.Watches)
            {
                ComponentManifest component = app.Manifest.Components[watch.Component];
                ComponentKind.Read(component).CheckWatch(component, watch, _services.Watches!);
            }

            foreach (StartTrigger start in app.Manifest.Start)
            {
                RunOutcome outcome = await TriggerRunner.RunAsync(this, app, start.Component, TriggerCall.ForStart(start), cancellationToken).ConfigureAwait(false);
                app.Stats.Run(outcome.Ok);
                if (!outcome.Ok)
                    return $"{start.Place}: the start command `{start.Component}` failed: {outcome.Error}";
            }

            return null;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return error.Message;
        }
    }

    // The queues of its watches listen from here on.
    private string? Prepare(RunningApp app, out TriggerSet? triggers)
    {
        triggers = null;
        if (app.Manifest.Cron.Count + app.Manifest.Queues.Count + app.Manifest.Watches.Count == 0)
            return null;
        try
        {
            triggers = TriggerSet.Prepare(app, _triggers.GetValueOrDefault(app.Name), this);
            return null;
        }
        catch (CapabilityException error)
        {
            Place place = app.Manifest.Watches.FirstOrDefault(w => w.Store == error.Resource)?.Place ?? new Place(app.Manifest.File, 1, 1);
            return $"{place}: {error.Message}";
        }
    }

    private bool StampSources(AppManifest manifest)
    {
        bool changed = false;
        foreach (ComponentManifest component in manifest.Components.Values)
        {
            FileStamp stamp = FileStamp.Of(component.Source);
            string key = $"{manifest.File}\n{component.Source}";
            changed |= !_stamps.TryGetValue(key, out FileStamp known) || known != stamp;
            _stamps[key] = stamp;
        }

        return changed;
    }

    private static string AppNameOf(AppProblem problem, View view) =>
        view.Apps.Values.FirstOrDefault(a => a.Manifest.File == problem.File)?.Name ?? Path.GetFileName(Path.GetDirectoryName(problem.File)) ?? "";

    private static Task Unavailable(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "1";
        return Task.CompletedTask;
    }

    /// <summary>What requests see: all of one moment.</summary>
    private sealed record View(
        FrozenDictionary<string, RunningApp> Apps, RouteTable<RouteTarget> Routes, FrozenDictionary<string, RouteTable<RouteTarget>> Services,
        FrozenDictionary<string, RouteTarget> Components, IReadOnlyList<AppProblem> Problems)
    {
        /// <summary>Names of apps have no dots.</summary>
        public static string KeyOf(string app, string component) => $"{app}.{component}";

        public static View Of(Dictionary<string, RunningApp> apps, List<AppProblem> problems, AppServices services)
        {
            (RoutePattern Route, RouteTarget Target, string App)[] all =
                [.. apps.Values.SelectMany(a => a.Manifest.Http.Select(t => (t.Route, new RouteTarget(a, t, services), a.Name)))];
            return new View(
                apps.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
                new RouteTable<RouteTarget>(all.Where(r => !r.Target.Trigger.IsPrivate).Select(r => (r.Route, r.Target))),
                // Within the server an app is known by its name: the hosts of its routes do not count.
                all.GroupBy(r => r.App).ToFrozenDictionary(
                    g => g.Key,
                    g => new RouteTable<RouteTarget>(g.Select(r => (RoutePattern.Parse(null, r.Route.Path), r.Target))),
                    StringComparer.OrdinalIgnoreCase),
                apps.Values.SelectMany(a => a.Manifest.Services.Select(t => new RouteTarget(a, t, services)))
                    .ToFrozenDictionary(t => KeyOf(t.App.Name, t.Trigger.Component), StringComparer.OrdinalIgnoreCase),
                problems);
        }
    }
}

/// <summary>An app that is not served as its files say.</summary>
internal sealed record AppProblem(string File, string Message);
