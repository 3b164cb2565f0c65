using Windhover.Capabilities.Blobs;
using Windhover.Capabilities.Tests.Guests;

namespace Windhover.Capabilities.Tests.Blobs;

/// <summary>Containers of blobs, used by a C guest, on every backend.</summary>
public abstract class BlobTests : IDisposable
{
    private protected CapabilityServer Server { get; } = new();

    /// <summary>A name as long as a name may be.</summary>
    protected virtual string LongName => new('n', 1024);

    /// <summary>The container that a guest knows by this name.</summary>
    protected abstract CapabilityResource Container(string name);

    [Fact]
    public void A_guest_writes_reads_lists_and_removes()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal(
            "false | ok | true | ok | ok | data hello | data ell | data  | true | false | 5 | [a b] | ok | [b] | ok | [] | ok | false",
            guest.Run(
                "exists pictures", "create pictures", "exists pictures", "write a hello", "late b later", "read a 0 -1", "read a 1 3", "read a 9 20", "has a", "has c",
                "size a", "list", "delete a", "list", "clear", "list", "remove pictures", "exists pictures"));
    }

    [Fact]
    public void Large_objects_stream()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal("ok | ok | 3000000 3000000 3000000", guest.Run("create pictures", "fill big 3000000", "stream big"));
    }

    [Fact]
    public void What_is_never_finished_is_not_there()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal("ok | dropped | false | []", guest.Run("create pictures", "abandon a hello", "has a", "list"));
    }

    [Fact]
    public void Names_walk_in_pages()
    {
        using ScriptedGuest guest = Start();
        guest.Run(["create pictures", .. Enumerable.Range(0, 7).Select(i => $"write n{i} x")]);
        Assert.Equal("[n0 n1 n2][n3 n4 n5][n6]", guest.Run("list 3"));
    }

    [Fact]
    public void Objects_are_copied_and_moved_between_containers()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal(
            "ok | ok | ok | ok | ok | data x | ok | ok | []",
            guest.Run("create other", "create pictures", "write a x", "copy pictures a other b", "open other", "read b 0 9", "move pictures a other c", "open pictures", "list"));
        Assert.Equal("ok | [b c]", guest.Run("open other", "list"));
    }

    [Theory]
    [InlineData("../../escape")]
    [InlineData("/etc/windhover-escape")]
    [InlineData("..")]
    [InlineData("CON")]
    [InlineData("a/b\\c")]
    [InlineData("t-0")]
    [InlineData("ünïcode")]
    public void Names_are_only_names(string name)
    {
        using ScriptedGuest guest = Start();
        Assert.Equal($"ok | ok | data x | [{name}] | ok | []", guest.Run("create pictures", $"write {name} x", $"read {name} 0 9", "list", $"delete {name}", "list"));
        CheckFiles();
    }

    [Fact]
    public void Long_names_work_up_to_a_limit()
    {
        using ScriptedGuest guest = Start();
        string name = LongName;
        Assert.Equal($"ok | ok | data x | [{name}]", guest.Run("create pictures", $"write {name} x", $"read {name} 0 9", "list"));
        Assert.Equal("error: a name of an object has 1 to 1024 bytes and no control signs", guest.Run($"write {name}n x"));
        Assert.Equal("error: a name of an object has 1 to 1024 bytes and no control signs", guest.Run("write bad\u0001name x"));
    }

    [Theory]
    [InlineData("create ../pictures")]
    [InlineData("open secret")]
    [InlineData("remove secret")]
    [InlineData("copy secret a pictures b")]
    [InlineData("copy pictures a secret b")]
    public void Containers_that_are_not_granted_are_refused(string command)
    {
        using ScriptedGuest guest = Start();
        Assert.Contains("error: access denied: the container `", guest.Run("create pictures", command), StringComparison.Ordinal);
    }

    public virtual void Dispose()
    {
        Server.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether nothing was written where it does not belong.</summary>
    protected abstract void CheckFiles();

    private protected ScriptedGuest Start() =>
        Server.Start("c-blobs", (BlobCapability.CapabilityName, Container("pictures")), (BlobCapability.CapabilityName, Container("other")));
}
