using System.Text;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>Plain C against the canonical ABI: clang alone compiles it, no generator and no libc.</summary>
internal static class CTemplate
{
    private const string Runtime = """
        // What the host allocates through. Everything is given up at once by plugin_reset, best at the end of a call's post-return.
        #pragma once
        #include <stddef.h>
        #include <stdint.h>

        extern char __heap_base;
        static uintptr_t plugin_top = (uintptr_t)&__heap_base;

        static void *plugin_alloc(size_t size, size_t align)
        {
            uintptr_t start = (plugin_top + align - 1) & -align;
            uint64_t end = (uint64_t)start + size, have = (uint64_t)__builtin_wasm_memory_size(0) << 16;
            if (end > have && __builtin_wasm_memory_grow(0, (end - have + 0xffff) >> 16) == SIZE_MAX) __builtin_trap();
            plugin_top = (uintptr_t)end;
            return (void *)start;
        }

        static inline void plugin_reset(void) { plugin_top = (uintptr_t)&__heap_base; }

        __attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
        {
            void *p = plugin_alloc(size, align);
            if (old) __builtin_memcpy(p, old, old_size < size ? old_size : size);
            return p;
        }

        """;

    public static IReadOnlyList<TemplateFile> Create(WitWorld world) =>
    [
        new("runtime.h", Runtime),
        new("imports.h", Imports(world)),
        new("plugin.c", Exports(world)),
        new("Makefile", Makefile(world)),
        PluginTemplate.Readme(world, "C", "clang with the wasm32 target, wasm-ld, make, and wasm-tools (or Node's jco: `make TOOL=jco`)", "make", "plugin.c"),
    ];

    private static string Imports(WitWorld world)
    {
        var text = new StringBuilder("// What the host gives you to call, as core functions: text and lists are an address and a length; a result that is more than one number is\n// written to the address passed last.\n#pragma once\n#include <stdint.h>\n");
        foreach ((string? from, WitFunction function) in PluginTemplate.Imports(world))
        {
            (string parameters, string result) = CoreSignature.Of(function, isImport: true);
            text.Append($"\n// {SignatureText.Of(function)}\n__attribute__((import_module(\"{from ?? "$root"}\"), import_name(\"{function.CanonicalName}\")))\n")
                .Append($"extern {result} {CoreSignature.Identifier(from, function)}({parameters});\n");
        }

        return text.ToString();
    }

    private static string Exports(WitWorld world)
    {
        var text = new StringBuilder($"// A plug-in of {world}. Each function is what the host calls: fill it in.\n#include \"runtime.h\"\n#include \"imports.h\"\n");
        foreach ((string? from, WitFunction function) in PluginTemplate.Exports(world))
        {
            string name = from is null ? function.CanonicalName : $"{from}#{function.CanonicalName}";
            (string parameters, string result) = CoreSignature.Of(function, isImport: false);
            text.Append($"\n// {SignatureText.Of(function)}\n__attribute__((export_name(\"{name}\")))\n{result} {CoreSignature.Identifier(from, function)}({parameters})\n{{\n")
                .Append("    __builtin_trap(); // not written yet\n}\n");
        }

        return text.ToString();
    }

    private static string Makefile(WitWorld world) => $$"""
        CC = clang
        TOOL = wasm-tools
        CFLAGS = --target=wasm32 -O2 -std=c2x -ffreestanding -nostdlib -mbulk-memory -Wall -Wextra -Wno-unused-parameter -Wno-unused-function

        plugin.wasm: plugin.c runtime.h imports.h Makefile
        	$(CC) $(CFLAGS) plugin.c -Wl,--no-entry,--strip-all -o core.wasm
        ifeq ($(TOOL),jco)
        	jco embed core.wasm --wit wit -n {{world.Name}} -o embedded.wasm
        	jco new embedded.wasm -o $@
        else
        	wasm-tools component embed wit core.wasm --world {{world.Name}} -o embedded.wasm
        	wasm-tools component new embedded.wasm -o $@
        endif
        	rm -f core.wasm embedded.wasm

        clean:
        	rm -f plugin.wasm core.wasm embedded.wasm

        .PHONY: clean

        """;
}
