using System.Text;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>Rust against the canonical ABI: cargo and no crate.</summary>
internal static class RustTemplate
{
    public static IReadOnlyList<TemplateFile> Create(WitWorld world)
    {
        var core = new CoreWorld(world);
        return
        [
            new("Cargo.toml", """
                [package]
                name = "plugin"
                version = "0.1.0"
                edition = "2021"
                publish = false

                [lib]
                crate-type = ["cdylib"]

                [profile.release]
                opt-level = "s"
                lto = true
                panic = "abort"
                strip = true

                """),
            new("src/abi.rs", PluginTemplate.Resource("rust/abi.rs").Text),
            new("src/imports.rs", Imports(core)),
            new("src/lib.rs", Exports(core)),
            new("Makefile", $$"""
                CARGO = cargo

                plugin.wasm: src/*.rs Cargo.toml Makefile
                	$(CARGO) build --quiet --release --target wasm32-unknown-unknown $(CARGOFLAGS)
                	cp target/wasm32-unknown-unknown/release/plugin.wasm core.wasm
                {{PluginTemplate.MakeComponent(world, adapter: false)}}
                """),
            PluginTemplate.Readme(
                world,
                "Rust",
                "Rust and `rustup target add wasm32-unknown-unknown`, make, and Node for jco, or wasm-tools: `make TOOL=wasm-tools`",
                "make",
                "src/lib.rs",
                "No crate is needed. With crates.io at hand, `wit-bindgen` makes traits and types of the same `wit/`: `wit_bindgen::generate!({ path: \"wit\" })` in place of\n`abi.rs` and `imports.rs`."),
        ];
    }

    private static string Imports(CoreWorld world)
    {
        var text = new StringBuilder("""
            //! What the host gives you to call, as core functions: text and lists are an address and a length; a result that is more than one number is
            //! written to the address passed last.
            #![allow(dead_code)]

            """);
        foreach (IGrouping<string?, CoreItem> module in world.Imports.GroupBy(i => i.Module))
        {
            text.Append($"\n#[link(wasm_import_module = \"{module.Key}\")]\nextern \"C\" {{\n");
            foreach (CoreItem item in module)
                text.Append(PluginTemplate.Comment(item, "    /// ")).Append($"    #[link_name = \"{item.Name}\"]\n    pub fn {item.Identifier}({Parameters(item.Signature)}){Result(item.Signature)};\n");
            text.Append("}\n");
        }

        return text.ToString();
    }

    private static string Exports(CoreWorld world)
    {
        var text = new StringBuilder($"//! A plug-in of {world.World}. Each function is what the host calls: fill it in.\n#![allow(unused_variables)]\n\nmod abi;\nmod imports;\n");
        foreach (CoreItem item in world.Exports)
        {
            text.Append('\n').Append(PluginTemplate.Comment(item, "// "))
                .Append($"#[export_name = \"{item.Name}\"]\nunsafe extern \"C\" fn {item.Identifier}({Parameters(item.Signature)}){Result(item.Signature)} {{\n{(item.IsDestructor ? "" : "    todo!()\n")}}}\n");
            if (item.Signature.UsesMemory)
                text.Append($"#[export_name = \"cabi_post_{item.Name}\"]\nextern \"C\" fn {item.Identifier}_done({(item.Signature.Result is { } r ? $"_: {Type(r)}" : "")}) {{\n    abi::release()\n}}\n");
        }

        return text.ToString();
    }

    private static string Type(CoreParameter p) => p switch
    {
        { IsAddress: true } => p.IsMutable ? "*mut u8" : "*const u8",
        { Type: CoreType.I64 } => "u64",
        { Type: CoreType.F32 } => "f32",
        { Type: CoreType.F64 } => "f64",
        _ => "u32",
    };

    private static string Result(CoreSignature signature) => signature.Result is { } result ? " -> " + Type(result) : "";

    private static string Parameters(CoreSignature signature) => string.Join(", ", signature.Parameters.Select(p => $"{p.Name}: {Type(p)}"));
}
