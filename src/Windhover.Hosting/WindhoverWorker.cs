using Windhover.Components.Compilation;

namespace Windhover.Hosting;

/// <summary>The worker processes of a server are its own program, started again: this is where it becomes one.</summary>
public static class WindhoverWorker
{
    /// <summary>
    /// Does a worker's work if this program was started as one. To be called before anything else:
    /// <c>if (WindhoverWorker.TryRun(args, out int status)) return status;</c>
    /// </summary>
    /// <param name="arguments">The program's.</param>
    /// <param name="status">The exit status to return.</param>
    /// <returns>False when it was started as itself.</returns>
    public static bool TryRun(string[] arguments, out int status) => CompileWorker.TryRun(arguments, out status);
}
