using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Tests.Values;

/// <summary>The host of guests/values: every <c>roundtrip</c> function gives back what it got.</summary>
internal static class ExampleHost
{
    public static void DefineValues(ComponentLinker linker)
    {
        HostInterface roundtrip = linker.Interface("windhover:values/roundtrip@0.1.0");
        foreach (string name in Names())
            roundtrip.DefineDynamic(name, (_, arguments) => arguments.Length == 0 ? null : arguments.Length == 1 ? arguments[0] : arguments);

        HostInterface resources = linker.Interface("windhover:values/resources@0.1.0");
        resources.DefineResource("counter", new ResourceType("counter"));
        foreach (string name in new[]
                 {
                     "[constructor]counter", "[method]counter.add", "[method]counter.value", "[static]counter.merge", "[static]counter.even",
                     "take", "peek", "roundtrip-own", "maybe", "make", "sum", "peek-all", "dropped",
                 })
            resources.DefineDynamic(name, (_, _) => throw new InvalidOperationException($"`{name}` is not part of this test."));
    }

    private static IEnumerable<string> Names() => System.Text.Encoding.UTF8.GetString(TestGuests.Read("values/values.wit"))
        .Split("interface roundtrip", 2)[1].Split("interface show", 2)[0]
        .Split('\n')
        .Where(l => l.Contains(": func(", StringComparison.Ordinal))
        .Select(l => l.Split(':')[0].Trim());
}
