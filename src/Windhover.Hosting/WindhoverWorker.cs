using Microsoft.Extensions.DependencyInjection;
using Windhover.Components.Compilation;
using Windhover.Hosting.Isolation;

namespace Windhover.Hosting;

/// <summary>The worker processes of a server are its own program, started again: this is where it becomes one.</summary>
public static class WindhoverWorker
{
    /// <summary>
    /// Does a worker's work if this program was started as one. To be called before anything else:
    /// <c>if (WindhoverWorker.TryRun(args, out int status)) return status;</c>
    /// </summary>
    /// <param name="arguments">The program's.</param>
    /// <param name="capabilities">Adds the capabilities that this program's server has, for components in processes of their own.</param>
    /// <param name="status">The exit status to return.</param>
    /// <returns>False when it was started as itself.</returns>
    public static bool TryRun(string[] arguments, Action<IServiceCollection>? capabilities, out int status) =>
        CompileWorker.TryRun(arguments, out status) || ServeWorker.TryRun(arguments, capabilities, out status);

    /// <inheritdoc cref="TryRun(string[], Action{IServiceCollection}?, out int)"/>
    public static bool TryRun(string[] arguments, out int status) => TryRun(arguments, capabilities: null, out status);
}
