using System.Text.Json;

namespace Windhover.Cli.Tests.Runtime;

// What Windhover.Hosting's package sets in programs (build/Windhover.Hosting.props) reaches ours.
public class RuntimeConfigTests
{
    [Theory]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", 0)]
    [InlineData("System.GC.LOHThreshold", 1 << 20)]
    public void A_neighbour_is_protected_from_what_NET_does_by_default(string name, int value)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "windhover.runtimeconfig.json")));
        Assert.Equal(value, config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty(name).GetInt32());
    }
}
