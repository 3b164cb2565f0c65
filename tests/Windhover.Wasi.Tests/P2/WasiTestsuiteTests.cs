using System.Text;
using System.Text.Json;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;

namespace Windhover.Wasi.Tests.P2;

/// <summary>
/// The 0.1 programs of the wasi-testsuite as components (see adapt-testsuite.sh): each runs in a fresh copy of its directory and must exit and print as the JSON
/// file beside it says.
/// </summary>
public sealed class WasiTestsuiteTests
{
    // What fails, and why: all in the adapter, so on every host of components (Wasmtime 50 has the same four).
    private static readonly Dictionary<string, string> s_expected = new()
    {
        ["assemblyscript/args_get-multiple-arguments"] = "the adapter traps on an assertion of its own in args_get (line 2858)",
        ["assemblyscript/environ_get-multiple-variables"] = "the same in environ_get",
        ["assemblyscript/fd_write-to-invalid-fd"] = "the adapter answers a write of nothing before it looks at the descriptor",
        ["assemblyscript/proc_exit-failure"] = "the adapter ends with wasi:cli/exit.exit, which knows only success and failure",
    };

    [Theory]
    [InlineData("assemblyscript")]
    [InlineData("c")]
    [InlineData("rust")]
    public void Suite_passes(string language)
    {
        var suites = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        Assert.SkipWhen(string.IsNullOrEmpty(suites), "WINDHOVER_SUITES is not set: it names a folder that holds wasi-testsuite-base/.");
        var source = Path.Combine(suites!, "wasi-testsuite-base/tests", language, "testsuite/wasm32-wasip1");
        var artifacts = Environment.GetEnvironmentVariable("WINDHOVER_ARTIFACTS") ?? Path.Combine(Components.Root, "artifacts");
        var folder = Path.Combine(artifacts, "wasi-testsuite-p2", language);
        Assert.SkipUnless(Directory.Exists(source) && Directory.Exists(folder), $"{folder} does not exist: run tests/Windhover.Wasi.Tests/P2/adapt-testsuite.sh.");

        var surprises = new List<string>();
        var passed = 0;
        var files = Directory.GetFiles(folder, "*.wasm").Order().ToList();
        foreach (var file in files)
        {
            var name = $"{language}/{Path.GetFileNameWithoutExtension(file)}";
            var failure = Run(file, source);
            if (failure is null)
                passed++;
            if (failure is null == s_expected.ContainsKey(name))
                surprises.Add(failure is null ? $"{name} passes now" : $"{name}: {failure}");
        }
        Console.WriteLine($"suite: {passed} of {files.Count} (wasi-testsuite 0.1 as 0.2 components, {language})");
        Assert.True(surprises.Count == 0, string.Join("\n", surprises));
    }

    private static string? Run(string file, string source)
    {
        var specification = Path.Combine(source, Path.GetFileNameWithoutExtension(file) + ".json");
        using var json = JsonDocument.Parse(File.Exists(specification) ? File.ReadAllText(specification) : "{}");
        var temporary = Directory.CreateTempSubdirectory("windhover-");
        DirectoryGrant? grant = null;
        try
        {
            if (json.RootElement.TryGetProperty("root", out var directory))
            {
                Copy(Path.Combine(source, directory.GetString()!), temporary.FullName);
                grant = DirectoryGrant.Open(temporary.FullName, "/", writable: true);
            }
            var output = new MemoryStream();
            var error = new MemoryStream();
            var (code, trap) = Components.Run(Components.Prepare(file), new WasiOptions
            {
                Arguments = [Path.GetFileName(file), .. Strings(json, "args")],
                Environment = json.RootElement.TryGetProperty("env", out var variables)
                    ? [.. variables.EnumerateObject().Select(variable => KeyValuePair.Create(variable.Name, variable.Value.GetString()!))]
                    : [],
                Directories = grant is null ? [] : [grant],
                Stdout = OutputGrant.ToStream(output),
                Stderr = OutputGrant.ToStream(error),
            });
            var expectedCode = json.RootElement.TryGetProperty("exit_code", out var exit) ? exit.GetInt32() : 0;
            if (code != expectedCode)
                return $"exit code {code}, not {expectedCode}. {trap?.Message} {trap?.InnerException} {Encoding.UTF8.GetString(error.ToArray())}";
            var printed = Encoding.UTF8.GetString(output.ToArray());
            return json.RootElement.TryGetProperty("stdout", out var text) && printed != text.GetString() ? $"printed '{printed}', not '{text.GetString()}'" : null;
        }
        finally
        {
            grant?.Dispose();
            temporary.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Strings(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var array) ? array.EnumerateArray().Select(item => item.GetString()!) : [];

    private static void Copy(string from, string to)
    {
        foreach (var directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
