using System.Text;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>JavaScript: a module whose exports are the world's, made a component by jco.</summary>
internal static class JsTemplate
{
    public static IReadOnlyList<TemplateFile> Create(WitWorld world) =>
    [
        new("plugin.js", Source(world)),
        new("package.json", $$"""
            {
              "private": true,
              "type": "module",
              "scripts": {
                "build": "jco componentize plugin.js --wit wit --world-name {{world.Name}} --disable all -o plugin.wasm",
                "build:small": "componentize-qjs --js plugin.js --wit wit -n {{world.Name}} --minify --sync --stub-wasi --opt-size -o plugin.wasm"
              },
              "devDependencies": {
                "@bytecodealliance/jco": "1.35.0",
                "@bytecodealliance/componentize-js": "0.23.0",
                "@bytecodealliance/componentize-qjs": "0.4.5"
              },
              "overrides": {
                "@bytecodealliance/preview2-shim": "0.26.0"
              }
            }

            """),
        PluginTemplate.Readme(
            world, "JavaScript", "Node 20 and `npm install`", "npm run build          # StarlingMonkey, 12 MB; `npm run build:small` for QuickJS, 1 MB", "plugin.js",
            "An error of a `result` is thrown: `throw 'no such article'`. A 64-bit integer is a BigInt for StarlingMonkey and a number for QuickJS; an absent `option` is `undefined`\nor `null`: compare with `== null`."),
    ];

    private static string Source(WitWorld world)
    {
        var text = new StringBuilder($"// A plug-in of {world}. Fill in the functions; what the host gives you to call is imported by its interface's name.\n");
        foreach (WitInterfaceItem item in world.Imports.OfType<WitInterfaceItem>().Where(i => i.Interface.Functions.Any(f => f.Kind == WitFunctionKind.Freestanding)))
        {
            string names = string.Join(", ", item.Interface.Functions.Where(f => f.Kind == WitFunctionKind.Freestanding).Select(f => Names.Camel(f.Name)));
            text.Append($"import {{ {names} }} from '{item.Name}';\n");
        }

        foreach (WitWorldItem item in world.Exports)
        {
            if (item is WitFunctionItem f)
                text.Append($"\n// {SignatureText.Of(f.Function)}\nexport function {Names.Camel(f.Function.Name)}({Parameters(f.Function)}) {{\n  throw new Error('not written yet');\n}}\n");
            else if (item is WitInterfaceItem i)
                Interface(text, i);
        }

        return text.ToString();
    }

    private static void Interface(StringBuilder text, WitInterfaceItem item)
    {
        var classes = new List<string>();
        foreach (WitResource resource in item.Interface.Types.OfType<WitResource>())
        {
            string name = Names.Pascal(resource.Name);
            classes.Add(name);
            text.Append($"\nclass {name} {{\n");
            foreach (WitFunction function in resource.Functions)
            {
                string method = function.Kind == WitFunctionKind.Constructor ? "constructor" : (function.Kind == WitFunctionKind.Static ? "static " : "") + Names.Camel(function.Name);
                text.Append($"  // {SignatureText.Of(function)}\n  {method}({Parameters(function)}) {{\n    throw new Error('not written yet');\n  }}\n");
            }

            text.Append("}\n");
        }

        text.Append($"\nexport const {Names.Camel(item.Interface.Name ?? item.Name)} = {{\n");
        classes.ForEach(c => text.Append($"  {c},\n"));
        foreach (WitFunction function in item.Interface.Functions.Where(f => f.Kind == WitFunctionKind.Freestanding))
            text.Append($"  // {SignatureText.Of(function)}\n  {Names.Camel(function.Name)}({Parameters(function)}) {{\n    throw new Error('not written yet');\n  }},\n");
        text.Append("};\n");
    }

    private static string Parameters(WitFunction function) =>
        string.Join(", ", function.Parameters.Skip(function.Kind == WitFunctionKind.Method ? 1 : 0).Select(p => Names.Camel(p.Name)));
}
