namespace Windhover.Cli.Scaffolding;

/// <summary>A language of templates: its source file, what builds it, and what to install where the tool is missing.</summary>
/// <param name="Name">As templates name it.</param>
/// <param name="Source">The file in Templates/.</param>
/// <param name="Build">The command of the manifest.</param>
internal sealed record Language(string Name, string Source, string Build)
{
    public static IReadOnlyList<Language> All { get; } =
    [
        new("c", "main.c", "clang --target=wasm32-wasi -O2 main.c -o app.wasm"),
        new("cpp", "main.cpp", "clang++ --target=wasm32-wasi -O2 -fno-exceptions main.cpp -o app.wasm"),
        new("rust", "main.rs", "rustc --target wasm32-wasip1 -O main.rs -o app.wasm"),
        new("go", "main.go", "GOOS=wasip1 GOARCH=wasm go build -o app.wasm main.go"),
        new("js", "main.js", "npx --yes -p @bytecodealliance/jco@1.35.0 -p @bytecodealliance/componentize-js@0.23.0 jco componentize main.js --wit wit -n app -d all -o app.wasm"),
        new("assemblyscript", "main.ts", "npm install --no-audit --no-fund --silent assemblyscript@0.28.20 @assemblyscript/wasi-shim && npx asc main.ts --config node_modules/@assemblyscript/wasi-shim/asconfig.json -O -o app.wasm"),
    ];

    /// <summary>The build command with the tools of this machine: Debian's clang has its version in its name.</summary>
    public string BuildHere()
    {
        var tool = Build.Split(' ')[0];
        if (tool is not ("clang" or "clang++") || IsInstalled(tool))
            return Build;
        var versioned = Enumerable.Range(0, 12).Select(i => $"{tool}-{25 - i}").FirstOrDefault(IsInstalled);
        return versioned is null ? Build : versioned + Build[tool.Length..];
    }

    /// <summary>Whether a tool is on the path.</summary>
    public static bool IsInstalled(string tool) => tool.Contains('/', StringComparison.Ordinal)
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, tool)));

    /// <summary>How to get a tool; null when that is not known.</summary>
    public static string? HowToInstall(string tool) => tool switch
    {
        "clang" or "clang++" => "Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32 libc++-dev-wasm32",
        "clang-22" or "clang++-22" => "Debian: apt-get install clang-22 lld-22 wasi-libc libclang-rt-22-dev-wasm32 libc++-22-dev-wasm32",
        "rustc" or "cargo" => "https://rustup.rs, then: rustup target add wasm32-wasip1",
        "go" => "https://go.dev/dl (1.21 or later); Debian: apt-get install golang",
        "npm" or "npx" or "node" => "https://nodejs.org (20 or later); Debian: apt-get install npm",
        _ => null,
    };
}
