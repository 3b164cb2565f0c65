using Microsoft.AspNetCore.Builder;
using Windhover.Hosting.Apps;

namespace Windhover.Hosting.Tests;

/// <summary>The example in the README: that it compiles, and that it is this one.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_example_is_the_one_in_the_readme()
    {
        string readme = await File.ReadAllTextAsync(TestServer.Guest("../README.md"), TestContext.Current.CancellationToken);
        string source = await File.ReadAllTextAsync(TestServer.Guest("../tests/Windhover.Hosting.Tests/ReadmeTests.cs"), TestContext.Current.CancellationToken);
        string[] lines = [.. source.Split("#region Example")[^1].Split("#endregion")[0].Split('\n').Skip(1).Select(l => l.Trim()).Where(l => l.Length > 0)];
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains(line, readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_example_names_the_file_that_is_missing() =>
        Assert.Contains("shop.wasm", (await Assert.ThrowsAsync<ComponentLoadException>(() => Start([]))).Message, StringComparison.Ordinal);

    private static async Task Start(string[] args)
    {
        #region Example
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddWindhover();                                       // one engine for all components
        var app = builder.Build();
        app.MapComponent("/shop/{**path}", "shop.wasm", component =>           // any route: endpoint filters, authorization, rate limits apply
        {
            component.Environment["STAGE"] = "test";                           // what is not granted here, the guest does not have
            component.AllowedHosts.Add("https://api.example.com");
            component.Timeout = TimeSpan.FromSeconds(5);
            component.MaxMemoryBytes = 64 << 20;
        });
        #endregion
        await app.RunAsync();
    }
}
