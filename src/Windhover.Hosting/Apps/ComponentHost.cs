using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Windhover.Components.Compilation;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Isolation;
using Windhover.Hosting.Threads;
using Windhover.Wasi.Http;
using Windhover.Wasi.P2;
using Windhover.Wasi.P3;
using Yarp.ReverseProxy.Forwarder;

namespace Windhover.Hosting.Apps;

/// <summary>
/// The engine, the cache of compiled code and the host's interfaces, one of each per server. Loads components. Thread-safe; disposed with the
/// service provider, after the last request.
/// </summary>
public sealed class ComponentHost : IAsyncDisposable, IDisposable
{
    private readonly ILoggerFactory _loggers;
    private readonly IHttpClientFactory _http;
    private readonly TimeProvider _time;
    private readonly CompileCache? _cache;
    private readonly OutOfProcessCompiler? _compiler;
    private readonly ComponentLinker _linker;
    private readonly Lock _lock = new();
    private readonly HashSet<ComponentApp> _apps = [];
    private readonly List<IsolatedApp> _isolated = [];
    private readonly IsolatedApps _processes;
    private readonly GuestThreads _busy;
    private readonly GuestThreads _busyBesideQuick;
    private readonly GuestThreads _few;
    private readonly GuestThreads _fewBesideQuick;

    /// <summary>Creates the engine.</summary>
    public ComponentHost(
        IOptions<WindhoverOptions> options,
        ILoggerFactory loggers,
        IHttpClientFactory http,
        TimeProvider time,
        IEnumerable<ICapability> capabilities,
        IHttpForwarder forwarder,
        ILocalHttp? local = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Local = local;
        _loggers = loggers;
        _http = http;
        _time = time;
        Engine = new WasmEngine(options.Value.Engine);
        _cache = options.Value.CacheDirectory is "" ? null : new CompileCache(options.Value.CacheDirectory);
        if (options.Value.CompileOutOfProcess)
        {
            _compiler = new OutOfProcessCompiler(
                _cache ?? throw new InvalidOperationException("Compiling out of process needs a cache for the compiled code: set WindhoverOptions.CacheDirectory."),
                options.Value.Worker,
                time: time)
            {
                GivesWay = options.Value.CompileBehindOthers,
                LeavesOneProcessor = () => Neighbours.QuickAreThere,
            };
        }
        _linker = new ComponentLinker(Engine);
        _linker.AddWasiP2(static state => ((GuestContext)state!).Wasi);
        _linker.AddWasiP3(static state => ((GuestContext)state!).Wasi);
        Capabilities = new CapabilitySet(capabilities, _linker);
        _processes = new IsolatedApps(options.Value, _cache?.Directory ?? "", forwarder, loggers, time);
        Threads = new GuestThreads(options.Value.MaxWaitingGuests, options.Value.MaxQueuedGuests);
        (_busy, _few) = (Busy(beside: false, few: false), Busy(beside: false, few: true));
        (_busyBesideQuick, _fewBesideQuick) = (Busy(beside: true, few: false), Busy(beside: true, few: true));

        GuestThreads Busy(bool beside, bool few) => new(
            few ? Environment.ProcessorCount : options.Value.MaxWaitingGuests, options.Value.MaxQueuedGuests + (few ? options.Value.MaxWaitingGuests : 0))
        {
            Compute = true,
            LeaveOneProcessor = beside,
            AreFew = few,
        };
    }

    /// <summary>The engine that all guests of this server run on.</summary>
    public WasmEngine Engine { get; }

    internal CapabilitySet Capabilities { get; }

    internal ComponentLinker Linker => _linker;

    internal CompileCache? Cache => _cache;

    internal IHttpClientFactory Http => _http;

    /// <summary>What answers guests' requests within the process.</summary>
    internal ILocalHttp? Local { get; }

    internal TimeProvider Time => _time;

    internal GuestThreads Threads { get; }

    /// <summary>For guests of apps that compute for long. Beside apps that answer without, one processor is left to those.</summary>
    internal GuestThreads BusyThreads => Neighbours.QuickAreThere ? _busyBesideQuick : _busy;

    /// <summary>Where guests run that compute for a millisecond or a few: as many as there are processors.</summary>
    internal GuestThreads FewBusyThreads => Neighbours.QuickAreThere ? _fewBesideQuick : _few;

    internal Neighbours Neighbours { get; } = new();

    /// <summary>Loads a component that answers HTTP requests (it exports <c>wasi:http/incoming-handler</c> of 0.2 or <c>wasi:http/handler</c> of 0.3).</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What it is granted.</param>
    /// <param name="cancellationToken">Gives up: kills the worker that compiles it, or stops between the component's modules.</param>
    /// <exception cref="ComponentLoadException">The file cannot be read, is no component, or does not fit this host; the message says which and what to do.</exception>
    public Task<ComponentApp> LoadAsync(string path, ComponentOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return LoadAsync(path, ComponentLoader.Read(path), options, cancellationToken);
    }

