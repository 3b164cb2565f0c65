using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Wasi.Http;
using Windhover.Wasi.P2;

namespace Windhover.Plugins;

/// <summary>How a <see cref="PluginHost"/> works.</summary>
public sealed record PluginHostOptions
{
    /// <summary>The engine's options.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Where compiled code is kept between runs; null: the user's cache directory; empty: nowhere.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>The digests that may be loaded; null: any.</summary>
    public PluginAllowList? AllowList { get; init; }

    /// <summary>The clocks of plug-ins.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the client of outgoing requests; null: one of its own.</summary>
    public IHttpClientFactory? HttpClients { get; init; }
}

/// <summary>
/// Loads plug-ins: one engine, one cache of compiled code, one linker per world. Usually one per process; thread-safe. Dispose it after the plug-ins.
/// </summary>
public sealed class PluginHost : IDisposable, IAsyncDisposable
{
    private readonly PluginHostOptions _options;
    private readonly CompileCache? _cache;
    private readonly ConcurrentDictionary<Type, ComponentLinker> _linkers = [];
    private readonly ConcurrentDictionary<PluginComponent, bool> _loaded = [];
    private readonly Lazy<ComponentLinker> _wasi;
    private readonly Lazy<(ServiceProvider? Owned, IHttpClientFactory Factory)> _http;

    /// <summary>Creates the engine.</summary>
    /// <exception cref="ResourceLimitException">The machine cannot hold the pool that the options ask for.</exception>
    public PluginHost(PluginHostOptions? options = null)
    {
        _options = options ?? new PluginHostOptions();
        Engine = new WasmEngine(_options.Engine);
        _cache = _options.CacheDirectory is "" ? null : new CompileCache(_options.CacheDirectory);
        _wasi = new Lazy<ComponentLinker>(NewLinker);
        _http = new Lazy<(ServiceProvider?, IHttpClientFactory)>(MakeHttp);
    }

    /// <summary>The engine that all plug-ins run on.</summary>
    public WasmEngine Engine { get; }

    internal TimeProvider Time => _options.Time;

    internal CompileCache? Cache => _cache;

    /// <summary>The interfaces that every plug-in is offered beside its world.</summary>
    internal IReadOnlyCollection<string> WasiNames => _wasi.Value.Names;

    /// <summary>Reads, validates and compiles a plug-in.</summary>
    /// <param name="path">The file; its name without extension names the plug-in.</param>
    /// <param name="cancellationToken">Gives up between the component's modules.</param>
    /// <exception cref="PluginLoadException">The file cannot be read, or is no component; the message says what it is and what to do.</exception>
    /// <exception cref="PluginNotAllowedException">The allow-list does not hold it.</exception>
    public async ValueTask<PluginComponent> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = Path.GetFileNameWithoutExtension(path);
        byte[] bytes = await ReadAsync(name, path, cancellationToken).ConfigureAwait(false);
        return await LoadAsync(name, path, bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="LoadAsync(string, CancellationToken)"/>, on the caller's thread.</summary>
    public PluginComponent Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = Path.GetFileNameWithoutExtension(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(name, path, error);
        }

        return Keep(Compile(AdmitComponent(name, path, bytes), bytes, CancellationToken.None));
    }

    /// <summary>The same for a component that is in memory.</summary>
    /// <param name="name">The plug-in's name.</param>
    /// <param name="bytes">The binary. It is kept: do not change it.</param>
    /// <param name="cancellationToken">Gives up between the component's modules.</param>
    public ValueTask<PluginComponent> LoadAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        LoadAsync(name, null, bytes, cancellationToken);

    private async ValueTask<PluginComponent> LoadAsync(string name, string? path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        PluginInfo info = AdmitComponent(name, path, bytes.Span);
        // Compiling takes 0.1 to 10 s of processor time: not on the caller's thread, which may be that of a request or a user interface.
        return Keep(await Task.Run(() => Compile(info, bytes, cancellationToken), cancellationToken).ConfigureAwait(false));
    }

    private PluginComponent Keep(PluginComponent component)
    {
        _loaded[component] = true;
        return component;
    }

