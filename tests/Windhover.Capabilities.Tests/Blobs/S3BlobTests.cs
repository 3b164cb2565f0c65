using Amazon.S3;
using Microsoft.Extensions.Logging.Abstractions;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Blobs;
using Windhover.Capabilities.S3;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;

namespace Windhover.Capabilities.Tests.Blobs;

/// <summary>Blobs on an S3 server.</summary>
public sealed class S3BlobTests(S3Server s3) : BlobTests, IClassFixture<S3Server>
{
    private const string Capability = BlobCapability.CapabilityName;

    private readonly string _run = Guid.NewGuid().ToString("N")[..12];

    // This server keeps a key as a path of files, whose parts have at most 255 bytes. S3 itself has no such limit.
    protected override string LongName => string.Join('/', Enumerable.Repeat(new string('n', 204), 5));

    protected override CapabilityResource Container(string name) => s3.Container(name, $"{name}-{_run}");

    // A file outside of the server's folder would be one that a key led it to.
    protected override void CheckFiles()
    {
        Assert.Empty(Directory.EnumerateFiles(Server.DataDirectory, "*", SearchOption.AllDirectories));
        Assert.Equal([s3.Data], Directory.EnumerateFileSystemEntries(s3.Folder));
        Assert.False(File.Exists("/etc/windhover-escape"));
    }

    [Fact]
    public void A_name_that_other_programs_use_is_the_key()
    {
        using ScriptedGuest guest = Start();
        guest.Run("create pictures", "write holiday/cat.jpg x");
        Assert.True(Directory.Exists(Path.Combine(s3.Data, $"pictures-{_run}", "holiday")));
    }

    [Theory]
    [InlineData("cat.jpg", "cat.jpg")]
    [InlineData("a/b/c", "a/b/c")]
    [InlineData("../x", "%2E%2E/x")]
    [InlineData("a/./b", "a/%2E/b")]
    [InlineData("/etc", "%2Fetc")]
    [InlineData("a//b", "a%2F%2Fb")]
    [InlineData("a/", "a%2F")]
    [InlineData("50%", "50%25")]
    [InlineData("a\\b", "a%5Cb")]
    public void Names_and_keys(string name, string key)
    {
        Assert.Equal(key, S3Key.Of(name));
        Assert.Equal(name, S3Key.NameOf(key));
    }

    [Fact]
    public void A_name_that_is_too_long_as_a_key_is_refused() =>
        Assert.Throws<BackendException>(() => S3Key.Of(new string('%', 400)));

    [Fact]
    public async Task Lists_go_through_pages()
    {
        using ResourceLease<AmazonS3Client> client = new S3Clients().Open(s3.Container("pages", $"pages-{_run}"));
        var container = new S3BlobContainer(client.Value, $"pages-{_run}", new BackendHealth(NullLogger.Instance, "S3", TimeProvider.System), namesPerPage: 3);
        await container.CreateAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < 7; i++)
            await container.WriteAsync($"n{i}", Stream.Null, TestContext.Current.CancellationToken);
        var pages = new List<string>();
        string? cursor = null;
        do
        {
            (IReadOnlyList<string> names, cursor) = await container.ListAsync(cursor, TestContext.Current.CancellationToken);
            pages.Add(string.Join(' ', names));
        }
        while (cursor is not null);
        Assert.Equal(["n0 n1 n2", "n3 n4 n5", "n6"], pages);
    }

    [Fact]
    public async Task A_server_that_goes_away_and_comes_back()
    {
        using var own = new S3Server();
        CapabilityGrant[] grants = Server.Grant("app", (Capability, own.Container("pictures", "pictures")), (Capability, CapabilityServer.Resource("near", "files")));
        CapabilityGrant grant = grants[Server.Capabilities.Index().First(c => c.Item.Name == Capability).Index];
        own.Kill(); // down at start
        using (ScriptedGuest guest = Server.Start("c-blobs", grants))
        {
            Assert.Equal(
                "error: the backend cannot be reached; try again later | ok | ok | data y", guest.Run("create pictures", "create near", "write a y", "read a 0 9"));
        }

        CapabilityException check = await Assert.ThrowsAsync<CapabilityException>(async () => await grant.CheckAsync(TestContext.Current.CancellationToken));
        Assert.Equal("pictures", check.Resource);

        own.Start();
        using (ScriptedGuest guest = Server.Start("c-blobs", grants))
            Assert.Equal("ok | ok | data x", guest.Run("create pictures", "write a x", "read a 0 9"));
        await grant.CheckAsync(TestContext.Current.CancellationToken);

        own.Kill();
        using (ScriptedGuest guest = Server.Start("c-blobs", grants))
            Assert.Equal("error: the backend cannot be reached; try again later", guest.Run("open pictures"));
        Assert.Equal(2, Server.Log.Lines.Count(line => line.StartsWith("Error S3, for the container `pictures` of app `app`, cannot be reached", StringComparison.Ordinal)));
        Assert.Single(Server.Log.Lines, line => line.StartsWith("Information S3, for the container `pictures` of app `app`, is back", StringComparison.Ordinal));
        foreach (CapabilityGrant each in grants)
            each.Dispose();
    }

    [Fact]
    public void A_wrong_key_is_the_operators_matter()
    {
        CapabilityResource wrong = CapabilityServer.Resource("pictures", "s3", ("url", s3.Url), ("access-key", "NOBODY"), ("secret-key", "wrong"));
        using ScriptedGuest guest = Server.Start("c-blobs", (Capability, wrong));
        Assert.Equal("error: the backend cannot be reached; try again later", guest.Run("create pictures"));
        Assert.Contains(Server.Log.Lines, line => line.StartsWith("Error S3, for the container `pictures` of app `app`, cannot be reached", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ftp://x", "pictures", "`url` is no address of an S3")]
    [InlineData("http://key:secret@x", "pictures", "`url` is no address of an S3")]
    [InlineData("http://x/bucket", "pictures", "`url` is no address of an S3")]
    [InlineData("http://x", "My_Pictures", "`My_Pictures` is no name of a bucket")]
    public void Settings_that_cannot_work_name_the_container(string url, string bucket, string reason)
    {
        CapabilityException error = Assert.Throws<CapabilityException>(() => Server.Grant(
            "app", (Capability, CapabilityServer.Resource("p", "s3", ("url", url), ("access-key", "a"), ("secret-key", "b"), ("bucket", bucket)))));
        Assert.Equal("p", error.Resource);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
