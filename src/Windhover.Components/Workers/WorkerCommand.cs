using System.Diagnostics.CodeAnalysis;

namespace Windhover.Components.Workers;

/// <summary>The program that worker processes are started from.</summary>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">What stands before the worker's own argument.</param>
public sealed record WorkerCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>The argument by which a program knows that it was started as a worker; the role follows.</summary>
    public const string Switch = "--windhover-worker=";

    /// <summary>
    /// This very program, started again. Its <c>Main</c> must hand over first thing: <c>if (WindhoverWorker.TryRun(args, out int status)) return status;</c>
    /// (or <c>CompileWorker.TryRun</c> where only Windhover.Components is referenced).
    /// </summary>
    public static WorkerCommand Self { get; } = FindSelf();

    /// <summary>Whether a program was started as a worker of this role.</summary>
    public static bool IsWorker([NotNullWhen(true)] string[]? arguments, string role) => arguments is [.., var last] && last == Switch + role;

    // `dotnet app.dll` has the runtime's own program as its executable, and the assembly as the first word.
    private static WorkerCommand FindSelf()
    {
        string program = Environment.ProcessPath ?? "";
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new WorkerCommand(program, [Environment.GetCommandLineArgs()[0]])
            : new WorkerCommand(program, []);
    }
}
