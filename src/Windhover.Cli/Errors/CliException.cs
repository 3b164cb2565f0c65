namespace Windhover.Cli.Errors;

/// <summary>Something that the person at the command line can put right: one line that says what is wrong, and lines that help.</summary>
internal sealed class CliException(string message, Exception? cause, int status, params string[] help) : Exception(message, cause)
{
    public CliException(string message, int status, params string[] help)
        : this(message, null, status, help)
    {
    }

    /// <summary>The exit status.</summary>
    public int Status { get; } = status;

    /// <summary>What to do about it; each is a line of its own.</summary>
    public IReadOnlyList<string> Help { get; } = help;

    public static CliException Usage(string message, params string[] help) => new(message, ExitStatus.Usage, help);

    public static CliException Failure(string message, params string[] help) => new(message, ExitStatus.Failure, help);
}
