using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Windhover.Cli.Commands;
using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;

namespace Windhover.Cli;

/// <summary>The whole command line: its commands, and what becomes of the words that a person typed.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit status; see <see cref="ExitStatus"/>.</returns>
    public static int Run(string[] words)
    {
        try
        {
            var root = Create();
            var parsed = root.Parse(GuestArguments.Separate(root, words), new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0))
                return ErrorReport.Print(UsageError(parsed));
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = Streams.Output, Error = Streams.Error });
        }
        catch (Exception e)
        {
            return ErrorReport.Print(e);
        }
    }

    internal static RootCommand Create()
    {
        var root = new RootCommand("Runs WebAssembly on the server: components and core modules, each in a sandbox of its own.")
        {
            RunCommand.Create(),
            ServeCommand.Create(),
            UpCommand.Create(),
            BuildCommand.Create(),
            ServerCommands.CreatePs(),
            ServerCommands.CreateTop(),
            ServerCommands.CreateLogs(),
            DoctorCommand.Create(),
            CallCommand.Create(),
            InspectCommand.Create(),
            CompileCommand.Create(),
            NewCommand.Create(),
        };
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    help.Description = "Show help.";
                    var action = new HelpWithExamples((HelpAction)help.Action!);
                    help.Action = action;
                    root.SetAction(action.Invoke);
                    break;
                case VersionOption version:
                    version.Description = "Show the version.";
                    break;
            }
        }

        return root;
    }

    private static string Full(Command command) => command is RootCommand ? "windhover" : $"{Full(command.Parents.OfType<Command>().First())} {command.Name}";

    private static CliException UsageError(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = $"{Full(command)} --help";
        var missing = command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is not { Tokens.Count: > 0 });
        return CliException.Usage(missing is null ? parsed.Errors[0].Message.TrimEnd('.') : $"{missing.Name} is missing", help);
    }
}
