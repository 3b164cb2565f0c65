using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>A file of a new project.</summary>
internal sealed record TemplateFile(string Path, string Text);

/// <summary>What <c>windhover new plugin</c> writes, for each language.</summary>
internal static class PluginTemplate
{
    public static IReadOnlyList<string> Languages { get; } = ["c", "cpp", "rust", "go", "js", "assemblyscript"];

    public static IReadOnlyList<TemplateFile> Create(string language, WitWorld world) => language switch
    {
        "c" => CTemplate.Create(world, isCpp: false),
        "cpp" => CTemplate.Create(world, isCpp: true),
        "rust" => RustTemplate.Create(world),
        "go" => GoTemplate.Create(world),
        "js" => JsTemplate.Create(world),
        "assemblyscript" => AssemblyScriptTemplate.Create(world),
        _ => throw new ArgumentOutOfRangeException(nameof(language)),
    };

    /// <summary>A file that is the same for every world: <c>c/runtime.h</c>.</summary>
    public static TemplateFile Resource(string path)
    {
        using Stream stream = typeof(PluginTemplate).Assembly.GetManifestResourceStream("templates/plugin/" + path)
            ?? throw new InvalidOperationException($"The template {path} is not in the program.");
        using var reader = new StreamReader(stream);
        return new TemplateFile(Path.GetFileName(path), reader.ReadToEnd());
    }

    /// <summary>The WIT of a function and the layout of its types, above it.</summary>
    public static string Comment(CoreItem item, string prefix) => string.Concat(item.Comments.Select((c, i) => $"{prefix}{(i == 0 ? "" : "  ")}{c}\n"));

    /// <summary>The rest of a Makefile: core.wasm → plugin.wasm. With an adapter where the core module is one of WASI 0.1.</summary>
    public static string MakeComponent(WitWorld world, bool adapter) => (adapter ? $$"""
        	$(JCO) embed core.wasm --wit wit -n {{world.Name}} -o embedded.wasm
        	$(JCO) new embedded.wasm --wasi-reactor -o $@
        	rm -f core.wasm embedded.wasm


        """ : $$"""
        ifeq ($(TOOL),wasm-tools)
        	wasm-tools component embed wit core.wasm --world {{world.Name}} -o embedded.wasm
        	wasm-tools component new embedded.wasm -o $@
        else
        	$(JCO) embed core.wasm --wit wit -n {{world.Name}} -o embedded.wasm
        	$(JCO) new embedded.wasm -o $@
        endif
        	rm -f core.wasm embedded.wasm


        """) + """
        JCO = npx --yes @bytecodealliance/jco@1.35.0

        clean:
        	rm -f plugin.wasm core.wasm embedded.wasm

        .PHONY: clean

        """;

    public static TemplateFile Readme(WitWorld world, string language, string needs, string build, string source, string? more = null) => new("README.md", $"""
        # A plug-in of `{world}` in {language}

        Needs: {needs}.

            {build}

        makes `plugin.wasm`. Your code goes to `{source}`; `wit/` is the host's, leave it as it is. `windhover inspect plugin.wasm` shows what was built,
        `windhover call plugin.wasm …` tries it.
        {(more is null ? "" : $"\n{more}\n")}
        """);
}
