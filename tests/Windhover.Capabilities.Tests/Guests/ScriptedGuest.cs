using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Messaging;
using Windhover.Capabilities.PostgreSql;
using Windhover.Capabilities.Redis;
using Windhover.Capabilities.S3;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Messaging;
using Windhover.Wasi;
using Windhover.Wasi.P2;

namespace Windhover.Capabilities.Tests.Guests;

/// <summary>The services of a server without its HTTP: capabilities with all their backends, linked once. Guests of a test run on it.</summary>
public sealed class CapabilityServer : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly ComponentLinker _linker;
    private readonly Dictionary<string, (Component Component, PreparedComponent Prepared)> _guests = [];

    public CapabilityServer(Action<IServiceCollection>? configure = null)
    {
        DataDirectory = Directory.CreateTempSubdirectory("windhover-caps-").FullName;
        var services = new ServiceCollection();
        configure?.Invoke(services);
        services.AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Trace));
        services.AddWindhoverRedis();
        services.AddWindhoverPostgreSql();
        services.AddWindhoverS3();
        _services = services.BuildServiceProvider();
        Capabilities = _services.GetServices<ICapability>().ToArray();
        Engine = new WasmEngine(new EngineOptions { Pooling = false });
        _linker = new ComponentLinker(Engine);
        _linker.AddWasiP2(static state => ((GuestContext)state!).Wasi);
        _ = new CapabilitySet(Capabilities, _linker);
    }

    public string DataDirectory { get; }

    public TestLog Log { get; } = new();

    public IReadOnlyList<ICapability> Capabilities { get; }

    public WasmEngine Engine { get; }

    public IServiceProvider Services => _services;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>What an app is granted: `grants` are capability, name, backend and options as `option=value`.</summary>
    public CapabilityGrant[] Grant(string app, params (string Capability, CapabilityResource Resource)[] grants) =>
        [.. Capabilities.Select(capability => capability.Grant(new CapabilityRequest(
            app, app, DataDirectory, [.. grants.Where(g => g.Capability == capability.Name).Select(g => g.Resource)])))];

    public static CapabilityResource Resource(string name, string backend, params (string Name, string Value)[] options) =>
        new(name, backend, options.ToDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal));

    public PreparedComponent Prepare(string guest)
    {
        if (!_guests.TryGetValue(guest, out (Component Component, PreparedComponent Prepared) found))
        {
            Component component = Component.Load(Engine, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", guest + ".wasm")));
            _guests.Add(guest, found = (component, _linker.Prepare(component)));
        }

        return found.Prepared;
    }

    /// <summary>Starts a guest of this app; the grants are disposed of with it.</summary>
    public ScriptedGuest Start(string guest, params (string Capability, CapabilityResource Resource)[] grants) =>
        new(this, Prepare(guest), Grant("app", grants), ownsGrants: true);

    public ScriptedGuest Start(string guest, CapabilityGrant[] grants) => new(this, Prepare(guest), grants, ownsGrants: false);

    public void Dispose()
    {
        foreach ((Component component, PreparedComponent prepared) in _guests.Values)
        {
            prepared.Dispose();
            component.Dispose();
        }

        Engine.Dispose();
        _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(DataDirectory, recursive: true);
    }
}

/// <summary>An instance of a guest that takes a script: lines of words in, a line of answer for each out.</summary>
public sealed class ScriptedGuest : IDisposable
{
    private readonly PreparedComponent _prepared;
    private readonly CapabilityGrant[]? _grants;
    private readonly GuestContext _context;
    private readonly Store _store;
    private readonly ComponentInstance _instance;
    private readonly CancellationTokenSource _aborted = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    internal ScriptedGuest(CapabilityServer server, PreparedComponent prepared, CapabilityGrant[] grants, bool ownsGrants)
    {
        _prepared = prepared;
        _grants = ownsGrants ? grants : null;
        _context = new GuestContext("app", new WasiOptions(), grants, null, _aborted.Token);
        _store = new Store(server.Engine);
        _instance = prepared.Instantiate(_store, _context);
    }

    /// <summary>Gives up the guest's work, as a client that leaves.</summary>
    public void Abort(TimeSpan after) => _aborted.CancelAfter(after);

    /// <summary>Runs lines; the answers are separated by ` | `.</summary>
    public string Run(params string[] script) => ((string)Call("run", string.Join('\n', script))!).TrimEnd('\n').Replace("\n", " | ", StringComparison.Ordinal);

    /// <summary>The same for a guest whose `run` is asynchronous.</summary>
    public async Task<string> RunAsync(params string[] script) =>
        ((string)(await _instance.CallAsync(_prepared.FindFunction(null, "run")!, [string.Join('\n', script)], _aborted.Token))!).TrimEnd('\n').Replace("\n", " | ", StringComparison.Ordinal);

    public string? Handle(MessageHandlerBinding handler, string topic, Message message) => handler.Handle(_instance, topic, message);

    public object? Call(string function, params object?[] arguments) => _instance.Call(_prepared.FindFunction(null, function)!, arguments);

    public void Dispose()
    {
        _instance.Dispose();
        _store.Dispose();
        _context.Dispose();
        foreach (CapabilityGrant grant in _grants ?? [])
            grant.Dispose();
        _aborted.Dispose();
    }
}
