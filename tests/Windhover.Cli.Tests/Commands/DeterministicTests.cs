namespace Windhover.Cli.Tests.Commands;

public sealed class DeterministicTests
{
    [Theory]
    [InlineData("c-cli/c-cli.wasm", "random", "16")]
    [InlineData("c-cli/c-cli-p2.wasm", "random", "16")]
    [InlineData("c-cli/c-cli.wasm", "time", "")]
    [InlineData("c-cli/c-cli-p2.wasm", "sleep", "3600000")]
    [InlineData("c-cli/c-cli.wasm", "sleep", "3600000")]
    [InlineData("rust-cli/rust-cli-p2.wasm", "count", "")]
    public async Task Runs_repeat_exactly_and_say_what_they_used(string guest, string verb, string argument)
    {
        string[] arguments = argument.Length == 0 ? [verb] : [verb, argument];
        var first = (await Cli.RunWith("b a b c", [], ["run", "--deterministic", "--fuel", "100_000_000", Cli.Guest(guest), .. arguments])).Expect(0);
        var second = (await Cli.RunWith("b a b c", [], ["run", "--deterministic", "--fuel", "100_000_000", Cli.Guest(guest), .. arguments])).Expect(0);
        Assert.Equal(first, second);
        Assert.Matches(@"^fuel used: [1-9]\d* of 100000000\n$", first.Error);
        if (verb != "random")
            return;
        var other = await Cli.Run("run", "--deterministic", "--seed", "5", Cli.Guest(guest), verb, argument);
        Assert.NotEqual(first.Output, other.Expect(0).Output);
    }

    [Fact]
    public async Task A_guest_without_fuel_left_is_stopped()
    {
        var outcome = await Cli.Run("run", "--fuel", "1000000", Cli.Guest("c-cli/c-cli.wasm"), "spin");
        outcome.Expect(134);
        Assert.Contains("fuel used: 1000000 of 1000000", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("used up its fuel", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_that_make_no_sense_are_refused()
    {
        (await Cli.Run("run", "--fuel", "much", Cli.Guest("c-cli/c-cli.wasm"))).ExpectError(2, "--fuel much");
        (await Cli.Run("run", "--seed", "1", Cli.Guest("c-cli/c-cli.wasm"))).ExpectError(2, "--seed needs --deterministic");
        (await Cli.Run("run", "--deterministic", "--allow-host", "example.com", Cli.Guest("c-cli/c-cli-p2.wasm"))).ExpectError(2, "--deterministic allows no network");
    }
}
