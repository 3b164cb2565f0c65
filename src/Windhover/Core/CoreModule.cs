using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Plugins;

/// <summary>A core WebAssembly module as a plug-in's code: loaded and compiled once. Thread-safe. Dispose it after its last instance was made.</summary>
public sealed class CoreModule : IDisposable
{
    internal const string Wasi = "wasi_snapshot_preview1";

    private CoreModule(PluginHost host, PluginInfo info, Module module)
    {
        Host = host;
        Info = info;
        Module = module;
    }

    /// <summary>Its name, path and digest.</summary>
    public PluginInfo Info { get; }

    /// <summary>What it imports and exports.</summary>
    public Module Module { get; }

    internal PluginHost Host { get; }

    /// <summary>Reads and compiles a module.</summary>
    /// <exception cref="PluginLoadException">The file cannot be read, or is no core module.</exception>
    /// <exception cref="PluginNotAllowedException">The allow-list does not hold it.</exception>
    public static async ValueTask<CoreModule> LoadAsync(PluginHost host, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = Path.GetFileNameWithoutExtension(path);
        byte[] bytes = await PluginHost.ReadAsync(name, path, cancellationToken).ConfigureAwait(false);
        // Compiling takes processor time that the caller's thread may not have.
        return await Task.Run(() => Load(host, name, path, bytes), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same for a module that is in memory, on the caller's thread.</summary>
    public static CoreModule Load(PluginHost host, string name, ReadOnlySpan<byte> bytes) => Load(host, name, null, bytes);

    private static CoreModule Load(PluginHost host, string name, string? path, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(host);
        PluginInfo info = host.Admit(name, path, bytes);
        if (WasmFile.Detect(bytes) != WasmKind.CoreModule)
            throw new PluginLoadException(name, $"the file is {WasmFile.Explain(bytes)}", "Give a core module; a component is loaded with PluginHost.LoadAsync.");
        try
        {
            return new CoreModule(host, info, host.Cache is { } cache ? cache.GetOrCompile(host.Engine, bytes) : Module.Compile(host.Engine, bytes));
        }
        catch (InvalidModuleException error)
        {
            throw new PluginLoadException(name, $"the module is invalid: {error.Message}", "Build it again with current tools.", error);
        }
    }

    /// <summary>Makes a plug-in.</summary>
    /// <param name="imports">What the host gives it to call. WASI 0.1 is there when it is imported, with what the options grant.</param>
    /// <param name="options">Grants and budget; null: nothing is granted.</param>
    /// <exception cref="PluginMismatchException">It imports what is not provided, or with another type.</exception>
    /// <exception cref="PluginTrapException">Its start function trapped.</exception>
    public CorePlugin Instantiate(CoreImports? imports = null, PluginOptions? options = null) => new(this, imports ?? new CoreImports(), options ?? PluginOptions.Default);

    /// <inheritdoc/>
    public void Dispose() => Module.Dispose();
}
