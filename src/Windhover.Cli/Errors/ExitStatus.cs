namespace Windhover.Cli.Errors;

/// <summary>The exit statuses of the command line. A guest's own status passes through unchanged.</summary>
internal static class ExitStatus
{
    public const int Success = 0;

    /// <summary>The command could not do its work: an invalid file, a missing import, a port in use.</summary>
    public const int Failure = 1;

    /// <summary>The command line itself is wrong: an unknown option, a file that does not exist, an argument that does not fit.</summary>
    public const int Usage = 2;

    /// <summary>The guest ran past <c>--timeout</c>; the status of timeout(1).</summary>
    public const int Timeout = 124;

    /// <summary>The guest trapped: 128 + SIGABRT, as if a native program had aborted.</summary>
    public const int Trap = 134;
}
