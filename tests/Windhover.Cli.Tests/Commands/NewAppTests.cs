using Windhover.Cli.Scaffolding;
using Windhover.Cli.Tests.Serving;

namespace Windhover.Cli.Tests.Commands;

/// <summary>What <c>windhover new</c> writes is built by <c>windhover build</c> with the real tools, and answers under <c>windhover up</c>.</summary>
[Collection("toolchains")] // Not beside the tutorial: they share what Rust built.
public sealed class NewAppTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Languages => [.. Language.All.Select(l => l.Name)];

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task An_app_of_each_language_builds_and_answers_every_trigger(string language)
    {
        using var folder = new TempFolder();
        var tools = Toolchains.Find(language, folder.Path);
        Assert.SkipWhen(tools is null, $"the tools for {language} are missing: guests/toolchains.sh");
        string apps = folder.Of("apps");
        Directory.CreateDirectory(apps);
        (await Cli.Run("new", "http", "--language", language, Path.Combine(apps, "web"))).Expect(0);
        if (language is "js" or "assemblyscript")
            Directory.CreateSymbolicLink(Path.Combine(apps, "web", "node_modules"), Toolchains.Modules);
        (await Cli.Build(apps, tools)).Expect(0);

        // The same component serves the other triggers: what differs is the manifest.
        foreach (string trigger in new[] { "cron", "queue", "command" })
        {
            (await Cli.Run("new", trigger, "--language", language, Path.Combine(apps, trigger))).Expect(0);
            File.Copy(Path.Combine(apps, "web", "app.wasm"), Path.Combine(apps, trigger, "app.wasm"));
        }

        string cron = Path.Combine(apps, "cron", "windhover.toml");
        await File.WriteAllTextAsync(cron, (await File.ReadAllTextAsync(cron, Cancel)).Replace("* * * * *", "* * * * * *", StringComparison.Ordinal), Cancel); // Each second.
        await using ServingProcess up = await ServingProcess.StartUp(apps);
        Assert.Equal("Hello, /there\n", (await up.Client.GetStringAsync("/web/there", Cancel)).Replace("/web/there", "/there", StringComparison.Ordinal));
        using var order = new HttpRequestMessage(HttpMethod.Post, "/_windhover/api/topics/queue") { Content = new StringContent("an order") };
        order.Headers.Add("windhover-admin", "1");
        (await up.Client.SendAsync(order, Cancel)).EnsureSuccessStatusCode();
        await up.LineAsync("called by cron");
        await up.LineAsync("called by start");
        await up.LineAsync("an order");
        Assert.DoesNotContain(up.Log, l => l.Contains(" error ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_template_says_what_it_wrote_and_a_build_what_is_missing(string language)
    {
        using var folder = new TempFolder();
        string target = folder.Of("my app");
        string output = (await Cli.Run("new", "http", "-l", language, target)).Expect(0).Output;
        Assert.Contains("next: windhover build", output, StringComparison.Ordinal);
        Assert.Contains("name = \"my-app\"", await File.ReadAllTextAsync(Path.Combine(target, "windhover.toml"), Cancel), StringComparison.Ordinal);
        (await Cli.Run("new", "http", "-l", language, target)).ExpectError(1, "is not empty");

        // Nothing is on the path but the shell.
        string empty = folder.Of("bin");
        Directory.CreateDirectory(empty);
        File.CreateSymbolicLink(Path.Combine(empty, "sh"), "/bin/sh");
        (await Cli.RunWith("", [("PATH", empty)], "build", target)).ExpectError(1, "not installed").ExpectHelp(language switch
        {
            "rust" => "rustup target add wasm32-wasip1",
            "go" => "https://go.dev/dl",
            "js" or "assemblyscript" => "https://nodejs.org",
            "csharp" => "https://dotnet.microsoft.com/download",
            _ => "apt-get install clang",
        });
    }

    [Fact]
    public async Task A_mistaken_language_gets_the_nearest()
    {
        using var folder = new TempFolder();
        (await Cli.Run("new", "http", "-l", "rustt", folder.Of("x"))).ExpectError(2, "there is no template for `rustt`").ExpectHelp("the nearest is `rust`");
        Assert.False(Directory.Exists(folder.Of("x")));
    }

    [Fact]
    public async Task A_build_that_fails_says_how_it_ended()
    {
        using var folder = new TempFolder();
        folder.Write("windhover.toml", "name = \"x\"\n[component.x]\nsource = \"x.wasm\"\nbuild = { command = 'false' }\n[[start]]\n");
        Assert.Equal("x/x: false\nerror: x/x: the build ended with status 1\nhelp: false\n", (await Cli.Run("build", folder.Path)).Expect(1).Error);
        folder.Write("windhover.toml", "name = \"x\"\n[component.x]\nsource = \"x.wasm\"\nbuild = { command = 'true' }\n[[start]]\n");
        Assert.Contains("\nerror: x/x: the build made no ", (await Cli.Run("build", folder.Path)).Expect(1).Error, StringComparison.Ordinal);
        (await Cli.Run("build", folder.Of("nowhere"))).ExpectError(2, "has no windhover.toml");
    }
}
