using System.Runtime.CompilerServices;
using Windhover.Capabilities;
using Windhover.Components.Workers;
using Windhover.Hosting;

namespace Windhover.Apps.Tests;

/// <summary>Hands over before the test runner's own Main: this program is the worker of its tests, with the capabilities that its servers have.</summary>
internal static class WorkerEntry
{
    public static readonly WorkerCommand Command = new(Path.Combine(AppContext.BaseDirectory, "Windhover.Apps.Tests"), []);

    [ModuleInitializer]
    public static void HandOver()
    {
        if (WindhoverWorker.TryRun(Environment.GetCommandLineArgs(), services => services.AddWindhoverCapabilities(), out int status))
            Environment.Exit(status);
    }
}
