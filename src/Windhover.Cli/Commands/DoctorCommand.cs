using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Apps.Manifest;
using Windhover.Apps.Routing;
using Windhover.Apps.Runtime;
using Windhover.Cli.Errors;
using Windhover.Cli.Scaffolding;
using Windhover.Cli.Serving;
using Windhover.Cli.Terminal;
using Windhover.Engine;
using Windhover.Hosting;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Cli.Commands;

/// <summary><c>windhover doctor [FOLDER]</c>: looks at the machine, its limits, ports, backends and toolchains, and says what to do. Status 1 when something is wrong.</summary>
internal static class DoctorCommand
{
    private const int WantedMaps = 65_530;
    private const int WantedFiles = 4096;
    private const int DefaultPort = 8080;

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Apps to look at", DefaultValueFactory = _ => "." };
        var command = new Command("doctor", "Check the machine, its limits, ports, backends and toolchains, and say what to do.") { folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            var report = new Report(Streams.Output);
            Machine(report);
            Engine(report);
            string path = Path.GetFullPath(parsed.GetValue(folder)!);
            if (!Directory.Exists(path))
                throw CliException.Usage($"{parsed.GetValue(folder)}: there is no such folder");
            Port(report, path);
            Toolchains(report);
            await Apps(report, path, cancellation).ConfigureAwait(false);
            report.End();
            return report.IsBad ? ExitStatus.Failure : ExitStatus.Success;
        });
        return command;
    }

    private static void Machine(Report report)
    {
        report.Good("machine", $"{System.Runtime.InteropServices.RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, .NET {Environment.Version}");
        if (!OperatingSystem.IsLinux())
            return;
        if (Number("/proc/sys/vm/max_map_count") is { } maps)
            report.Check("memory maps", maps >= WantedMaps, $"{maps}", $"instances are limited by them: sysctl -w vm.max_map_count={WantedMaps}");
        var files = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (files is [_, _, _, var soft, ..])
            report.Check("open files", soft == "unlimited" || (long.TryParse(soft, out var many) && many >= WantedFiles), soft, $"each connection takes one: ulimit -n {WantedFiles * 16}");
        report.Check(
            "caches",
            Directory.Exists("/sys/devices/system/cpu/cpu0/cache/index0") || Environment.GetEnvironmentVariable("DOTNET_GCgen0size") is { Length: > 0 },
            "known, or DOTNET_GCgen0size is set",
            "the machine hides them, so .NET stops all guests for 1 to 4 ms each 2 MiB: export DOTNET_GCgen0size=0x1800000 before `up` and `serve`, as the script of a clone does",
            isNeeded: false);
        report.Check("time zones", TimeZoneInfo.GetSystemTimeZones().Count > 10, "present", "cron triggers with time zones need them: apt-get install tzdata", isNeeded: false);
    }

    private static void Engine(Report report)
    {
        try
        {
            using var engine = new WasmEngine(new EngineOptions { MaxInstances = 1000 });
            report.Good("engine", "a pool of 1,000 instances can be reserved");
        }
        catch (Exception e) when (e is ResourceLimitException or InvalidOperationException or IOException)
        {
            report.Bad("engine", e.Message, "the address space is limited: ulimit -v unlimited");
        }

        try
        {
            report.Good("cache", new CompileCache().Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.Bad("cache", e.Message, "--cache DIR names a folder of your own");
        }
    }

    private static void Port(Report report, string folder)
    {
        if (ServerState.Find(folder) is { } address)
        {
            report.Good("server", $"runs for this folder at {address}");
            return;
        }

        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, DefaultPort);
            listener.Start();
            report.Good("port", $"{DefaultPort} is free");
        }
        catch (SocketException e)
        {
            report.Note("port", $"{DefaultPort}: {e.Message}", "--listen names another");
        }
    }

    private static void Toolchains(Report report)
    {
        foreach (var (tool, language) in Tools.Known)
        {
            if ((Tools.IsInstalled(tool) ? tool : Tools.Versioned(tool)) is not { } here)
                report.Note("toolchain", $"no {tool}: {language} cannot be built here", Tools.HowToInstall(tool)!);
            else if (Tools.Hint([here]) is { } hint)
                report.Note("toolchain", $"{here}, but something is missing for {language}", hint);
            else
                report.Good("toolchain", $"{here} for {language}");
        }
    }

    private static async Task Apps(Report report, string folder, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        AppsServing.AddBackends(services);
        services.AddWindhover();
        await using var provider = services.BuildServiceProvider();
        ICapability[] capabilities = [.. provider.GetServices<ICapability>()];
        var data = Path.Combine(folder, ".windhover", "data");
        var context = new ManifestContext(capabilities, new FileSecrets(Path.Combine(folder, ".windhover", "secrets")), data);
        var apps = new AppFolder(folder, context).Read((_, error) => report.Bad("app", error.Message, null));
        apps = RouteConflicts.CheckBetween(apps, (_, error) => report.Bad("app", error.Message, null));
        if (apps.Count == 0 && !report.IsBad)
            report.Note("apps", $"{folder} has no windhover.toml or spin.toml, and no folder in it has", "`windhover new http` makes an app");
        foreach (var app in apps)
        {
            report.Good("app", $"{app.Name}: {Count(app.Components.Count, "component")}, {Count(app.Http.Count, "route")}");
            foreach (var (name, request) in app.Components.Values.SelectMany(c => c.Capabilities))
                await Check(report, $"{app.Name}: {name} ({string.Join(", ", request.Resources.Select(r => r.Name))})", () => capabilities.First(c => c.Name == name).Grant(request), cancellation).ConfigureAwait(false);
            foreach (var topic in app.Topics.Values)
                await CheckTopic(report, $"{app.Name}: topic {topic.Name} ({topic.Backend})", provider.GetRequiredService<MessageTopics>(), topic, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task Check(Report report, string what, Func<CapabilityGrant> grant, CancellationToken cancellation)
    {
        try
        {
            using var made = grant();
            await made.CheckAsync(cancellation).ConfigureAwait(false);
            report.Good("backend", what);
        }
        catch (CapabilityException e)
        {
            report.Bad("backend", $"{what}: {Brief(e.Message)}", "is it running, and is its address right? Apps that use it fail until it is back, and need no restart");
        }
    }

    private static async Task CheckTopic(Report report, string what, MessageTopics topics, CapabilityResource topic, CancellationToken cancellation)
    {
        try
        {
            var count = await topics.Open(topic).CountAsync(cancellation).ConfigureAwait(false);
            report.Good("backend", string.Create(CultureInfo.InvariantCulture, $"{what}: {count} messages"));
        }
        catch (CapabilityException e)
        {
            report.Bad("backend", $"{what}: {Brief(e.Message)}", "is it running, and is its address right? Apps that use it fail until it is back, and need no restart");
        }
    }

    // Redis' client adds its own state, from ", mc:" on.
    private static string Brief(string message) => message.Split(", mc:")[0].ReplaceLineEndings(" ");

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static long? Number(string file) => File.Exists(file) && long.TryParse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null;

    private sealed class Report(TextWriter output)
    {
        private int _wrong;
        private int _notes;

        public bool IsBad => _wrong > 0;

        public void End() => output.WriteLine(
            _wrong > 0 ? $"{_wrong} thing{(_wrong == 1 ? " is" : "s are")} wrong" : _notes > 0 ? $"nothing is wrong; {_notes} note{(_notes == 1 ? "" : "s")}" : "nothing is wrong");

        public void Good(string what, string text) => output.WriteLine($"ok    {what}: {text}");

        public void Note(string what, string text, string help)
        {
            _notes++;
            output.WriteLine($"note  {what}: {text}\n      {Ansi.Output.Cyan("help:")} {help}");
        }

        public void Bad(string what, string text, string? help)
        {
            _wrong++;
            output.WriteLine($"{Ansi.Output.Red("wrong")} {what}: {text}{(help is null ? "" : $"\n      {Ansi.Output.Cyan("help:")} {help}")}");
        }

        public void Check(string what, bool isGood, string text, string help, bool isNeeded = true)
        {
            if (isGood)
                Good(what, text);
            else if (isNeeded)
                Bad(what, text, help);
            else
                Note(what, "absent", help);
        }
    }
}
