using System.Runtime.CompilerServices;
using Windhover.Components.Workers;

namespace Windhover.Hosting.Tests.Isolation;

/// <summary>Hands over before the test runner's own Main: this program is the worker of its tests.</summary>
internal static class WorkerEntry
{
    public static readonly WorkerCommand Command = new(Path.Combine(AppContext.BaseDirectory, "Windhover.Hosting.Tests"), []);

    [ModuleInitializer]
    public static void HandOver()
    {
        if (WindhoverWorker.TryRun(Environment.GetCommandLineArgs(), out int status))
            Environment.Exit(status);
    }
}
