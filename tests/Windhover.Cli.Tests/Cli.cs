using System.Diagnostics;
using System.Text;

namespace Windhover.Cli.Tests;

/// <summary>What a run of the program gave.</summary>
internal sealed record Outcome(int Status, string Output, string Error)
{
    /// <summary>Fails the test, with all output, unless the status is the expected one.</summary>
    public Outcome Expect(int status)
    {
        Assert.True(Status == status, $"status {Status}, expected {status}\n--- stdout\n{Output}\n--- stderr\n{Error}");
        return this;
    }

    /// <summary>One clear error: a first line `error: …` that holds the text, then at most lines of help; no stack trace.</summary>
    public Outcome ExpectError(int status, string text)
    {
        Expect(status);
        Assert.StartsWith("error: ", Error, StringComparison.Ordinal);
        Assert.Contains(text, Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        return this;
    }

    /// <summary>A line that says what to do.</summary>
    public Outcome ExpectHelp(string text)
    {
        Assert.Contains(Error.Split('\n'), l => l.StartsWith("help: ", StringComparison.Ordinal) && l.Contains(text, StringComparison.Ordinal));
        return this;
    }
}

/// <summary>Runs the real program as a child process.</summary>
internal static class Cli
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string Cache = Directory.CreateTempSubdirectory("windhover-cli-tests-").FullName;

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "windhover");

    public static string Root { get; } = FindRoot();

    /// <summary>A file below guests/.</summary>
    public static string Guest(string path) => Path.Combine(Root, "guests", path);

    public static Task<Outcome> Run(params string[] arguments) => RunWith("", [], arguments);

    /// <summary>Builds apps, which takes what the tools take: a standard library, the first time.</summary>
    public static Task<Outcome> Build(string folder, (string Name, string? Value)[] environment) => RunFor(TimeSpan.FromMinutes(8), "", environment, ["build", folder]);

    public static Task<Outcome> RunWith(string input, (string Name, string? Value)[] environment, params string[] arguments) => RunFor(Patience, input, environment, arguments);

    private static async Task<Outcome> RunFor(TimeSpan time, string input, (string Name, string? Value)[] environment, string[] arguments)
    {
        using var process = Start(environment, arguments);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(time);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading.
        }

        try
        {
            await process.WaitForExitAsync(patience.Token);
            return new Outcome(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>What each run has: a cache of this run of the tests, and where .NET is.</summary>
    public static (string Name, string? Value)[] Environment { get; } =
    [
        ("XDG_CACHE_HOME", Cache),
        ("DOTNET_ROOT", Path.GetDirectoryName(System.Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : FindDotnet())),
    ];

    public static Process Start((string Name, string? Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
            WorkingDirectory = Root,
        };
        foreach (var (name, value) in Environment.Concat(environment))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static string FindDotnet() =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
