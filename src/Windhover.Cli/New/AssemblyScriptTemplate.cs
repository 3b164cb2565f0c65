using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>AssemblyScript: asc and jco from npm; a transform gives the exports their names.</summary>
internal static class AssemblyScriptTemplate
{
    public static IReadOnlyList<TemplateFile> Create(WitWorld world)
    {
        var core = new CoreWorld(world);
        var names = new JsonObject();
        foreach (CoreItem item in core.Exports)
        {
            names[Name(item)] = item.Name;
            if (item.Signature.UsesMemory)
                names[Name(item) + "Done"] = "cabi_post_" + item.Name;
        }

        return
        [
            PluginTemplate.Resource("assemblyscript/abi.ts"),
            PluginTemplate.Resource("assemblyscript/exports.mjs"),
            new("imports.ts", Imports(core)),
            new("plugin.ts", Exports(core)),
            new("exports.json", names.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n"),
            new("package.json", $$"""
                {
                  "private": true,
                  "type": "module",
                  "scripts": {
                    "build": "asc plugin.ts -O3 --use abort= --transform ./exports.mjs -o core.wasm && jco embed core.wasm --wit wit -n {{world.Name}} -o embedded.wasm && jco new embedded.wasm -o plugin.wasm"
                  },
                  "devDependencies": {
                    "@bytecodealliance/jco": "1.35.0",
                    "assemblyscript": "0.28.20"
                  },
                  "overrides": {
                    "@bytecodealliance/preview2-shim": "0.26.0"
                  }
                }

                """),
            PluginTemplate.Readme(world, "AssemblyScript", "Node 20 and `npm install`", "npm run build", "plugin.ts"),
        ];
    }

    private static string Imports(CoreWorld world)
    {
        var text = new StringBuilder("""
            // What the host gives you to call, as core functions: text and lists are an address and a length; a result that is more than one number is
            // written to the address passed last.

            """);
        foreach (CoreItem item in world.Imports)
            text.Append('\n').Append(PluginTemplate.Comment(item, "// ")).Append($"@external(\"{item.Module}\", \"{item.Name}\")\nexport declare function {Name(item)}({Parameters(item.Signature)}): {Result(item.Signature)};\n");
        return text.ToString();
    }

    private static string Exports(CoreWorld world)
    {
        var text = new StringBuilder($"// A plug-in of {world.World}. Each function is what the host calls: fill it in.\nimport {{ alloc, getText, putText, release, text }} from './abi';\nimport * as host from './imports';\n\nexport {{ cabi_realloc }} from './abi';\n");
        foreach (CoreItem item in world.Exports)
        {
            text.Append('\n').Append(PluginTemplate.Comment(item, "// ")).Append($"export function {Name(item)}({Parameters(item.Signature)}): {Result(item.Signature)} {{\n{(item.IsDestructor ? "" : "  throw new Error('not written yet');\n")}}}\n");
            if (item.Signature.UsesMemory)
                text.Append($"export function {Name(item)}Done({(item.Signature.Result is { } r ? $"result: {Type(r)}" : "")}): void {{\n  release();\n}}\n");
        }

        return text.ToString();
    }

    private static string Name(CoreItem item) => Names.Camel(item.Identifier);

    private static string Type(CoreParameter p) => p switch
    {
        { IsAddress: true } => "usize",
        { Type: CoreType.I64 } => "u64",
        { Type: CoreType.F32 } => "f32",
        { Type: CoreType.F64 } => "f64",
        _ => "u32",
    };

    private static string Result(CoreSignature signature) => signature.Result is { } result ? Type(result) : "void";

    private static string Parameters(CoreSignature signature) => string.Join(", ", signature.Parameters.Select(p => $"{Names.Camel(p.Name)}: {Type(p)}"));
}
