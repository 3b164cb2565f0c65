using Windhover.Capabilities.KeyValue;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;

namespace Windhover.Capabilities.Tests.KeyValue;

/// <summary>The names of key-value stores whose functions are asynchronous: <c>spin:key-value@3.0.0</c> and <c>wasmcloud:keyvalue@0.2.0</c>, over the same store as the others.</summary>
public sealed class AsyncNamesTests(RedisServer redis) : IClassFixture<RedisServer>, IDisposable
{
    private const string Capability = KeyValueCapability.CapabilityName;

    private readonly CapabilityServer _server = new();
    private readonly string _run = Guid.NewGuid().ToString("N");

    public static TheoryData<string> Backends => ["sqlite", "redis"];

    public static TheoryData<string, string> Faces => new() { { "sqlite", "spin3" }, { "sqlite", "wasmcloud" }, { "redis", "spin3" }, { "redis", "wasmcloud" } };

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task A_guest_reads_what_it_wrote(string backend, string face)
    {
        using ScriptedGuest guest = Start(backend);
        Assert.Equal(
            "ok | none | false | ok | value one | true | ok | value two | keys a | ok | none | keys",
            await guest.RunAsync(
                $"{face} open notes", $"{face} get a", $"{face} exists a", $"{face} set a one", $"{face} get a", $"{face} exists a", $"{face} set a two",
                $"{face} get a", $"{face} list", $"{face} delete a", $"{face} get a", $"{face} list"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task All_names_are_one_store(string backend)
    {
        using ScriptedGuest sync = _server.Start("c-keyvalue", Store(backend));
        using ScriptedGuest guest = Start(backend);
        Assert.Equal("ok | ok", sync.Run("draft open notes", "draft set k here"));
        Assert.Equal(
            "ok | ok | value here | value here | ok | keys k",
            await guest.RunAsync("spin3 open notes", "wasmcloud open notes", "spin3 get k", "wasmcloud get k", "wasmcloud set k there", "spin3 list"));
        Assert.Equal("ok | value there | ok | value there", sync.Run("draft2 open notes", "draft2 get k", "spin open notes", "spin get k"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Counters_batches_and_versions(string backend)
    {
        using ScriptedGuest guest = Start(backend);
        Assert.Equal(
            "ok | 5 | -2 | ok | values 1 - 2 | ok | values - - -",
            await guest.RunAsync(
                "wasmcloud open notes", "wasmcloud add n 5", "wasmcloud add n -7", "wasmcloud set-many a 1 b 2", "wasmcloud get-many a x b", "wasmcloud delete-many a b x",
                "wasmcloud get-many a x b"));
        Assert.Equal(
            "none | ok | precondition-failed | value 1 | ok | stale | value 2 | ok | value 4",
            await guest.RunAsync(
                "wasmcloud version k", "wasmcloud new k 1", "wasmcloud new k 9", "wasmcloud version k", "wasmcloud set k 2", "wasmcloud swap k 3", "wasmcloud version k",
                "wasmcloud swap k 4", "wasmcloud get k"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Many_keys_stream_and_page(string backend)
    {
        using ScriptedGuest guest = Start(backend);
        await guest.RunAsync(["wasmcloud open notes", "spin3 open notes", .. Enumerable.Range(0, 25).Select(i =>
            $"wasmcloud set-many {string.Join(' ', Enumerable.Range(i * 100, 100).Select(k => $"key{k} v"))}")]);
        foreach (string face in new[] { "spin3", "wasmcloud" })
            Assert.Equal(2500, (await guest.RunAsync($"{face} list")).Split(' ').Skip(1).Distinct().Count());
    }

    [Fact]
    public async Task What_is_not_granted_is_refused_by_each_name()
    {
        using ScriptedGuest nobody = _server.Start("c-keyvalue-async");
        Assert.Equal("access-denied | access-denied", await nobody.RunAsync("spin3 open notes", "wasmcloud open notes"));
        using ScriptedGuest guest = Start("sqlite");
        Assert.Equal("access-denied | no-such-store", await guest.RunAsync("spin3 open other", "wasmcloud open ../notes"));
    }

    public void Dispose() => _server.Dispose();

    private ScriptedGuest Start(string backend) => _server.Start("c-keyvalue-async", Store(backend));

    private (string, CapabilityResource) Store(string backend) => (Capability, backend == "sqlite"
        ? CapabilityServer.Resource("notes", backend)
        : CapabilityServer.Resource("notes", backend, ("url", redis.Url), ("prefix", $"{_run}:notes:")));
}
