namespace Windhover.Tests.Packaging;

/// <summary>The packages as they are published: packed, put into a local feed, and used by projects that know nothing of this repository.</summary>
public sealed class PackageTests(PackageFeed feed) : IClassFixture<PackageFeed>
{
    private const string Program = """
        using Windhover.Components.Bindings;
        using Windhover.Plugins;
        using Acme.Test.Shop.Log;

        namespace Acme;

        [WitWorld("test:shop/plugin")]
        public partial class PricingPlugin;

        internal sealed class ConsoleLog : ILog
        {
            public void Write(string line) => System.Console.WriteLine($"log: {line}");
        }

        internal static class Program
        {
            private static async System.Threading.Tasks.Task Main(string[] args)
            {
                await using var host = new PluginHost(new PluginHostOptions { CacheDirectory = "" });
                var component = await host.LoadAsync(args[0]);
                await using var plugin = await PricingPlugin.InstantiateAsync(component, new() { Log = new ConsoleLog() });
                System.Console.WriteLine($"price: {plugin.Rules.Price(199, 3)}");
                plugin.Rules.Act(3);
            }
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fresh_project_builds_and_runs()
    {
        using var project = new FreshProject(feed);
        await project.WriteAsync("Program.cs", Program, Cancel);
        await project.WriteAsync("wit/shop.wit", await File.ReadAllTextAsync(Path.Combine(DotNet.Root, "tests/Windhover.Tests/wit/shop.wit"), Cancel), Cancel);
        await File.WriteAllBytesAsync(Path.Combine(project.Path, "discount.wasm"), ShopGuest.Make(), Cancel);
        await DotNet.MustAsync(project.Path, Cancel, "build", "-v", "q", "-warnaserror");
        string output = await DotNet.MustAsync(project.Path, Cancel, "bin/Debug/net10.0/Fresh.dll", "discount.wasm");
        Assert.Equal("price: 597\nlog: boom\n", output);
    }

    [Fact]
    public async Task Without_wit_there_is_one_clear_error()
    {
        using var project = new FreshProject(feed);
        await project.WriteAsync("Program.cs", """
            [Windhover.Components.Bindings.WitWorld("test:shop/plugin")]
            public partial class PricingPlugin { static void Main() { } }
            """, Cancel);
        (int status, string output) = await DotNet.RunAsync(project.Path, Cancel, "build", "-v", "q");
        Assert.NotEqual(0, status);
        string[] errors = [.. output.Split('\n').Where(l => l.Contains(": error ", StringComparison.Ordinal)).Select(l => l[..l.LastIndexOf('[')]).Distinct()];
        Assert.Contains("WH1004", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains("<Wit Include=\"wit/**\" />", errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_wit_is_shown_in_the_wit_file()
    {
        using var project = new FreshProject(feed);
        await project.WriteAsync("Program.cs", Program, Cancel);
        await project.WriteAsync("wit/shop.wit", "package test:shop@1.1.0;\nworld plugin {\n  export price: func(cents: u33) -> u32;\n}\n", Cancel);
        (int status, string output) = await DotNet.RunAsync(project.Path, Cancel, "build", "-v", "q");
        Assert.NotEqual(0, status);
        Assert.Contains("wit/shop.wit(3,29): error WH1001", output, StringComparison.Ordinal);
    }
}

/// <summary>All packages that `Windhover` needs, packed once.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private static readonly string[] s_projects = ["Windhover.Engine", "Windhover.Wit", "Windhover.Components", "Windhover.Wasi", "Windhover"];

    public string Path { get; } = Directory.CreateTempSubdirectory("windhover-feed").FullName;

    /// <summary>Another one each time, so that no package of an earlier run is found in the machine's cache.</summary>
    public string Version { get; } = $"0.0.1-test{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        foreach (string project in s_projects)
        {
            await DotNet.MustAsync(
                DotNet.Root, CancellationToken.None, "pack", $"src/{project}", "-c", DotNet.Configuration, "--no-build", "-o", Path, $"-p:PackageVersion={Version}", "-v", "q");
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path, recursive: true);
        return default;
    }
}

/// <summary>A project in a folder of its own, outside of the repository.</summary>
internal sealed class FreshProject : IDisposable
{
    public FreshProject(PackageFeed feed)
    {
        Path = Directory.CreateTempSubdirectory("windhover-fresh").FullName;
        File.WriteAllText(System.IO.Path.Combine(Path, "Fresh.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>{Path}/packages</RestorePackagesPath>
                <RestoreFallbackFolders>{Global()}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Windhover" Version="{feed.Version}" />
                <Wit Include="wit/**" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(System.IO.Path.Combine(Path, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="local" value="{feed.Path}" />
              </packageSources>
            </configuration>
            """);
    }

    public string Path { get; }

    public async Task WriteAsync(string name, string text, CancellationToken cancellation)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, cancellation);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Packages of others are taken from where the machine has them.</summary>
    private static string Global() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");
}
