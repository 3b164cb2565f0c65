using Windhover.Cli.Terminal;

namespace Windhover.Cli.Tests.Terminal;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(10L << 30, "10.0 GiB")]
    public void Sizes_are_short(long bytes, string text) => Assert.Equal(text, Units.Size(bytes));

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("1.5kb", 1500)]
    [InlineData("2 GiB", 2L << 30)]
    [InlineData("", -1)]
    [InlineData("MiB", -1)]
    [InlineData("-1", -1)]
    [InlineData("1e9", -1)]
    [InlineData("99999999999999GiB", -1)]
    public void Sizes_are_read(string text, long bytes) => Assert.Equal(bytes, Units.TryParseSize(text, out var value) ? value : -1);

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("5s", 5000)]
    [InlineData("5", 5000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("0", -1)]
    [InlineData("-5s", -1)]
    [InlineData("1000h", -1)]
    [InlineData("x", -1)]
    public void Times_are_read(string text, double milliseconds) =>
        Assert.Equal(milliseconds, Units.TryParseTime(text, out var value) ? value.TotalMilliseconds : -1);
}
