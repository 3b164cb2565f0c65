using System.CommandLine;
using Windhover.Cli.Capabilities;
using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Cli.Terminal;

namespace Windhover.Cli.Commands;

/// <summary><c>windhover inspect FILE</c>: what a file is, what it needs and what it offers.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A component or a core module; .wasm or .wat" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var wit = new Option<bool>("--wit") { Description = "Print only the WIT of a component." };
        var command = new Command("inspect", "Show what a file is, which capabilities it needs, what it exports, and its WIT.") { file, json, wit };
        command.SetAction(parsed =>
        {
            var report = GuestReport.Of(GuestFile.Load(parsed.GetRequiredValue(file)));
            if (parsed.GetValue(wit))
                Streams.Output.Write(report.Wit?.ToString() ?? throw CliException.Failure($"{report.File.Path} is a core module: it has no WIT"));
            else if (parsed.GetValue(json))
                ReportJson.Write(report);
            else
                ReportText.Write(report, Streams.Output);
            return ExitStatus.Success;
        });
        return command;
    }
}
