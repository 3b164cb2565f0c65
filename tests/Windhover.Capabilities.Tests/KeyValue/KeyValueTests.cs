using StackExchange.Redis;
using Windhover.Capabilities.KeyValue;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;
using Windhover.Engine;

namespace Windhover.Capabilities.Tests.KeyValue;

/// <summary>One store, every name, every backend, a C guest.</summary>
public sealed class KeyValueTests(RedisServer redis) : IClassFixture<RedisServer>, IDisposable
{
    private const string Capability = KeyValueCapability.CapabilityName;

    private readonly CapabilityServer _server = new();

    public static TheoryData<string> Backends => ["sqlite", "redis"];

    public static TheoryData<string, string> Faces => new() { { "sqlite", "draft" }, { "sqlite", "draft2" }, { "sqlite", "spin" }, { "redis", "draft" }, { "redis", "draft2" }, { "redis", "spin" } };

    [Theory]
    [MemberData(nameof(Faces))]
    public void A_guest_reads_what_it_wrote(string backend, string face)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "notes"));
        Assert.Equal(
            "ok | none | false | ok | value one | true | ok | value two | ok | none",
            guest.Run(
                $"{face} open notes", $"{face} get a", $"{face} exists a", $"{face} set a one", $"{face} get a", $"{face} exists a", $"{face} set a two",
                $"{face} get a", $"{face} delete a", $"{face} get a"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void All_names_are_one_store(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "notes"));
        Assert.Equal(
            "ok | ok | ok | ok | value here | value here | keys k",
            guest.Run("draft open notes", "draft2 open notes", "spin open notes", "draft set k here", "draft2 get k", "spin get k", "spin list"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void An_empty_value_is_a_value(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "default"));
        Assert.Equal("ok | ok | value  | ok | value 2", guest.Run("spin open", "spin set empty", "spin get empty", "spin set 1 2", "spin get 1"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Batches(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "notes"));
        foreach (string face in new[] { "draft", "draft2" })
        {
            Assert.Equal(
                "ok | ok | values 1 - 2 | values | ok | values - - -",
                guest.Run(
                    $"{face} open notes", $"{face} set-many a 1 b 2", $"{face} get-many a x b", $"{face} get-many", $"{face} delete-many a b x",
                    $"{face} get-many a x b"));
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Counters_are_text_and_say_what_they_are_not(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "notes"));
        string answers = guest.Run(
            "draft open notes", "draft2 open notes", "draft add n 5", "draft2 add n -7", "draft add n 1", "draft get n", "draft set t text", "draft2 add t 1",
            "draft set big 9223372036854775807", "draft2 add big 1");
        Assert.Equal(
            "ok | ok | 5 | -2 | other: the number is negative | value -1 | ok | other: T | ok | other: O",
            answers.Replace("the value is not a number, or of another type", "T", StringComparison.Ordinal).Replace("the value is not a number", "T", StringComparison.Ordinal)
                .Replace("the sum does not fit 64 bits", "O", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_swap_succeeds_while_nobody_else_wrote(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "notes"));
        Assert.Equal(
            "ok | none | ok | value 1 | value 1 | ok | stale | ok | value 4",
            guest.Run(
                "draft2 open notes", "draft2 cas k", "draft2 swap 1", "draft2 get k", "draft2 cas k", "draft2 set k 2", "draft2 swap 3", "draft2 swap 4",
                "draft2 get k"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Listing_goes_through_pages(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "many"));
        guest.Run(["draft open many", "draft2 open many", "spin open many", .. Enumerable.Range(0, 25).Select(i =>
            $"draft set-many {string.Join(' ', Enumerable.Range(i * 100, 100).Select(k => $"key{k} v"))}")]);
        foreach (string face in new[] { "draft", "draft2", "spin" })
        {
            var keys = new HashSet<string>();
            string cursor = "";
            int pages = 0;
            do
            {
                string[] page = guest.Run($"{face} list {cursor}").Split(" + ");
                keys.UnionWith(page[0].Split(' ').Skip(1));
                cursor = page.Length > 1 ? page[1] : "";
                pages++;
            }
            while (cursor.Length > 0);
            Assert.Equal(2500, keys.Count);
            Assert.InRange(pages, face == "spin" ? 1 : 2, 100);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Cursors_of_the_guests_own_making_do_no_harm(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "notes"));
        guest.Run("draft open notes", "draft2 open notes", "draft set a 1");
        foreach (string cursor in new[] { "1", "-1", "9223372036854775807", "-9223372036854775808", "123456789123456789" })
            Assert.StartsWith("keys", guest.Run($"draft list {cursor}"), StringComparison.Ordinal);
        Assert.Equal("other: the cursor is none that this store gave", guest.Run("draft2 list 99999999999999999999999999"));
        Assert.Equal("other: the cursor is none that this store gave", guest.Run("draft2 list ../../etc"));
    }

    [Fact]
    public void Nothing_granted_is_access_denied()
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue");
        Assert.Equal("access-denied | access-denied | access-denied", guest.Run("draft open notes", "draft2 open notes", "spin open notes"));
    }

    [Fact]
    public void Another_store_than_the_granted_is_not_there()
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store("sqlite", "notes"));
        Assert.Equal("no-such-store | no-such-store | access-denied", guest.Run("draft open other", "draft2 open ../notes", "spin open other"));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Stores_do_not_see_each_other(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "a*"), Store(backend, "a"), Store(backend, "../a"));
        Assert.Equal(
            "ok | ok | ok | none | keys | ok | none",
            guest.Run("draft open a*", "draft set k 1", "draft open a", "draft get k", "draft list", "draft open ../a", "draft get k"));
        Assert.All(Directory.EnumerateFiles(_server.DataDirectory, "*", SearchOption.AllDirectories), file => Assert.StartsWith(Path.Combine(_server.DataDirectory, "key-value"), file, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Long_keys_and_values_are_refused_with_reasons(string backend)
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store(backend, "notes"));
        Assert.Equal(
            "ok | ok | other: a key has more than 4096 bytes | other: a key has more than 4096 bytes | other: the values of one call have more than 64 MiB",
            guest.Run(
                "spin open notes", $"spin set {new string('k', 4096)} v", $"spin get {new string('k', 4097)}", $"spin exists {new string('ü', 2049)}",
                $"spin fill big {(64 << 20) + 1}"));
    }

    [Fact]
    public void A_key_that_claims_more_memory_than_there_is_traps()
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", Store("sqlite", "notes"));
        guest.Run("draft open notes");
        Assert.Throws<TrapException>(() => guest.Call("lie", 0xffff_fff0));
    }

    [Fact]
    public void A_full_store_says_so()
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", (Capability, CapabilityServer.Resource("notes", "sqlite", ("max-size", "64KiB"))));
        Assert.Equal("ok | ok | store-table-full | ok | value v", guest.Run("spin open notes", "spin set k v", "spin fill big 100000", "spin set k v", "spin get k"));
    }

    [Fact]
    public void What_is_written_outlives_the_app()
    {
        using (ScriptedGuest guest = _server.Start("c-keyvalue", Store("sqlite", "notes")))
            guest.Run("draft open notes", "draft set k kept");
        using ScriptedGuest next = _server.Start("c-keyvalue", Store("sqlite", "notes"));
        Assert.Equal("ok | value kept", next.Run("draft open notes", "draft get k"));
    }

    [Fact]
    public void Redis_holds_plain_keys()
    {
        using ScriptedGuest guest = _server.Start("c-keyvalue", (Capability, CapabilityServer.Resource("notes", "redis", ("url", redis.Url), ("prefix", "plain/"))));
        guest.Run("draft open notes", "draft set k there");
        using ConnectionMultiplexer client = ConnectionMultiplexer.Connect($"127.0.0.1:{redis.Port}");
        Assert.Equal("there", (string?)client.GetDatabase().StringGet("plain/k"));
    }

    [Fact]
    public void Settings_that_cannot_work_name_the_store()
    {
        CapabilityException error = Assert.Throws<CapabilityException>(() => _server.Grant("app", (Capability, CapabilityServer.Resource("s", "redis", ("url", "http://x")))));
        Assert.Equal("s", error.Resource);
        Assert.Contains("redis://", error.Message, StringComparison.Ordinal);
        Assert.Contains("needs `url`", Assert.Throws<CapabilityException>(() => _server.Grant("app", (Capability, CapabilityServer.Resource("s", "redis")))).Message, StringComparison.Ordinal);
        Assert.Contains("`etcd`", Assert.Throws<CapabilityException>(() => _server.Grant("app", (Capability, CapabilityServer.Resource("s", "etcd")))).Message, StringComparison.Ordinal);
        Assert.Contains("`pth`", Assert.Throws<CapabilityException>(() => _server.Grant("app", (Capability, CapabilityServer.Resource("s", "sqlite", ("pth", "x"))))).Message, StringComparison.Ordinal);
        Assert.Contains("100MiB", Assert.Throws<CapabilityException>(() => _server.Grant("app", (Capability, CapabilityServer.Resource("s", "sqlite", ("max-size", "big"))))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _server.Dispose();

    private (string, CapabilityResource) Store(string backend, string name) => (Capability, backend == "sqlite"
        ? CapabilityServer.Resource(name, backend)
        : CapabilityServer.Resource(name, backend, ("url", redis.Url), ("prefix", $"{Guid.NewGuid()}:{name}:")));
}
