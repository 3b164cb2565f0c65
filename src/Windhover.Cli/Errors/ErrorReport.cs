using System.Net.Sockets;
using Windhover.Cli.Terminal;
using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Components.Values.Json;
using Windhover.Engine;

namespace Windhover.Cli.Errors;

/// <summary>
/// Turns whatever went wrong into one clear error on standard error and an exit status. No stack trace, unless WINDHOVER_DEBUG=1 asks for it.
/// </summary>
internal static class ErrorReport
{
    /// <summary>Prints an error.</summary>
    /// <returns>The exit status.</returns>
    public static int Print(Exception e)
    {
        if (e is GuestExitException exit)
            return exit.ExitCode;
        var error = e as CliException ?? Translate(e);
        var console = Ansi.Error;
        Streams.Error.WriteLine($"{console.Red("error:")} {error.Message}");
        foreach (var line in error.Help)
            Streams.Error.WriteLine($"{console.Cyan("help:")} {line}");
        if (Environment.GetEnvironmentVariable("WINDHOVER_DEBUG") is "1" or "true")
            Streams.Error.WriteLine(e);
        return error.Status;
    }

    private static CliException Translate(Exception e) => e switch
    {
        TrapException { Kind: TrapKind.Interrupt } => new CliException(e.Message, ExitStatus.Timeout, "--timeout sets how long the guest may run"),
        TrapException { Kind: TrapKind.StackOverflow } => new CliException(FirstFrames((TrapException)e), ExitStatus.Trap),
        TrapException => new CliException($"the guest trapped: {e.Message}", ExitStatus.Trap),
        InvalidComponentException or InvalidModuleException => Invalid("the file", e),
        LinkException or ModuleLinkException or ResourceLimitException => CliException.Failure(OneLine(e.Message)),
        ComponentJsonException => CliException.Usage(e.Message),
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or IOException or SocketException =>
            CliException.Failure(OneLine(e.Message)),
        OutOfMemoryException => CliException.Failure("not enough memory"),
        InsufficientExecutionStackException => CliException.Failure("the file is nested too deeply"),
        OperationCanceledException => new CliException("interrupted", 130),
        _ => CliException.Failure($"internal error: {e.GetType().Name}: {OneLine(e.Message)}", "WINDHOVER_DEBUG=1 shows where; please report it"),
    };

    /// <summary>For a file that is not valid: its name, and the validator's message without the chain of its causes.</summary>
    public static CliException Invalid(string path, Exception e)
    {
        var causes = e.Message.Split("Caused by:", 2)[^1];
        return new CliException($"{path} is not valid: {OneLine(causes)}", e, ExitStatus.Failure);
    }

    // A stack overflow has as many frames as fitted: the first say what recurses.
    private static string FirstFrames(TrapException e)
    {
        var lines = e.Message.Split('\n');
        const int Shown = 12;
        return lines.Length <= Shown + 2
            ? $"the guest trapped: {e.Message}"
            : $"the guest trapped: {string.Join('\n', lines.Take(Shown))}\n  … {lines.Length - Shown} more";
    }

    private static string OneLine(string message) =>
        string.Join(": ", message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
