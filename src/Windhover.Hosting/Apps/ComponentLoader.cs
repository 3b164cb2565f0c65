using Microsoft.Extensions.Logging;
using Windhover.Components.Binary;
using Windhover.Components.Compilation;
using Windhover.Components.Linking;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Wasi;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Http;
using Windhover.Wasi.P2;
using Windhover.Wasi.P3;

namespace Windhover.Hosting.Apps;

/// <summary>From a file to an app, with one clear error for whatever is wrong on the way.</summary>
internal static class ComponentLoader
{
    public static async Task<ComponentApp> LoadAsync(
        ComponentHost host,
        string path,
        ReadOnlyMemory<byte> bytes,
        string name,
        ComponentApp? next,
        ComponentOptions options,
        ComponentImport[] imports,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        CheckKind(path, bytes.Span);
        CheckSize(path, bytes.Length, options.Budget);
        Component? component = null;
        ComponentParts? parts = null;
        PreparedComponent? prepared = null;
        CapabilityGrant[] grants = [];
        try
        {
            component = await host.CompileAsync(bytes, options, cancellationToken).ConfigureAwait(false);
            (parts, prepared) = await ComponentParts.LinkAsync(host, path, component, options, imports, cancellationToken).ConfigureAwait(false);
            HttpService? service = HttpService.Find(prepared);
            IncomingHandler? handler = service is null ? IncomingHandler.Find(prepared) : null;
            if (service is null && (handler is null || next is not null))
            {
                throw new ComponentLoadException(
                    $"{path}: the component does not export {(next is null ? "`wasi:http/incoming-handler` or " : "")}`wasi:http/handler`, so it cannot answer requests. `windhover inspect` shows what it exports.");
            }

            grants = host.Capabilities.Grant(path, name, options);
            BudgetMeter meter = options.Meter ?? new BudgetMeter(name, options.Budget, options.Tenant);
            WasiOptions wasi = Grants(host, path, options, meter);
            ILogger logger = loggers.CreateLogger($"Windhover.Guest.{name}");
            var log = new GuestLog(meter, time, text => Http.Log.Guest(logger, name, text));
            wasi = wasi with { Stdout = log.Output, Stderr = log.Output };
            parts.Grant(host, name, meter, log.Output, log.Output);
            return new ComponentApp(host, name, component, parts, prepared, handler, service, next, wasi, grants, options, loggers.CreateLogger($"Windhover.Guest.{name}"), time);
        }
        catch (Exception error)
        {
            CapabilitySet.Dispose(grants);
            prepared?.Dispose();
            parts?.Dispose();
            component?.Dispose();
            throw Explained(path, error);
        }
    }

    /// <summary>Waits for a part of loading, and names the file in what goes wrong with it.</summary>
    public static async Task Explain(string path, Task part)
    {
        try
        {
            await part.ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (ComponentLoadException or OperationCanceledException))
        {
            throw Explained(path, error);
        }
    }

    public static Exception Explained(string path, Exception error) => error switch
    {
        ComponentLoadException or OperationCanceledException => error,
        InvalidComponentException or InvalidModuleException => new ComponentLoadException($"{path}: the component is invalid: {error.Message}", error),
        CompileLimitException or WorkerException or ResourceLimitException => new ComponentLoadException($"{path}: {error.Message}", error),
        LinkException => new ComponentLoadException($"{path}: {error.Message}", error),
        _ => error,
    };

    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string reason = Directory.Exists(path) ? "it is a directory" : File.Exists(path) ? error.Message : "there is no such file";
            throw new ComponentLoadException($"{path}: cannot be read: {reason}.", error);
        }
    }

    public static void CheckKind(string path, ReadOnlySpan<byte> bytes)
    {
        switch (WasmFile.Detect(bytes))
        {
            case WasmKind.CoreModule:
                throw new ComponentLoadException(
                    $"{path}: is a core module, and only components answer HTTP requests. Make a component of it with `wasm-tools component new`, or run it with `windhover run`.");
            case WasmKind.NotWasm:
                throw new ComponentLoadException($"{path}: is not WebAssembly: it does not begin with `\\0asm`.");
        }
    }

    public static void CheckSize(string path, long bytes, Budget budget)
    {
        if (bytes <= budget.ComponentSize)
            return;
        BudgetEntry entry = Budget.Entry(BudgetKind.ComponentSize);
        throw new ComponentLoadException($"{path}: has {entry.Format(bytes)}, and the budget `{entry.Key}` is {entry.Format(budget.ComponentSize)}.");
    }

    /// <summary>The grant of outgoing requests; null: none may be sent.</summary>
    public static OutgoingHttp? Outgoing(ComponentHost host, string path, ComponentOptions options)
    {
        try
        {
            return options.AllowedHosts.Count == 0 ? null : new OutgoingHttp(host.Http, options.AllowedHosts) { Local = host.Local };
        }
        catch (FormatException error)
        {
            throw new ComponentLoadException($"{path}: {error.Message}", error);
        }
    }

    public static WasiOptions Grants(ComponentHost host, string path, ComponentOptions options, BudgetMeter meter)
    {
        OutgoingHttp? outgoing = Outgoing(host, path, options);
        var directories = new List<DirectoryGrant>();
        try
        {
            foreach (DirectoryMount mount in options.Directories)
                directories.Add(DirectoryGrant.Open(mount.HostPath, mount.GuestPath, mount.Writable));
        }
        catch (IOException error)
        {
            directories.ForEach(d => d.Dispose());
            throw new ComponentLoadException($"{path}: {error.Message}", error);
        }

        return new WasiOptions
        {
            Environment = [.. options.Environment],
            Stdout = options.Stdout ?? OutputGrant.None,
            Stderr = options.Stderr ?? OutputGrant.None,
            Directories = directories,
            Time = host.Time,
            Network = options.Network,
            OutgoingHttp = outgoing,
            Meter = meter,
        };
    }
}
