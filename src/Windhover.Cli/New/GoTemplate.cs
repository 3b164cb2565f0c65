using System.Text;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>Go's own compiler (1.24 or later): exported functions in a library on WASI 0.1, which jco's adapter carries to 0.2.</summary>
internal static class GoTemplate
{
    public static IReadOnlyList<TemplateFile> Create(WitWorld world)
    {
        var core = new CoreWorld(world);
        return
        [
            new("go.mod", "module example.com/plugin\n\ngo 1.24\n"),
            PluginTemplate.Resource("go/abi.go"),
            new("imports.go", Imports(core)),
            new("plugin.go", Exports(core)),
            new("Makefile", $$"""
                GO = go

                # -checklinkname=0: abi.go asks the runtime for memory while it starts.
                plugin.wasm: *.go go.mod Makefile
                	GOOS=wasip1 GOARCH=wasm $(GO) build -buildmode=c-shared -trimpath -ldflags='-checklinkname=0 -s -w' -o core.wasm .
                {{PluginTemplate.MakeComponent(world, adapter: true)}}
                """),
            PluginTemplate.Readme(
                world,
                "Go",
                "Go 1.24 or later, make, and Node for jco",
                "make",
                "plugin.go",
                "Go's runtime imports WASI; a host that grants nothing gives it functions with nothing behind them, and a clock."),
        ];
    }

    private static string Imports(CoreWorld world)
    {
        var text = new StringBuilder("""
            // What the host gives you to call, as core functions: text and lists are an address and a length; a result that is more than one number is
            // written to the address passed last.
            package main

            """);
        foreach (CoreItem item in world.Imports)
            text.Append('\n').Append(PluginTemplate.Comment(item, "// ")).Append($"//\n//go:wasmimport {item.Module} {item.Name}\nfunc {Name(item)}({Parameters(item.Signature)}){Result(item.Signature)}\n");
        return text.ToString();
    }

    private static string Exports(CoreWorld world)
    {
        var text = new StringBuilder($"// A plug-in of {world.World}. Each function is what the host calls: fill it in.\npackage main\n\nfunc main() {{}}\n");
        foreach (CoreItem item in world.Exports)
        {
            text.Append('\n').Append(PluginTemplate.Comment(item, "// "))
                .Append($"//\n//go:wasmexport {item.Name}\nfunc {Name(item)}({Parameters(item.Signature)}){Result(item.Signature)} {{\n{(item.IsDestructor ? "" : "\tpanic(\"not written yet\")\n")}}}\n");
            if (item.Signature.UsesMemory)
                text.Append($"\n//go:wasmexport cabi_post_{item.Name}\nfunc {Name(item)}Done({(item.Signature.Result is { } r ? $"_ {Type(r)}" : "")}) {{ release() }}\n");
        }

        return text.ToString();
    }

    private static string Name(CoreItem item) => Names.Camel(item.Identifier);

    private static string Type(CoreParameter p) => p.Type switch
    {
        CoreType.I64 => "uint64",
        CoreType.F32 => "float32",
        CoreType.F64 => "float64",
        _ => "uint32",
    };

    private static string Result(CoreSignature signature) => signature.Result is { } result ? " " + Type(result) : "";

    private static string Parameters(CoreSignature signature) => string.Join(", ", signature.Parameters.Select(p => $"{Names.Camel(p.Name)} {Type(p)}"));
}
