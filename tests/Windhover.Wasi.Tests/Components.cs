using System.Collections.Concurrent;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Cli.Run;
using Windhover.Wasi.P2;
using Windhover.Wasi.P3;
using Windhover.Wasi.Tests.Http;

namespace Windhover.Wasi.Tests;

/// <summary>Real components on WASI 0.2 and 0.3: one engine and linker for all tests, each component prepared once.</summary>
internal static class Components
{
    private static readonly WasmEngine s_engine = new(new EngineOptions { MaxInstances = 20 });
    private static readonly ComponentLinker s_linker = new ComponentLinker(s_engine).AddWasiP2(static state => (WasiContext)state!).AddWasiP3(static state => (WasiContext)state!);
    private static readonly ConcurrentDictionary<string, Lazy<PreparedComponent>> s_prepared = new();

    public static string Root { get; } = FindRoot();

    /// <summary>A component below guests/.</summary>
    public static PreparedComponent Guest(string path) => Prepare(Path.Combine(Root, "guests", path));

    public static PreparedComponent Prepare(string file) =>
        s_prepared.GetOrAdd(file, static file => new(() => s_linker.Prepare(Component.Load(s_engine, File.ReadAllBytes(file))))).Value;

    /// <summary>Runs a command to its end, on this thread.</summary>
    /// <returns>Its exit code, or -1 and the trap.</returns>
    public static (int ExitCode, TrapException? Trap) Run(PreparedComponent component, WasiOptions options)
    {
        using var context = Tests.Guest.Context(options);
        using var store = new Store(s_engine);
        store.SetDeadline(Tests.Guest.Patience);
        try
        {
            using var instance = component.Instantiate(store, context);
            return (RunExports.Bind(component).Run(instance).IsOk ? 0 : 1, null);
        }
        catch (GuestExitException exit)
        {
            return (exit.ExitCode, null);
        }
        catch (TrapException trap)
        {
            return (-1, trap);
        }
    }

    /// <summary>Lets a component answer a request, on this thread, with a fresh instance.</summary>
    public static void Handle(PreparedComponent component, FakeExchange exchange, WasiOptions? options = null, CancellationToken? aborted = null)
    {
        using var context = aborted is { } token ? new WasiContext(options ?? new WasiOptions(), aborted: token) : Tests.Guest.Context(options);
        using var store = new Store(s_engine);
        store.SetDeadline(Tests.Guest.Patience);
        using var instance = component.Instantiate(store, context);
        IncomingHandler.Find(component)!.Handle(instance, context, exchange);
    }

    /// <summary>Runs a 0.3 command to its end, and passes on what it wrote.</summary>
    /// <returns>Its exit code, or -1 and the trap.</returns>
    public static async Task<(int ExitCode, Exception? Trap)> RunAsync(PreparedComponent component, WasiOptions options)
    {
        using var context = Tests.Guest.Context(options);
        using var store = new Store(s_engine);
        store.SetDeadline(Tests.Guest.Patience);
        ComponentInstance? instance = null;
        try
        {
            instance = component.Instantiate(store, context);
            var run = Bindings.P3.Wasi.Cli.Run.RunExports.Bind(component);
            return ((await run.RunAsync(instance, context.Aborted).AsTask().WaitAsync(context.Aborted)).IsOk ? 0 : 1, null);
        }
        catch (GuestExitException exit)
        {
            return (exit.ExitCode, null);
        }
        catch (Exception trap) when (trap is TrapException or OperationCanceledException)
        {
            return (-1, trap);
        }
        finally
        {
            instance?.Dispose();
            await context.FlushAsync();
        }
    }

    /// <summary>An instance of a 0.3 service, for any number of requests.</summary>
    public static ServiceGuest Serve(PreparedComponent component, WasiOptions? options = null) => new(s_engine, component, options ?? new WasiOptions());

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Windhover.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run outside of the repository.");
    }
}
