using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Windhover.Cli.Scaffolding;

/// <summary>The tools that make components: whether they are here, and how to get them.</summary>
internal static partial class Tools
{
    /// <summary>What doctor looks for.</summary>
    public static IReadOnlyList<(string Tool, string Language)> Known { get; } =
        [("clang", "C, C++"), ("cargo", "Rust"), ("go", "Go"), ("npx", "JavaScript, AssemblyScript"), ("dotnet", "C#")];

    /// <summary>Whether a tool is on the path.</summary>
    public static bool IsInstalled(string tool) => tool.Contains('/', StringComparison.Ordinal)
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, tool)));

    /// <summary>The newest of a tool that has its version in its name, as Debian's clang; null: none.</summary>
    public static string? Versioned(string tool) => Enumerable.Range(0, 12).Select(i => $"{tool}-{25 - i}").FirstOrDefault(IsInstalled);

    /// <summary>How to get a tool; null when that is not known.</summary>
    public static string? HowToInstall(string tool) => tool switch
    {
        "clang" or "clang++" => "Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32 libc++-dev-wasm32",
        _ when Clang().Match(tool) is { Success: true } clang => string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            "Debian: apt-get install clang-{0} lld-{0} wasi-libc libclang-rt-{0}-dev-wasm32 libc++-{0}-dev-wasm32",
            clang.Groups[1].Value),
        "rustc" or "cargo" => "https://rustup.rs, then: rustup target add wasm32-wasip1",
        "go" => "https://go.dev/dl (1.21 or later); Debian: apt-get install golang",
        "npm" or "npx" or "node" => "https://nodejs.org (20 or later); Debian: apt-get install npm",
        "dotnet" => "https://dotnet.microsoft.com/download (10.0)",
        "make" => "Debian: apt-get install make",
        _ => null,
    };

    /// <summary>What a command starts, its own scripts (<c>sh build.sh</c>) looked into; variables and the shell's own words are left out.</summary>
    public static IReadOnlyList<string> Of(string command, string folder)
    {
        var found = new List<string>();
        Add(command, lookInside: true);
        return [.. found.Distinct(StringComparer.Ordinal)];

        void Add(string text, bool lookInside)
        {
            foreach (Match match in Start().Matches(text))
            {
                string tool = match.Groups["tool"].Value;
                if (tool is "sh" or "bash" && lookInside)
                {
                    string script = Path.Combine(folder, match.Groups["argument"].Value);
                    if (File.Exists(script))
                        Add(string.Join('\n', File.ReadLines(script).Where(l => !l.TrimStart().StartsWith('#'))), lookInside: false);
                }
                else if (text == command || HowToInstall(tool) is not null)
                {
                    // Of a script only what is known to be a tool: it may define functions of its own.
                    found.Add(tool);
                }
            }
        }
    }

    /// <summary>What a tool says when asked for something; null when it cannot be run.</summary>
    public static string? Ask(string tool, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>What a failed build may lack though its tool is there; null: nothing known.</summary>
    public static string? Hint(IReadOnlyList<string> tools)
    {
        if (tools.Any(t => t is "cargo" or "rustc") && !HasRustTarget())
            return "Rust has no standard library for wasm32-wasip1 here: rustup target add wasm32-wasip1";
        if (tools.FirstOrDefault(t => t.StartsWith("clang", StringComparison.Ordinal)) is { } clang && !File.Exists("/usr/include/wasm32-wasi/stdio.h"))
            return $"clang may lack a C library for WASI: {HowToInstall(clang)}";
        if (tools.Any(t => t is "npx" or "npm" or "node") && !IsNodeNewEnough(out string version))
            return $"node is {version}; 20 or later is needed: {HowToInstall("node")}";
        return null;
    }

    /// <summary>Whether Rust can build for WASI.</summary>
    public static bool HasRustTarget() => Ask("rustc", "--print", "target-libdir", "--target", "wasm32-wasip1") is { } folder && Directory.Exists(folder);

    /// <summary>Whether node is of a version that the tools run on.</summary>
    public static bool IsNodeNewEnough(out string version)
    {
        version = Ask("node", "--version")?.TrimStart('v') ?? "absent";
        return int.TryParse(version.Split('.')[0], out int major) && major >= 20;
    }

    [GeneratedRegex(@"^clang(?:\+\+)?-(\d+)$")]
    private static partial Regex Clang();

    // The first word of each command, after variables that are set for it.
    [GeneratedRegex(@"(?:^|&&|\|\||[;|(\n]|\bthen\b|\bdo\b)\s*(?:[A-Za-z_]\w*=\S*\s+)*(?<tool>[A-Za-z][\w+.-]*)(?![\w+.=-])(?:\s+(?<argument>\S+))?")]
    private static partial Regex Start();
}