    private PluginInfo AdmitComponent(string name, string? path, ReadOnlySpan<byte> bytes)
    {
        PluginInfo info = Admit(name, path, bytes);
        if (WasmFile.Detect(bytes) != WasmKind.Component)
        {
            throw new PluginLoadException(
                name,
                $"the file is {WasmFile.Explain(bytes)}",
                WasmFile.Detect(bytes) == WasmKind.CoreModule
                    ? "Make a component of it, or load it as what it is: CoreModule.LoadAsync, ExtismPlugin.LoadAsync."
                    : "Give the path of a component (.wasm).");
        }

        return info;
    }

    private PluginComponent Compile(PluginInfo info, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            return new PluginComponent(this, info, Component.Load(Engine, bytes, _cache, cancellationToken), bytes);
        }
        catch (Exception error) when (error is InvalidComponentException or InvalidModuleException)
        {
            throw new PluginLoadException(info.Name, $"the component is invalid: {error.Message}", "Build it again with current tools.", error);
        }
    }

    /// <summary>Loads the plug-ins of a directory and follows it from then on.</summary>
    /// <param name="path">An existing directory.</param>
    /// <param name="imports">Makes what one instance imports; null when the world imports nothing.</param>
    /// <param name="options">Grants and budget of each instance.</param>
    /// <param name="changed">Told of each change, those of the first look included.</param>
    /// <param name="cancellationToken">Gives up the first look.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    public Task<PluginDirectory<TPlugin>> WatchAsync<TPlugin>(
        string path,
        Func<object?>? imports = null,
        PluginOptions? options = null,
        Action<PluginDirectoryEvent>? changed = null,
        CancellationToken cancellationToken = default)
        where TPlugin : Plugin, IPlugin<TPlugin> =>
        PluginDirectory<TPlugin>.OpenAsync(this, path, imports, options ?? new PluginOptions(), changed, cancellationToken);

    /// <summary>The digest of a file, checked against the allow-list.</summary>
    internal PluginInfo Admit(string name, string? path, ReadOnlySpan<byte> bytes)
    {
        var info = new PluginInfo(name, path, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        _options.AllowList?.Check(info);
        return info;
    }

    internal static async ValueTask<byte[]> ReadAsync(string name, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(name, path, error);
        }
    }

    private static PluginLoadException Unreadable(string name, string path, Exception error)
    {
        string reason = Directory.Exists(path) ? "is a directory" : File.Exists(path) ? $"cannot be read: {error.Message}" : "does not exist";
        return new PluginLoadException(name, $"the file '{Path.GetFullPath(path)}' {reason}", "Give the path of a component (.wasm) that this process may read.", error);
    }

    internal ComponentLinker LinkerFor<TPlugin>()
        where TPlugin : Plugin, IPlugin<TPlugin> => _linkers.GetOrAdd(typeof(TPlugin), static (_, host) =>
        {
            ComponentLinker linker = host.NewLinker();
            TPlugin.DefineImports(linker);
            return linker;
        }, this);

    internal ComponentLinker NewLinker()
    {
        var linker = new ComponentLinker(Engine);
        linker.AddWasiP2(static state => ((PluginInstance)state!).Wasi);
        return linker;
    }

    internal OutgoingHttp Http(IEnumerable<string> allowed) => new(_http.Value.Factory, allowed);

    private (ServiceProvider?, IHttpClientFactory) MakeHttp()
    {
        if (_options.HttpClients is { } given)
            return (null, given);
        var services = new ServiceCollection();
        services.AddGuestHttpClient();
        ServiceProvider provider = services.BuildServiceProvider();
        return (provider, provider.GetRequiredService<IHttpClientFactory>());
    }

    internal void Forget(PluginComponent component) => _loaded.TryRemove(component, out _);

    /// <summary>Unloads what is still loaded, and ends the engine with the last instance.</summary>
    public void Dispose()
    {
        foreach (PluginComponent component in _loaded.Keys)
            component.Dispose();
        if (_http.IsValueCreated)
            _http.Value.Owned?.Dispose();
        Engine.Dispose();
    }

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }
}
