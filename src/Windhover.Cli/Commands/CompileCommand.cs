using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Cli.Terminal;
using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Cli.Commands;

/// <summary>
/// <c>windhover compile FILE</c>: fills the cache ahead of time, so that the first run or request does not wait for it. Compiled code depends
/// on how a guest is run: what answers HTTP requests is compiled for `serve`, anything else for `run` and `call`, with and without a deadline.
/// </summary>
internal static class CompileCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A component or a core module; .wasm or .wat" };
        var cache = CacheOption.Create();
        var command = new Command("compile", "Compile a file into the cache ahead of time.") { file };
        command.Options.Add(cache);
        command.SetAction(parsed => Compile(
            GuestFile.Load(parsed.GetRequiredValue(file)),
            CacheOption.Open(parsed.GetValue(cache)) ?? throw CliException.Usage("there is no cache to compile into", "--cache DIR names its folder")));
        return command;
    }

    private static int Compile(GuestFile file, CompileCache cache)
    {
        var start = Stopwatch.GetTimestamp();
        var before = Entries(cache);
        foreach (var options in Uses(file))
        {
            using var engine = new WasmEngine(options);
            if (file.Kind == WasmKind.Component)
                ComponentGuest.Load(engine, file, cache).Dispose();
            else
                CoreHost.Compile(engine, file, cache).Dispose();
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
        var modules = file.Kind == WasmKind.Component ? ComponentGuest.Summarize(file).CoreModuleSizes.Count : 1;
        var made = Entries(cache).Except(before).ToArray();
        Streams.Output.WriteLine(made.Length == 0
            ? $"{file.Path}: already compiled, in {cache.Directory}"
            : $"{file.Path}: {modules} core module{(modules == 1 ? "" : "s")}, {Units.Size(file.Bytes.Length)} to {Units.Size(made.Sum(Length))} in {seconds} s, in {cache.Directory}");
        return ExitStatus.Success;
    }

    private static IEnumerable<EngineOptions> Uses(GuestFile file)
    {
        var exports = file.Kind == WasmKind.Component ? ComponentGuest.Summarize(file).Exports : [];
        var handlers = exports.Count(e => e.Name.StartsWith("wasi:http/", StringComparison.Ordinal));
        if (handlers > 0)
            yield return Limits.ServingEngineOptions(concurrency: 1, coreModules: 1);
        if (handlers > 0 && handlers == exports.Count)
            yield break;
        yield return Limits.EngineOptionsFor(interruptible: false);
        yield return Limits.EngineOptionsFor(interruptible: true);
    }

    private static HashSet<string> Entries(CompileCache cache) => [.. Directory.EnumerateFiles(cache.Directory)];

    // Another process may tidy up at the same time.
    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
