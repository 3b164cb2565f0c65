using System.Collections.Concurrent;
using System.Text;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.Tests.KeyValue;

/// <summary>What a store tells who listens: the order, the origin, and when it no longer does.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly CapabilityServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_of_many_writers_come_in_the_order_in_which_they_took_effect()
    {
        using ResourceLease<IKeyValueStore> lease = Open("sqlite", CapabilityServer.Resource("notes", "sqlite"));
        IKeyValueStore store = lease.Value;
        var listener = new Listener();
        using (((IWatchedKeyValueStore)store).Watch(listener))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
                async () =>
                {
                    for (int i = 0; i < 100; i++)
                        await store.IncrementAsync("n", 1, default, Token);
                },
                Token)));
        }

        await store.IncrementAsync("n", 1, default, Token);
        Assert.Equal(Enumerable.Range(1, 800).Select(i => $"Set n {i}"), listener.Told);
    }

    [Fact]
    public async Task What_fails_or_changes_nothing_is_not_told()
    {
        using ResourceLease<IKeyValueStore> lease = Open("sqlite", CapabilityServer.Resource("small", "sqlite", ("max-size", "100KiB")));
        IKeyValueStore store = lease.Value;
        var listener = new Listener();
        using IKeyValueWatch watch = ((IWatchedKeyValueStore)store).Watch(listener);
        await store.SetAsync("k", "text"u8.ToArray(), default, default, Token);
        await store.DeleteAsync("absent", default, Token);
        await store.DeleteManyAsync(["absent"], default, Token);
        Assert.False(await store.SetAsync("k", "b"u8.ToArray(), new SetOptions(IfAbsent: true), default, Token));
        Assert.False(await store.CompareAndSetAsync("k", "c"u8.ToArray(), "d"u8.ToArray(), default, Token));
        await Assert.ThrowsAsync<BackendException>(async () => await store.IncrementAsync("k", 1, default, Token));
        await Assert.ThrowsAsync<BackendException>(async () => await store.SetManyAsync([("a", new byte[10]), ("b", new byte[1 << 20])], default, Token));
        await store.DeleteManyAsync(["absent", "k"], default, Token);
        Assert.Equal(["Set k text", "Delete k"], listener.Told);
    }

    // Each in one transaction with its marks, by which another server knows whose it is; writes of nobody in between.
    [Fact]
    public async Task Whatever_a_watchers_run_writes_to_Redis_is_known_as_its()
    {
        using var redis = new NotifyingRedis();
        CapabilityResource resource = CapabilityServer.Resource("notes", "redis", ("url", redis.Url), ("prefix", "a[b]*:"));
        using ResourceLease<IKeyValueStore> lease = Open("redis", resource);
        IKeyValueStore store = lease.Value;
        var listener = new Listener();
        using IKeyValueWatch watch = ((IWatchedKeyValueStore)store).Watch(listener);
        await watch.StartAsync(Token);
        await watch.StartAsync(Token);
        var run = new ChangeWriter(new Run());
        await store.SetAsync("a", "1"u8.ToArray(), default, run, Token);
        await store.SetAsync("a", "2"u8.ToArray(), default, default, Token);
        Assert.False(await store.SetAsync("a", "3"u8.ToArray(), new SetOptions(IfAbsent: true), run, Token));
        await store.SetAsync("b", "4"u8.ToArray(), new SetOptions(TimeSpan.FromHours(1)), default, Token);
        Assert.Equal(7, await store.IncrementAsync("n", 7, run, Token));
        Assert.True(await store.CompareAndSetAsync("a", "2"u8.ToArray(), "5"u8.ToArray(), run, Token));
        Assert.False(await store.CompareAndSetAsync("a", "2"u8.ToArray(), "6"u8.ToArray(), run, Token));
        await store.SetManyAsync([("x", "1"u8.ToArray()), ("y", "2"u8.ToArray())], run, Token);
        await Assert.ThrowsAsync<BackendException>(async () => await store.IncrementAsync("big", long.MaxValue, run, Token).AsTask().ContinueWith(_ => store.IncrementAsync("big", 1, run, Token).AsTask(), Token).Unwrap());
        await store.DeleteManyAsync(["x", "absent"], run, Token);
        await store.DeleteAsync("y", run, Token);
        await store.DeleteAsync("a", default, Token);
        await listener.UntilAsync("Delete a");
        Assert.Equal(
            ["Set a by app/w/notes/* 3", "Set a", "Set b", "Set n by app/w/notes/* 3", "Set a by app/w/notes/* 3", "Set x by app/w/notes/* 3", "Set y by app/w/notes/* 3", "Set big by app/w/notes/* 3",
             "Delete x by app/w/notes/* 3", "Delete y by app/w/notes/* 3", "Delete a"],
            listener.Told);
        Assert.Equal("7", Encoding.UTF8.GetString((await watch.ReadAsync("n", Token))!));
        Assert.Null(await watch.ReadAsync("absent", Token));
    }

    public void Dispose() => _server.Dispose();

    private ResourceLease<IKeyValueStore> Open(string backend, CapabilityResource resource) =>
        ((IEnumerable<IKeyValueBackend>)_server.Services.GetService(typeof(IEnumerable<IKeyValueBackend>))!).Single(b => b.Kind.Name == backend)
            .Open(new CapabilityRequest("app", "app", _server.DataDirectory, [resource]), resource);

    private sealed class Run : ICallOrigin
    {
        public ChangeOrigin Origin { get; } = new("app/w/notes/*", 3);
    }

    private sealed class Listener : IChangeListener
    {
        private readonly ConcurrentQueue<string> _told = new();
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();

        public IEnumerable<string> Told => _told;

        public void Changed(StoreChange change)
        {
            string text = $"{change.Kind} {change.Key}{(change.Value is { } value ? " " + Encoding.UTF8.GetString(value.Span) : "")}{(change.Origin is { } origin ? $" by {origin.Watcher} {origin.Depth}" : "")}";
            _told.Enqueue(text);
            Awaited(text).TrySetResult();
        }

        public Task UntilAsync(string text) => Awaited(text).Task.WaitAsync(TimeSpan.FromMinutes(2), Token);

        private TaskCompletionSource Awaited(string text) => _awaited.GetOrAdd(text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