    /// <summary>The same for a component that is in memory.</summary>
    /// <param name="path">Where it came from, for errors; its last part names the app unless <see cref="ComponentOptions.Name"/> does.</param>
    /// <param name="bytes">The binary; not kept.</param>
    /// <param name="options">What it is granted.</param>
    /// <param name="cancellationToken">Gives up: kills the worker that compiles it, or stops between the component's modules.</param>
    /// <exception cref="ComponentLoadException">It is no component, or does not fit this host; the message says which and what to do.</exception>
    public async Task<ComponentApp> LoadAsync(string path, ReadOnlyMemory<byte> bytes, ComponentOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        string name = options.Name ?? Path.GetFileNameWithoutExtension(path);
        ComponentApp app = await ComponentLoader.LoadAsync(this, path, bytes, name, null, options, [.. options.Imports], _loggers, _time, cancellationToken).ConfigureAwait(false);
        app = await AddMiddlewareAsync(app, path, options, cancellationToken).ConfigureAwait(false);
        lock (_lock)
            _apps.Add(app);
        return app;
    }

    /// <summary><see cref="LoadAsync(string, ComponentOptions, CancellationToken)"/> for set-up code that cannot await: blocks while the component is compiled.</summary>
    public ComponentApp Load(string path, ComponentOptions options, CancellationToken cancellationToken = default) =>
        LoadAsync(path, options, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="Load(string, ComponentOptions, CancellationToken)"/>
    public ComponentApp Load(string path, ReadOnlyMemory<byte> bytes, ComponentOptions options, CancellationToken cancellationToken = default) =>
        LoadAsync(path, bytes, options, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Starts a component in a process of its own (<see cref="IsolationLevel.Process"/>), which ends with the server.</summary>
    /// <param name="path">Where it came from, for errors; its last part names the app unless <see cref="ComponentOptions.Name"/> does.</param>
    /// <param name="bytes">The binary. It is kept, to start the process again: do not change it.</param>
    /// <param name="options">What it is granted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ComponentLoadException">It is no component, does not fit this host, or its process cannot be started.</exception>
    public async Task<IsolatedApp> LoadIsolatedAsync(
        string path, ReadOnlyMemory<byte> bytes, ComponentOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Middleware.Count + options.MiddlewareComponents.Count > 0)
            throw new ComponentLoadException($"{path}: middleware and a process of its own do not go together yet: choose one of the two.");
        if (options.Imports.Count > 0)
            throw new ComponentLoadException($"{path}: imports from other components and a process of its own do not go together yet: choose one of the two, or compose them into one file.");
        string name = options.Name ?? Path.GetFileNameWithoutExtension(path);
        IsolatedApp app = await _processes.StartAsync(this, path, bytes, name, options, _compiler is not null, cancellationToken).ConfigureAwait(false);
        app.Disposed = Forget;
        lock (_lock)
            _isolated.Add(app);
        return app;
    }

    /// <summary><see cref="LoadIsolatedAsync"/> for set-up code that cannot await: blocks until the process is ready.</summary>
    public IsolatedApp LoadIsolated(string path, ComponentOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return LoadIsolatedAsync(path, ComponentLoader.Read(path), options, cancellationToken).GetAwaiter().GetResult();
    }

    // From the innermost out: each stands before the one that was loaded last.
    private async Task<ComponentApp> AddMiddlewareAsync(ComponentApp app, string path, ComponentOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (options.Middleware.Count + options.MiddlewareComponents.Count > 0 && app.Service is null)
                throw new ComponentLoadException($"{path}: middleware stands in front of components that export `wasi:http/handler@0.3.0`, and this one does not.");
            foreach (string file in options.Middleware.Reverse())
            {
                app = await ComponentLoader.LoadAsync(
                    this, file, ComponentLoader.Read(file), $"{app.Name}<{Path.GetFileNameWithoutExtension(file)}", app, options, [], _loggers, _time, cancellationToken).ConfigureAwait(false);
            }

            foreach (ComponentImport before in options.MiddlewareComponents.Reverse())
            {
                app = await ComponentLoader.LoadAsync(
                    this, before.Path, before.Bytes ?? ComponentLoader.Read(before.Path), before.Options.Name ?? $"{app.Name}<{Path.GetFileNameWithoutExtension(before.Path)}", app, before.Options,
                    [.. before.Options.Imports], _loggers, _time, cancellationToken).ConfigureAwait(false);
            }

            return app;
        }
        catch
        {
            app.Dispose();
            throw;
        }
    }

    internal Task<Component> CompileAsync(ReadOnlyMemory<byte> bytes, ComponentOptions options, CancellationToken cancellationToken) =>
        _compiler is null
            ? Task.FromResult(Component.Load(Engine, bytes, _cache, cancellationToken))
            : _compiler.LoadAsync(Engine, bytes, options.Compilation, cancellationToken);

    internal void Forget(ComponentApp app)
    {
        lock (_lock)
            _apps.Remove(app);
    }

    private void Forget(IsolatedApp app)
    {
        lock (_lock)
            _isolated.Remove(app);
    }

    /// <summary>As <see cref="DisposeAsync"/>, for a service provider that is not disposed asynchronously: blocks while processes end.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Ends all apps, their processes, and the engine.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IsolatedApp app in _isolated.ToArray())
            await app.DisposeAsync().ConfigureAwait(false);
        _processes.Dispose();
        foreach (ComponentApp app in _apps.ToArray())
            app.Dispose();
        _compiler?.Dispose();
        Engine.Dispose();
    }
}
