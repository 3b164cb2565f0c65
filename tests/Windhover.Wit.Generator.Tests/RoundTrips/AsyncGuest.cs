using System.Collections.Concurrent;
using Acme.Windhover_.Guests.AsyncHost;
using Windhover.Components.Bindings;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>The world of guests/c-async.</summary>
[WitWorld("windhover:guests/c-async", RootNamespace = "Acme")]
public sealed partial class AsyncWorld;

/// <summary>guests/c-async, running, with a host whose calls return when the test says so.</summary>
internal sealed class AsyncGuest : IAsyncHost, IDisposable
{
    private static readonly WasmEngine s_engine = new(new EngineOptions { Pooling = false });
    private static readonly PreparedComponent s_prepared = Prepare();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _calls = [];
    private readonly Store _store = new(s_engine);

    public AsyncGuest()
    {
        _store.SetDeadline(TimeSpan.FromSeconds(30));
        Instance = s_prepared.Instantiate(_store, this);
    }

    public static AsyncWorld World { get; } = AsyncWorld.Bind(s_prepared);

    public ComponentInstance Instance { get; }

    public ConcurrentQueue<string> Lines { get; } = [];

    public int Cancelled { get; private set; }

    /// <summary>The host's side of a call. Whoever comes first makes it.</summary>
    public TaskCompletionSource<string> Call(string call) =>
        _calls.GetOrAdd(call, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));

    public void Return(uint v) => Call($"later {v}").SetResult("");

    async ValueTask<uint> IAsyncHost.LaterAsync(uint v, CancellationToken cancellationToken)
    {
        try
        {
            await Call($"later {v}").Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled++;
            throw;
        }

        return v;
    }

    async ValueTask<string> IAsyncHost.GreetAsync(string name, CancellationToken cancellationToken) =>
        await Call($"greet {name}").Task.WaitAsync(cancellationToken);

    void IAsyncHost.Log(string line) => Lines.Enqueue(line);

    public void Dispose()
    {
        Instance.Dispose();
        _store.Dispose();
    }

    private static PreparedComponent Prepare()
    {
        var linker = new ComponentLinker(s_engine);
        AsyncWorld.Define(linker, static state => (IAsyncHost)state!);
        byte[] bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "c-async", "c-async.wasm"));
        return linker.Prepare(Component.Load(s_engine, bytes));
    }
}
