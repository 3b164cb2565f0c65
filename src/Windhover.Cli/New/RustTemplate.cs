using System.Text;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>Rust with wit-bindgen: the traits to implement are made from the WIT when the crate is compiled.</summary>
internal static class RustTemplate
{
    public static IReadOnlyList<TemplateFile> Create(WitWorld world) =>
    [
        new("Cargo.toml", """
            [package]
            name = "plugin"
            version = "0.1.0"
            edition = "2021"
            publish = false

            [lib]
            crate-type = ["cdylib"]

            [dependencies]
            wit-bindgen = "0.45"

            [profile.release]
            opt-level = "s"
            lto = true
            strip = true

            """),
        new("src/lib.rs", Source(world)),
        PluginTemplate.Readme(
            world,
            "Rust",
            "Rust 1.82 or later and `rustup target add wasm32-wasip2`",
            "cargo build --release --target wasm32-wasip2      # target/wasm32-wasip2/release/plugin.wasm",
            "src/lib.rs"),
    ];

    private static string Source(WitWorld world)
    {
        var text = new StringBuilder($$"""
            //! A plug-in of {{world}}. `cargo check` names the traits that `Plugin` has to implement: one per exported interface, and `Guest` for the world's own
            //! functions.
            wit_bindgen::generate!({ world: "{{world.Name}}", path: "wit", generate_all });

            struct Plugin;
            export!(Plugin);

            """);
        foreach ((string? from, WitFunction function) in PluginTemplate.Exports(world))
            text.Append($"\n// {(from is null ? "" : from + "#")}{function.CanonicalName}: {SignatureText.Of(function)}");
        return text.Append('\n').ToString();
    }
}
