using Windhover.Plugins;
using Windhover.Testing;

namespace Windhover.Tests;

/// <summary>The public API is what the record says. A change of it is a decision.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Windhover_is_as_agreed() => PublicApi.Check(typeof(PluginHost).Assembly, "tests/Windhover.Tests/PublicApi.Windhover.txt");

    [Fact]
    public void Windhover_Testing_is_as_agreed() => PublicApi.Check(typeof(ComponentFixture).Assembly, "tests/Windhover.Tests/PublicApi.Testing.txt");
}
