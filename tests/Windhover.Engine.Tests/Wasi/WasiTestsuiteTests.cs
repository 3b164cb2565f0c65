using System.Text;
using System.Text.Json;

namespace Windhover.Engine.Tests.Wasi;

/// <summary>
/// The WASI 0.1 part of the wasi-testsuite, through <see cref="Linker.DefineWasiPreview1()"/>. Each module is a test: it runs in a fresh copy of its
/// directory and must exit and print as the JSON file beside it says.
/// </summary>
public sealed class WasiTestsuiteTests
{
    private const string Suite = "wasi-testsuite-base/tests";

    // A test may wait for clocks of up to a second.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("assemblyscript")]
    [InlineData("c")]
    [InlineData("rust")]
    public void Suite_passes(string language)
    {
        var root = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "WINDHOVER_SUITES is not set: it names a folder that holds wasi-testsuite-base/.");
        var folder = Path.Combine(root!, Suite, language, "testsuite/wasm32-wasip1");
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} does not exist.");

        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 4 });
        using var linker = new Linker(engine);
        linker.DefineWasiPreview1();
        var failures = new List<string>();
        var files = Directory.GetFiles(folder, "*.wasm").Order().ToList();
        foreach (var file in files)
        {
            if (Run(engine, linker, file) is { } failure)
                failures.Add($"{Path.GetFileNameWithoutExtension(file)}: {failure}");
        }
        Console.WriteLine($"suite: {files.Count - failures.Count} of {files.Count} (wasi-testsuite 0.1, {language})");
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    private static string? Run(WasmEngine engine, Linker linker, string file)
    {
        var specification = Path.ChangeExtension(file, ".json");
        using var json = JsonDocument.Parse(File.Exists(specification) ? File.ReadAllText(specification) : "{}");
        var temporary = Directory.CreateTempSubdirectory("windhover");
        try
        {
            var output = new StringBuilder();
            var config = new WasiPreview1Config
            {
                Arguments = [Path.GetFileName(file), .. Strings(json, "args")],
                Environment = json.RootElement.TryGetProperty("env", out var variables)
                    ? [.. variables.EnumerateObject().Select(v => KeyValuePair.Create(v.Name, v.Value.GetString()!))]
                    : [],
                Directories = json.RootElement.TryGetProperty("root", out var directory)
                    ? [new(Copy(Path.Combine(Path.GetDirectoryName(file)!, directory.GetString()!), temporary.FullName), "/", Writable: true)]
                    : [],
                StandardOutput = WasiOutput.To(bytes => output.Append(Encoding.UTF8.GetString(bytes))),
                StandardError = WasiOutput.To(bytes => output.Append(Encoding.UTF8.GetString(bytes))),
            };
            var (code, problem) = Execute(engine, linker, file, config);
            var expectedCode = json.RootElement.TryGetProperty("exit_code", out var exit) ? exit.GetInt32() : 0;
            if (code != expectedCode)
                return $"exit code {code}, not {expectedCode}. {problem} {output}";
            var expected = json.RootElement.TryGetProperty("stdout", out var text) ? text.GetString()! : null;
            return expected is null || output.ToString() == expected ? null : $"printed '{output}', not '{expected}'";
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static (int Code, string Problem) Execute(WasmEngine engine, Linker linker, string file, WasiPreview1Config config)
    {
        using var module = Module.Compile(engine, File.ReadAllBytes(file));
        using var store = new Store(engine);
        store.SetWasi(config);
        store.SetDeadline(Timeout);
        try
        {
            linker.Instantiate(store, module).GetFunction(store, "_start").Call(store, []);
            return (0, "");
        }
        catch (GuestExitException exit)
        {
            return (exit.ExitCode, "");
        }
        catch (TrapException trap)
        {
            return (-1, trap.Message);
        }
    }

    private static IEnumerable<string> Strings(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var array) ? array.EnumerateArray().Select(a => a.GetString()!) : [];

    private static string Copy(string from, string to)
    {
        foreach (var directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        return to;
    }
}
