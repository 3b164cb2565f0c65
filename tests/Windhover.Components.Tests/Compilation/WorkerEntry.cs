using System.Runtime.CompilerServices;
using Windhover.Components.Compilation;

namespace Windhover.Components.Tests.Compilation;

/// <summary>Hands over before the test runner's own Main: this program is the worker of its tests.</summary>
internal static class WorkerEntry
{
    [ModuleInitializer]
    public static void HandOver()
    {
        if (CompileWorker.TryRun(Environment.GetCommandLineArgs(), out int status))
            Environment.Exit(status);
        if (Environment.GetCommandLineArgs().Contains(MemoryEdge.Switch))
            MemoryEdge.Run();
    }
}
