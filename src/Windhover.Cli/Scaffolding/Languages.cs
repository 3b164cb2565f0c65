namespace Windhover.Cli.Scaffolding;

/// <summary>A language of templates: its files, what builds it, and what a change must touch to make a build worthwhile.</summary>
/// <param name="Name">As templates name it: the folder in Templates/.</param>
/// <param name="Files">The files, below that folder and below the app's.</param>
/// <param name="Build">The command of the manifest.</param>
internal sealed record Language(string Name, IReadOnlyList<string> Files, string Build)
{
    public static IReadOnlyList<Language> All { get; } =
    [
        new("c", ["main.c"], "clang --target=wasm32-wasi -Wno-deprecated -O2 main.c -o app.wasm"),
        new("cpp", ["main.cpp"], "clang++ --target=wasm32-wasi -Wno-deprecated -O2 -fno-exceptions main.cpp -o app.wasm"),
        new("rust", ["src/main.rs", "Cargo.toml"], "cargo build --release --quiet --target wasm32-wasip1 && cp target/wasm32-wasip1/release/app.wasm app.wasm"),
        new("go", ["main.go", "go.mod"], "GOOS=wasip1 GOARCH=wasm go build -o app.wasm ."),
        new("js", ["main.js", "build.sh", "package.json", "wit/app.wit"], "sh build.sh"),
        new(
            "csharp",
            [
                "Program.cs", "app.csproj", "build.sh", "wasi/toolchain.csproj",
                "wasi/native/command.c", "wasi/native/libc.c", "wasi/native/runtime.c", "wasi/native/runtime.h",
                "wasi/tables/Program.cs", "wasi/tables/CoreTypes.cs", "wasi/tables/tables.csproj",
            ],
            "bash build.sh"),
        new("assemblyscript", ["main.ts", "build.sh", "package.json"], "sh build.sh"),
    ];

    /// <summary>The file that a person changes first.</summary>
    public string Source => Files[0];

    /// <summary>The build command with the tools of this machine: Debian's clang has its version in its name.</summary>
    public string BuildHere()
    {
        var tool = Build.Split(' ')[0];
        if (tool is not ("clang" or "clang++") || Tools.IsInstalled(tool))
            return Build;
        return Tools.Versioned(tool) is { } versioned ? versioned + Build[tool.Length..] : Build;
    }
}
