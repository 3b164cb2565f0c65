using Windhover.Capabilities.Tests.Guests;

namespace Windhover.Capabilities.Tests.Blobs;

/// <summary>Blobs in files.</summary>
public sealed class FileBlobTests : BlobTests
{
    protected override CapabilityResource Container(string name) => CapabilityServer.Resource(name, "files");

    protected override void CheckFiles() => Assert.All(
        Directory.EnumerateFiles(Server.DataDirectory, "*", SearchOption.AllDirectories),
        file => Assert.StartsWith(Path.Combine(Server.DataDirectory, "blobs") + "/", file, StringComparison.Ordinal));
}
