using System.Collections.Concurrent;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Async;

/// <summary>guests/c-async, running, with a host whose calls of <c>later</c> and <c>greet</c> return when the test says so.</summary>
internal sealed class AsyncGuest : IDisposable
{
    private const string Api = "windhover:guests/async-api";
    private static readonly WasmEngine Engine = new(new EngineOptions { Pooling = false });
    private static readonly PreparedComponent Prepared = Prepare();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<object?>> _calls = [];
    private readonly Store _store = new(Engine);

    public AsyncGuest(int? seed = null)
    {
        _store.SetDeadline(TimeSpan.FromSeconds(30));
        Instance = Prepared.Instantiate(_store, this);
        Instance.ExpectsCalls = seed is not null; // a schedule has calls that let others go on
        if (seed is { } value)
            Instance.Scheduler.Order = new Random(value);
    }

    public ComponentInstance Instance { get; }

    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>The host's side of a call: <c>later 5</c>, <c>greet ann</c>. Whoever comes first makes it.</summary>
    public TaskCompletionSource<object?> Host(string call) =>
        _calls.GetOrAdd(call, _ => new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously));

    public void Return(uint v) => Host($"later {v}").SetResult(v);

    public async Task<object?> CallAsync(string function, params object?[] arguments) =>
        await Instance.CallAsync(Function(function), arguments, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));

    public Task<object?> CallCancellableAsync(string function, uint argument, CancellationToken cancellation) =>
        Instance.CallAsync(Function(function), [argument], cancellation);

    /// <summary>Goes on until no task of the guest runs any more; then nothing may be left of them.</summary>
    public async Task AssertOverAsync()
    {
        for (int turns = 0; (uint)(await CallAsync("running"))! != 0; turns++)
        {
            Assert.True(turns < 100_000, "a task does not end");
            await Task.Yield();
        }

        Assert.All(Instance.Guests, guest => Assert.Equal(0, guest.Handles.Count));
    }

    public void Dispose()
    {
        Instance.Dispose();
        _store.Dispose();
    }

    private static ExportedFunction Function(string name) => Prepared.FindFunction(Api, name) ?? throw new ArgumentException($"There is no {name}.");

    private static PreparedComponent Prepare()
    {
        var linker = new ComponentLinker(Engine);
        HostInterface host = linker.Interface("windhover:guests/async-host");
        host.DefineDynamicAsync("later", (instance, args, cancellation) =>
            ((AsyncGuest)instance.HostState!).Host($"later {args[0]}").Task.WaitAsync(cancellation));
        host.DefineDynamicAsync("greet", (instance, args, cancellation) =>
            ((AsyncGuest)instance.HostState!).Host($"greet {args[0]}").Task.WaitAsync(cancellation));
        host.DefineDynamic("log", (instance, args) =>
        {
            ((AsyncGuest)instance.HostState!).Log.Enqueue((string)args[0]!);
            return null;
        });
        return linker.Prepare(Component.Load(Engine, TestGuests.Read("c-async/c-async.wasm")));
    }
}
