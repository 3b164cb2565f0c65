using Windhover.Tests.Shared;

namespace Windhover.Wasi.Tests;

/// <summary>The public API is what the record says, the generated bindings aside. A change of it is a decision.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Public_api_is_as_agreed() =>
        PublicApi.Check(typeof(WasiContext).Assembly, "tests/Windhover.Wasi.Tests/PublicApi.txt", "Windhover.Wasi.Bindings");
}
