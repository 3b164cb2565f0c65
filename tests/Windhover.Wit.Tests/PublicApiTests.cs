using Windhover.Tests.Shared;
using Windhover.Wit.Model;

namespace Windhover.Wit.Tests;

/// <summary>The public API is what the record says. A change of it is a decision.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Public_api_is_as_agreed() => PublicApi.Check(typeof(WitPackage).Assembly, "tests/Windhover.Wit.Tests/PublicApi.txt");
}
