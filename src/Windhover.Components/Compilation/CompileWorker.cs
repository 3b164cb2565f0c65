using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Components.Workers;
using Windhover.Engine;

namespace Windhover.Components.Compilation;

/// <summary>The program of a worker that validates and compiles one binary into the cache, and ends.</summary>
public static class CompileWorker
{
    internal const string Role = "compile";

    /// <summary>Does the worker's work if this program was started as one. To be called before anything else in <c>Main</c>.</summary>
    /// <param name="arguments">The program's.</param>
    /// <param name="status">The exit status to return.</param>
    /// <returns>False when it was started as itself.</returns>
    public static bool TryRun(string[] arguments, out int status)
    {
        status = 0;
        if (!WorkerCommand.IsWorker(arguments, Role))
            return false;
        var channel = new WorkerChannel();
        CompileRequest request = channel.Receive(CompileJson.Default.CompileRequest, r => r.Length, out byte[] binary);
        ProcessLimits.PreferAsVictim();
        CompileReply reply = Compile(request, binary);
        channel.Send(reply, CompileJson.Default.CompileReply);
        status = reply.Outcome == CompileOutcome.Compiled ? 0 : 1;
        return true;
    }

    private static CompileReply Compile(CompileRequest request, byte[] binary)
    {
        try
        {
            var cache = new CompileCache(request.CacheDirectory);
            // A pool of one: how many instances there may be is no part of the code, and their reservations are no use here.
            using var engine = new WasmEngine(request.Engine with { MaxInstances = 1 });
            ProcessLimits.TryLimitPrivateMemory(request.MaxMemoryBytes);
            if (WasmFile.Detect(binary) == WasmKind.CoreModule)
            {
                cache.GetOrCompile(engine, binary).Dispose();
            }
            else
            {
                Component.Load(engine, binary, cache).Dispose();
            }

            return new CompileReply(CompileOutcome.Compiled);
        }
        catch (InvalidComponentException error)
        {
            return new CompileReply(CompileOutcome.InvalidComponent, error.Message);
        }
        catch (InvalidModuleException error)
        {
            return new CompileReply(CompileOutcome.InvalidModule, error.Message);
        }
        catch (OutOfMemoryException error)
        {
            return new CompileReply(CompileOutcome.OutOfMemory, error.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ResourceLimitException or InsufficientExecutionStackException)
        {
            return new CompileReply(CompileOutcome.Failed, error.Message);
        }
    }
}
