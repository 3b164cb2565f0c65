namespace Windhover.Cli.Tests.Help;

/// <summary>
/// The help as it is printed, against the files beside this one. After a change that is meant, WINDHOVER_UPDATE=1 writes them anew.
/// </summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("windhover")]
    [InlineData("run")]
    [InlineData("serve")]
    [InlineData("call")]
    [InlineData("inspect")]
    [InlineData("compile")]
    [InlineData("up")]
    [InlineData("build")]
    [InlineData("ps")]
    [InlineData("top")]
    [InlineData("logs")]
    [InlineData("doctor")]
    [InlineData("new")]
    [InlineData("new http")]
    [InlineData("new cron")]
    [InlineData("new queue")]
    [InlineData("new command")]
    public async Task Help_is_as_written(string command)
    {
        var file = command.Replace(' ', '-') + ".txt";
        var outcome = (await Cli.Run([.. command == "windhover" ? [] : command.Split(' '), "--help"])).Expect(0);
        Assert.Empty(outcome.Error);
        if (Environment.GetEnvironmentVariable("WINDHOVER_UPDATE") == "1")
            await File.WriteAllTextAsync(Path.Combine(Cli.Root, "tests/Windhover.Cli.Tests/Help", file), outcome.Output, TestContext.Current.CancellationToken);
        else
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Help", file), TestContext.Current.CancellationToken), outcome.Output);
    }

    [Fact]
    public async Task Without_a_command_there_is_help() =>
        Assert.Equal((await Cli.Run("--help")).Output, (await Cli.Run()).Expect(0).Output);

    [Fact]
    public async Task The_version_is_a_version() => Assert.Matches(@"^\d+\.\d+\.\d+\n$", (await Cli.Run("--version")).Expect(0).Output);
}
