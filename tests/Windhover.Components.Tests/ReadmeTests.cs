using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests;

/// <summary>What changes something of the whole process.</summary>
[CollectionDefinition(nameof(ProcessWide), DisableParallelization = true)]
public sealed class ProcessWide;

/// <summary>The README's example of a plug-in: that it compiles, runs, and is this one.</summary>
[Collection(nameof(ProcessWide))]
public sealed class ReadmeTests
{
    // Prices are three a piece; the plug-in says so to its host.
    private const string Plugin = """
        (component
          (import "acme:host/log@1.0.0" (instance $log (export "write" (func (param "text" string)))))
          (core module $Memory (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
          (core instance $memory (instantiate $Memory))
          (core func $write (canon lower (func $log "write") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
          (core module $Main
            (import "m" "memory" (memory 1))
            (import "log" "write" (func $write (param i32 i32)))
            (data (i32.const 16) "three a piece")
            (func (export "quote") (param i32 i32 i32) (result i32)
              (call $write (i32.const 16) (i32.const 13))
              (i32.mul (local.get 2) (i32.const 3))))
          (core instance $main (instantiate $Main (with "m" (instance $memory)) (with "log" (instance (export "write" (func $write))))))
          (func $quote (param "item" string) (param "count" u32) (result u32)
            (canon lift (core func $main "quote") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
          (instance $pricing (export "quote" (func $quote)))
          (export "acme:shop/pricing@1.0.0" (instance $pricing)))
        """;

    [Fact]
    public void The_example_is_the_one_in_the_readme()
    {
        var readme = File.ReadAllText(Path.Combine(Root(), "README.md"));
        var source = File.ReadAllText(Path.Combine(Root(), "tests/Windhover.Components.Tests/ReadmeTests.cs"));
        string[] lines = [.. source.Split("#region " + "Example")[1].Split("#endregion")[0].Split('\n').Skip(1).Select(l => l.Trim()).Where(l => l.Length > 0)];
        Assert.Equal(9, lines.Length);
        Assert.All(lines, line => Assert.Contains(line, readme, StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_runs()
    {
        var folder = Directory.CreateTempSubdirectory("windhover-readme-").FullName;
        var here = Environment.CurrentDirectory;
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var output = Console.Out;
        var said = new StringWriter();
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "plugin.wasm"), WatCompiler.Compile(Plugin));
            Environment.CurrentDirectory = folder;
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder);
            Console.SetOut(said);
            Assert.Equal(9u, Example());
        }
        finally
        {
            Console.SetOut(output);
            Environment.CurrentDirectory = here;
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache);
            Directory.Delete(folder, recursive: true);
        }

        Assert.Contains("three a piece", said.ToString(), StringComparison.Ordinal);
    }

    private static object? Example()
    {
        #region Example
        using var engine = new WasmEngine();
        using var component = Component.Load(engine, File.ReadAllBytes("plugin.wasm"), new CompileCache());
        var linker = new ComponentLinker(engine);
        linker.Interface("acme:host/log@1.0.0").DefineDynamic("write", (_, args) => { Console.WriteLine(args[0]); return null; });
        using var prepared = linker.Prepare(component);          // once: names and types are checked here
        using var store = new Store(engine, new StoreLimits { MaxMemoryBytes = 64 << 20 });
        store.SetDeadline(TimeSpan.FromSeconds(1));
        using var instance = prepared.Instantiate(store);        // per use: microseconds
        object? price = instance.Call(prepared.FindFunction("acme:shop/pricing@1.0.0", "quote")!, "apples", 3u);
        #endregion
        return price;
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
