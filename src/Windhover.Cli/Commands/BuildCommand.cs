using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;
using Windhover.Apps.Spin;
using Windhover.Apps.Toml;
using Windhover.Cli.Errors;
using Windhover.Cli.Scaffolding;
using Windhover.Cli.Serving;
using Windhover.Cli.Terminal;
using Windhover.Hosting;
using Windhover.Hosting.Capabilities;

namespace Windhover.Cli.Commands;

/// <summary><c>windhover build [FOLDER]</c>: runs each component's build command, and says what is missing where a tool is.</summary>
internal static class BuildCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "An app's folder, or a folder of such folders", DefaultValueFactory = _ => "." };
        var command = new Command("build", "Build the components of apps by the commands in their manifests.") { folder };
        command.SetAction((parsed, cancellation) => Run(Path.GetFullPath(parsed.GetValue(folder)!), cancellation));
        return command;
    }

    private static async Task<int> Run(string folder, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        AppsServing.AddBackends(services);
        services.AddWindhover();
        await using var provider = services.BuildServiceProvider();
        var context = new ManifestContext([.. provider.GetServices<ICapability>()], new AnySecret(), Path.Combine(folder, ".windhover", "data")) { MayLackSources = true };
        var files = new AppFolder(folder, context).Files();
        if (files.Count == 0)
            throw CliException.Usage($"{folder} has no windhover.toml or spin.toml, and no folder in it has", "`windhover new http` makes an app");
        var built = 0;
        foreach (var file in files)
        {
            var text = await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false);
            AppManifest manifest;
            try
            {
                manifest = Path.GetFileName(file) == SpinReader.FileName ? SpinReader.Read(file, text, context) : ManifestReader.Read(file, text, context);
            }
            catch (ManifestException e)
            {
                throw CliException.Failure(e.Message);
            }

            foreach (var component in manifest.Components.Values)
            {
                if (component.Build is not { } build)
                    continue;
                await Build(manifest.Name, component, build, cancellation).ConfigureAwait(false);
                built++;
            }
        }

        Streams.Output.WriteLine(built == 0 ? "nothing to build: no component has a `build`" : $"{built} component{(built == 1 ? "" : "s")} built");
        return ExitStatus.Success;
    }

    private static async Task Build(string app, ComponentManifest component, BuildManifest build, CancellationToken cancellation)
    {
        var tools = Tools.Of(build.Command, build.Folder);
        var missing = tools.Where(t => !Tools.IsInstalled(t) && Tools.HowToInstall(t) is not null).ToArray();
        if (missing.Length > 0)
        {
            throw CliException.Failure(
                $"{app}/{component.Name}: {string.Join(" and ", missing.Select(t => $"`{t}`"))} {(missing.Length == 1 ? "is" : "are")} not installed",
                [.. missing.Select(t => $"{t}: {Tools.HowToInstall(t)}").Distinct()]);
        }

        Streams.Error.WriteLine(Ansi.Error.Dim($"{app}/{component.Name}: {build.Command}"));
        DateTime begin = DateTime.UtcNow;
        // What tools say goes to standard error: standard output is the command's own.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = build.Folder, ArgumentList = { "-c", "exec 1>&2\n" + build.Command } };
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
            throw CliException.Failure($"{app}/{component.Name}: the build ended with status {process.ExitCode}", [build.Command, .. Tools.Hint(tools) is { } hint ? new[] { hint } : []]);
        if (!File.Exists(component.Source))
            throw CliException.Failure($"{app}/{component.Name}: the build made no {component.Source}", build.Command);
        Streams.Error.WriteLine(Ansi.Error.Dim($"  {component.Source}, {Units.Size(new FileInfo(component.Source).Length)}, {(DateTime.UtcNow - begin).TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} s"));
    }

    /// <summary>Building needs no secrets.</summary>
    private sealed class AnySecret : ISecretProvider
    {
        public string? Find(string app, string name) => "";
    }
}
