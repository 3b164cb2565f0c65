using Windhover.Wit.Generator.Tests.Harness;

namespace Windhover.Wit.Generator.Tests.Generation;

public sealed class WasiTests
{
    [Theory]
    [InlineData("0.2")]
    [InlineData("0.3")]
    public void The_hosts_world_compiles_without_a_complaint(string version)
    {
        GeneratorRun.Of(Customer("windhover:wasi/guest"), Wasi(version)).MustBeClean();
    }

    /// <summary>Every interface of WASI in both directions.</summary>
    [Theory]
    [InlineData("0.2", 26)]
    [InlineData("0.3", 21)]
    public void All_of_wasi_compiles_as_exports_too(string version, int least)
    {
        string[] interfaces = [.. Wasi(version).Where(f => f.Path.Contains("/deps/", StringComparison.Ordinal)).SelectMany(f => Interfaces(f.Text))];
        Assert.InRange(interfaces.Length, least, 40);
        string world = "package test:all;\nworld everything {\n"
            + string.Concat(interfaces.Select(i => $"  import {i};\n"))
            + string.Concat(interfaces.Select(i => $"  export {i};\n")) + "}\n";
        GeneratorRun.Of(Customer("test:all/everything"), [("wit/all.wit", world), .. Dependencies(version)]).MustBeClean();
    }

    [Theory]
    [InlineData("test:all/imports-only", false)]
    [InlineData("test:all/exports-only", true)]
    public void Http_alone_compiles_either_way(string world, bool exports)
    {
        string direction = exports ? "export" : "import";
        string text = $$"""
            package test:all;
            world {{world["test:all/".Length..]}} { {{direction}} wasi:http/types@0.2.12; {{direction}} wasi:http/outgoing-handler@0.2.12; {{direction}} wasi:sockets/udp@0.2.12; }
            """;
        GeneratorRun.Of(Customer(world), [("wit/all.wit", text), .. Dependencies("0.2")]).MustBeClean();
    }

    private static (string Path, string Text)[] Wasi(string version) => GeneratorRun.Files($"wit/{version}");

    private static IEnumerable<(string Path, string Text)> Dependencies(string version) =>
        Wasi(version).Where(f => f.Path.Contains("/deps/", StringComparison.Ordinal)).Select(f => ("wit" + f.Path[f.Path.IndexOf("/deps/", StringComparison.Ordinal)..], f.Text));

    private static string Customer(string world) => $$"""
        using Windhover.Components.Bindings;
        namespace Acme.Plugins;
        [WitWorld("{{world}}")]
        public sealed partial class World;
        """;

    private static IEnumerable<string> Interfaces(string text)
    {
        string package = text.Split('\n').First(l => l.StartsWith("package ", StringComparison.Ordinal))["package ".Length..].Trim(';', ' ', '\r');
        string[] parts = package.Split('@');
        return text.Split('\n').Where(l => l.StartsWith("interface ", StringComparison.Ordinal)).Select(l => $"{parts[0]}/{l.Split(' ')[1]}@{parts[1]}");
    }
}
