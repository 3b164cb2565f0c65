using System.Text;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>C and C++ against the canonical ABI: C with clang alone, no generator and no libc; C++ with its standard library.</summary>
internal static class CTemplate
{
    public static IReadOnlyList<TemplateFile> Create(WitWorld world, bool isCpp)
    {
        var core = new CoreWorld(world);
        string source = isCpp ? "plugin.cpp" : "plugin.c";
        return
        [
            PluginTemplate.Resource(isCpp ? "cpp/runtime.h" : "c/runtime.h"),
            new("imports.h", Imports(core, isCpp)),
            new(source, Exports(core, isCpp)),
            new("Makefile", isCpp ? CppMakefile(world) : CMakefile(world)),
            isCpp
                ? PluginTemplate.Readme(
                    world, "C++", "clang with the wasm32 target, wasi-libc and libc++ (Debian: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32 libc++-dev-wasm32`; or the WASI SDK: `make CXX=…/clang++`), make, and Node for jco", "make", source)
                : PluginTemplate.Readme(world, "C", "clang with the wasm32 target and wasm-ld (Debian: `apt-get install clang lld`), make, and Node for jco, or wasm-tools: `make TOOL=wasm-tools`", "make", source),
        ];
    }

    private static string Imports(CoreWorld world, bool isCpp)
    {
        var text = new StringBuilder("""
            // What the host gives you to call, as core functions: text and lists are an address and a length; a result that is more than one number is
            // written to the address passed last.
            #pragma once
            #include <stdint.h>

            """);
        text.Append(isCpp ? "\nextern \"C\" {\n" : "");
        foreach (CoreItem item in world.Imports)
        {
            text.Append('\n').Append(PluginTemplate.Comment(item, "// "))
                .Append($"__attribute__((import_module(\"{item.Module}\"), import_name(\"{item.Name}\")))\n")
                .Append($"{Result(item.Signature)}{item.Identifier}({Parameters(item.Signature)});\n");
        }

        return text.Append(isCpp ? "\n}\n" : "").ToString();
    }

    private static string Exports(CoreWorld world, bool isCpp)
    {
        string reset = isCpp ? "plugin::reset()" : "plugin_reset()", extern_ = isCpp ? "extern \"C\" " : "";
        var text = new StringBuilder($"// A plug-in of {world.World}. Each function is what the host calls: fill it in.\n#include \"runtime.h\"\n#include \"imports.h\"\n");
        foreach (CoreItem item in world.Exports)
        {
            text.Append('\n').Append(PluginTemplate.Comment(item, "// "))
                .Append($"{extern_}__attribute__((export_name(\"{item.Name}\")))\n{Result(item.Signature)}{item.Identifier}({Parameters(item.Signature)})\n{{\n")
                .Append(item.IsDestructor ? "}\n" : "    __builtin_trap(); // not written yet\n}\n");
            if (item.Signature.UsesMemory)
                text.Append($"{extern_}__attribute__((export_name(\"cabi_post_{item.Name}\"))) void {item.Identifier}_done({Done(item.Signature)}) {{ {reset}; }}\n");
        }

        return text.ToString();
    }

    private static string Type(CoreParameter p) => p switch
    {
        { IsAddress: true } => p.IsMutable ? "void *" : "const void *",
        { Type: CoreType.I64 } => "uint64_t ",
        { Type: CoreType.F32 } => "float ",
        { Type: CoreType.F64 } => "double ",
        _ => "uint32_t ",
    };

    private static string Result(CoreSignature signature) => signature.Result is { } result ? Type(result) : "void ";

    private static string Parameters(CoreSignature signature) =>
        signature.Parameters.Count == 0 ? "void" : string.Join(", ", signature.Parameters.Select(p => Type(p) + p.Name));

    // Unnamed, so that nothing is unused.
    private static string Done(CoreSignature signature) => signature.Result is { } result ? Type(result).TrimEnd() : "void";

    private static string CMakefile(WitWorld world) => $$"""
        CC = clang
        CFLAGS = --target=wasm32 -O2 -std=c2x -ffreestanding -nostdlib -mbulk-memory -Wall -Wextra -Wno-unused-parameter -Wno-unused-function

        plugin.wasm: plugin.c runtime.h imports.h Makefile
        	$(CC) $(CFLAGS) plugin.c -Wl,--no-entry,--strip-all -o core.wasm
        {{PluginTemplate.MakeComponent(world, adapter: false)}}
        """;

    private static string CppMakefile(WitWorld world) => $$"""
        CXX = clang++
        CXXFLAGS = -O2 -std=c++20 -fno-exceptions -mbulk-memory -Wall -Wextra -Wno-unused-parameter
        TARGET = --target=wasm32-wasip1 -mexec-model=reactor

        plugin.wasm: plugin.cpp runtime.h imports.h Makefile
        	$(CXX) $(TARGET) $(CXXFLAGS) plugin.cpp $(LDFLAGS) -Wl,--strip-all -o core.wasm
        {{PluginTemplate.MakeComponent(world, adapter: true)}}
        """;
}
