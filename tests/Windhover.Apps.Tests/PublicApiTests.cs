using Windhover.Apps.Manifest;

namespace Windhover.Apps.Tests;

/// <summary>The public API is what the record says. A change of it is a decision.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Public_api_is_as_agreed() => PublicApi.Check(typeof(AppManifest).Assembly, "tests/Windhover.Apps.Tests/PublicApi.txt");
}
