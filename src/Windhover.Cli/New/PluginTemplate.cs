using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>A file of a new project.</summary>
internal sealed record TemplateFile(string Path, string Text);

/// <summary>What <c>windhover new plugin</c> writes, for each language.</summary>
internal static class PluginTemplate
{
    public static IReadOnlyList<string> Languages { get; } = ["c", "js", "rust", "python", "go"];

    public static IReadOnlyList<TemplateFile> Create(string language, WitWorld world) => language switch
    {
        "c" => CTemplate.Create(world),
        "js" => JsTemplate.Create(world),
        "rust" => RustTemplate.Create(world),
        "python" => [
            new TemplateFile("app.py", $$"""
                # {{world}}: `componentize-py --wit-path wit --world {{world.Name}} bindings .` writes the classes to derive from.
                import wit_world

                {{Lines(world, f => $"# {f}")}}
                class WitWorld(wit_world.WitWorld):
                    pass

                """),
            Readme(world, "Python", "pip install componentize-py", $"componentize-py --wit-path wit --world {world.Name} componentize app -o plugin.wasm", "app.py")],
        "go" => [
            new TemplateFile("go.mod", "module plugin\n\ngo 1.24\n"),
            new TemplateFile("main.go", $$"""
                package main

                // {{world}}: `go tool wit-bindgen-go generate --world {{world.Name}} --out internal wit` writes internal/; set its Exports in init.
                {{Lines(world, f => $"// {f}")}}
                func main() {}

                """),
            Readme(world, "Go", "Go 1.24, TinyGo 0.34 and `go get -tool go.bytecodealliance.org/cmd/wit-bindgen-go`", $"tinygo build -target=wasip2 --wit-package wit --wit-world {world.Name} -o plugin.wasm .", "main.go")],
        _ => throw new ArgumentOutOfRangeException(nameof(language)),
    };

    /// <summary>Every exported function, with the interface that it belongs to.</summary>
    public static IEnumerable<(string? Interface, WitFunction Function)> Exports(WitWorld world) => Functions(world.Exports);

    public static IEnumerable<(string? Interface, WitFunction Function)> Imports(WitWorld world) => Functions(world.Imports);

    public static TemplateFile Readme(WitWorld world, string language, string needs, string build, string source) => new("README.md", $"""
        # A plug-in of `{world}` in {language}

        Needs: {needs}

            {build}

        Your code goes to `{source}`; `wit/` is the host's, leave it as it is. `windhover inspect plugin.wasm` shows what was built, `windhover call plugin.wasm …` tries it.

        """);

    private static string Lines(WitWorld world, Func<string, string> line) =>
        string.Concat(Exports(world).Select(e => line($"{(e.Interface is null ? "" : e.Interface + "#")}{e.Function.CanonicalName}: {SignatureText.Of(e.Function)}") + "\n"));

    private static IEnumerable<(string?, WitFunction)> Functions(IReadOnlyList<WitWorldItem> items)
    {
        foreach (WitWorldItem item in items)
        {
            if (item is WitInterfaceItem i)
            {
                foreach (WitFunction function in i.Interface.Functions)
                    yield return (i.Name, function);
            }
            else if (item is WitFunctionItem f)
            {
                yield return (null, f.Function);
            }
        }
    }
}
