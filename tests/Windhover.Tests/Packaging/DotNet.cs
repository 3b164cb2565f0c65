using System.Diagnostics;

namespace Windhover.Tests.Packaging;

/// <summary>Runs the SDK as a customer would.</summary>
internal static class DotNet
{
    /// <summary>The repository, found from where the tests run.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release, as the tests themselves.</summary>
    public static string Configuration { get; } = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    public static async Task<(int Status, string Output)> RunAsync(string folder, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        // A compiler server would keep the pipes open after the build.
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment.Remove("MSBuildSDKsPath");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation), error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await error);
    }

    public static async Task<string> MustAsync(string folder, CancellationToken cancellation, params string[] arguments)
    {
        (int status, string output) = await RunAsync(folder, cancellation, arguments);
        Assert.True(status == 0, $"dotnet {string.Join(' ', arguments)}: {status}\n{output}");
        return output;
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Windhover.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
