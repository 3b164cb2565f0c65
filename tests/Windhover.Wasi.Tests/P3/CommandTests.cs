using System.Text;
using Windhover.Wasi.Cli;

namespace Windhover.Wasi.Tests.P3;

/// <summary>guests/c-p3, a command of WASI 0.3.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Arguments_and_environment()
    {
        var (code, output, error) = await Run(new WasiOptions(), "args", "one", "zwei");
        Assert.Equal(0, code);
        Assert.Contains("one", output + error, StringComparison.Ordinal);
        Assert.Contains("zwei", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_streams_through()
    {
        var text = string.Concat(Enumerable.Repeat("windhover ", 50_000));
        var (code, output, _) = await Run(new WasiOptions { Stdin = InputGrant.FromBytes(Encoding.UTF8.GetBytes(text)) }, "upper");
        Assert.Equal(0, code);
        Assert.Equal(text.ToUpperInvariant(), output);
    }

    [Theory]
    [InlineData("exit", "7", 7)]
    [InlineData("fail", "", 1)]
    [InlineData("sleep", "5", 0)]
    public async Task Exit_codes(string command, string argument, int expected)
    {
        var (code, _, error) = await Run(new WasiOptions(), command, argument);
        Assert.True(expected == code, $"{code}: {error}");
    }

    private static async Task<(int Code, string Output, string Error)> Run(WasiOptions options, params string[] arguments)
    {
        var output = new MemoryStream();
        var error = new MemoryStream();
        var (code, trap) = await Components.RunAsync(Components.Guest("c-p3/c-p3.wasm"), options with
        {
            Arguments = ["c-p3", .. arguments],
            Stdout = OutputGrant.ToStream(output),
            Stderr = OutputGrant.ToStream(error),
        });
        return (code, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()) + trap);
    }
}
