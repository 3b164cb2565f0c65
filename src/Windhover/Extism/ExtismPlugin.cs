using System.Security.Cryptography;
using System.Text;
using Windhover.Engine;

namespace Windhover.Plugins.Extism;

/// <summary>
/// A plug-in that was built for Extism, unchanged: bytes in, bytes out. Variables and its memory stay between calls. One call at a time, as for
/// <see cref="Plugin"/>.
/// </summary>
public sealed class ExtismPlugin : IDisposable
{
    private const int Idle = 0, Disposed = -1;

    private readonly ExtismOptions _options;
    private readonly PluginOptions _budget;
    private readonly Store _store;
    private readonly Linker _linker;
    private readonly List<Module> _modules;
    private readonly Instance _main;
    private readonly Dictionary<string, (Function Function, bool HasResult)> _functions = new(StringComparer.Ordinal);
    private (ulong Offset, ulong Length) _output;
    private int _state;
    private long _began;

    private ExtismPlugin(string name, PluginHost host, ExtismManifest manifest, ExtismOptions options, List<(string Name, Module Module)> modules)
    {
        Name = name;
        Manifest = manifest;
        _options = options;
        _modules = [.. modules.Select(m => m.Module)];
        _budget = Budget(manifest, options.Plugin);
        Memory = new ExtismMemory(_budget.MaxMemoryBytes);
        Http = new ExtismHttp(manifest);
        _linker = new Linker(host.Engine);
        _store = new Store(host.Engine, _budget.Limits) { State = this };
        try
        {
            ExtismFunctions.Define(_linker);
            foreach ((string module, string function, FunctionType type, ExtismHandler handler) in options.Functions)
                _linker.Define(module, function, new ExtismHostFunction(module, function, type, handler));
            if (options.Wasi)
            {
                _linker.DefineWasiPreview1();
                _store.SetWasi(Grants(manifest));
            }

            Begin();
            _main = Link(modules);
            Start();
        }
        catch (Exception error)
        {
            Free();
            throw error switch
            {
                ModuleLinkException link => new PluginMismatchException(name, "extism:host/env", [link.Message], link),
                TrapException or UnwindException or ResourceLimitException => PluginFailures.Translate(name, "(start)", error, _budget),
                _ => error,
            };
        }
    }

    /// <summary>The name of its main module.</summary>
    public string Name { get; }

    /// <summary>What it was made from.</summary>
    public ExtismManifest Manifest { get; }

    internal ExtismMemory Memory { get; }

    internal ExtismHttp Http { get; }

    internal Dictionary<string, byte[]> Variables { get; } = new(StringComparer.Ordinal);

    internal ulong InputOffset { get; private set; }

    internal ulong InputLength { get; private set; }

    internal string? Error { get; set; }

    internal ExtismLogLevel LogLevel => _options.Log is null ? ExtismLogLevel.Off : _options.LogLevel;

    internal TimeSpan? TimeLeft => _budget.CallTimeout - TimeSpan.FromMilliseconds(Environment.TickCount64 - _began);

    /// <summary>Loads a plug-in of one module without a manifest.</summary>
    public static Task<ExtismPlugin> LoadAsync(PluginHost host, string path, ExtismOptions? options = null, CancellationToken cancellationToken = default) =>
        LoadAsync(host, new ExtismManifest { Wasm = [new ExtismWasm(path)] }, options, cancellationToken);

    /// <summary>Loads a plug-in as its manifest says.</summary>
    /// <exception cref="PluginLoadException">A module cannot be read, has another hash, or is invalid.</exception>
    /// <exception cref="PluginMismatchException">It imports what is not provided.</exception>
    /// <exception cref="PluginNotAllowedException">The host's allow-list does not hold a module.</exception>
    public static async Task<ExtismPlugin> LoadAsync(PluginHost host, ExtismManifest manifest, ExtismOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(manifest);
        var loaded = new List<(string Name, byte[] Bytes)>();
        for (int i = 0; i < manifest.Wasm.Count; i++)
            loaded.Add(await ReadAsync(manifest.Wasm[i], i == manifest.Wasm.Count - 1, cancellationToken).ConfigureAwait(false));
        int main = loaded.FindIndex(m => m.Name == "main");
        if (main >= 0)
            loaded.Add(Take(main));
        (string Name, byte[] Bytes) last = loaded[^1];
        string name = manifest.Wasm.Select(w => w.Path).LastOrDefault(p => p is not null) is { } path ? Path.GetFileNameWithoutExtension(path) : last.Name;
        // Compiling takes processor time that the caller's thread may not have.
        return await Task.Run(
            () => new ExtismPlugin(name, host, manifest, options ?? new ExtismOptions(), [.. loaded.Select(m => (m.Name, Compile(host, m.Name, m.Bytes)))]),
            cancellationToken).ConfigureAwait(false);

        (string, byte[]) Take(int index)
        {
            (string, byte[]) item = loaded[index];
            loaded.RemoveAt(index);
            return item;
        }
    }

    /// <summary>Whether it exports a function of that name.</summary>
    public bool HasFunction(string function)
    {
        Module main = _modules[^1];
        return main.Exports.Any(e => e.Name == function && e.Type is FunctionType { Parameters.Length: 0, Results.Length: <= 1 });
    }

    /// <summary>Calls a function.</summary>
    /// <param name="function">The export's name.</param>
    /// <param name="input">What it is given; copied.</param>
    /// <returns>What it answered.</returns>
    /// <exception cref="PluginTrapException">It trapped, or answered with an error.</exception>
    /// <exception cref="PluginUseException">There is no such function, or it is called against the rules.</exception>
    public byte[] Call(string function, ReadOnlySpan<byte> input = default)
    {
        int thread = Environment.CurrentManagedThreadId;
        int state = Interlocked.CompareExchange(ref _state, thread, Idle);
        if (state != Idle)
            throw PluginFailures.Refusal(Name, state == Disposed, state == thread, function);
        try
        {
            return Run(function, input);
        }
        catch (Exception error) when (error is TrapException or GuestExitException or ResourceLimitException)
        {
            throw PluginFailures.Translate(Name, function, error, _budget);
        }
        finally
        {
            Volatile.Write(ref _state, Idle);
        }
    }

    /// <summary>Calls a function with text, in UTF-8.</summary>
    public string Call(string function, string input) => Encoding.UTF8.GetString(Call(function, Encoding.UTF8.GetBytes(input)));

    /// <summary>The bytes of a block, for functions of the host.</summary>
    /// <exception cref="InvalidOperationException">There is no block at that address.</exception>
    public byte[] Read(ulong block) => Block("(host)", block);

    /// <summary>A new block with these bytes, for functions of the host.</summary>
    public ulong Write(ReadOnlySpan<byte> bytes) => Memory.Allocate(bytes);

    private byte[] Run(string function, ReadOnlySpan<byte> input)
    {
        (Function target, bool hasResult) = Find(function);
        Begin();
        Memory.Reset();
        Error = null;
        _output = default;
        InputLength = (ulong)input.Length;
        InputOffset = Memory.Allocate(input);
        Span<RawValue> values = stackalloc RawValue[1];
        int status = 0;
        try
        {
            target.Call(_store, values);
            status = hasResult ? values[0].I32 : 0;
        }
        catch (GuestExitException exit) when (exit.ExitCode == 0)
        {
            // A command that ended well.
        }

        if (status == 0 && Error is null)
            return Memory.TryRead(_output.Offset, _output.Length, out byte[]? output) ? output : [];
        string what = Error is null ? $"it answered with the status {status}" : $"it answered with an error: {Error}";
        throw new PluginTrapException(Name, function, what, "The plug-in refused its input; it can be called again.", TrapKind.Other, new InvalidOperationException(Error ?? what));
    }

    private (Function Function, bool HasResult) Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_functions.TryGetValue(name, out (Function, bool) found))
            return found;
        if (!HasFunction(name) || !_main.TryGetExport(_store, name, out Extern item))
        {
            string known = string.Join(", ", _modules[^1].Exports.Where(e => e.Type is FunctionType).Take(20).Select(e => $"`{e.Name}`"));
            throw new PluginUseException(Name, name, PluginMisuse.Arguments, "it exports no such function without parameters", $"It exports {(known.Length == 0 ? "none" : known)}.");
        }

        Function function = item.AsFunction();
        return _functions[name] = (function, function.GetType(_store).Results is [ValueKind.I32]);
    }

    internal byte[] Block(string function, ulong address) =>
        Memory.ReadBlock(address) ?? throw new InvalidOperationException($"`{function}` was given {address}, where no block begins");

    /// <summary>The output is a place, read when the call ends: a plug-in may fill it later.</summary>
    internal void SetOutput(ulong offset, ulong length)
    {
        if (!Memory.Covers(offset, length))
            throw new InvalidOperationException($"the output of {length} bytes at {offset} is not within the memory");
        _output = (offset, length);
    }

    internal void SetVariable(string name, byte[]? value)
    {
        long others = Variables.Where(v => v.Key != name).Sum(v => (long)v.Value.Length + v.Key.Length);
        if (value is not null && others + value.Length + name.Length > Manifest.MaxVarBytes)
            throw new InvalidOperationException($"the variables are more than `max_var_bytes`, {Manifest.MaxVarBytes}");
        if (value is null)
            Variables.Remove(name);
        else
            Variables[name] = value;
    }

    internal void Log(ExtismLogLevel level, string line)
    {
        if (level >= LogLevel)
            _options.Log?.Invoke(level, line);
    }

    private void Begin()
    {
        _began = Environment.TickCount64;
        if (_budget.CallTimeout is { } timeout)
            _store.SetDeadline(timeout);
        if (_budget.Fuel is { } fuel)
            _store.SetFuel(fuel);
    }

    /// <summary>Instantiates the modules in order; a later one may import from an earlier one by its name.</summary>
    private Instance Link(List<(string Name, Module Module)> modules)
    {
        var named = new Dictionary<string, Instance>(StringComparer.Ordinal);
        Instance last = default;
        foreach ((string name, Module module) in modules)
        {
            var imports = new Extern[module.Imports.Count];
            for (int i = 0; i < imports.Length; i++)
            {
                ModuleImport import = module.Imports[i];
                bool found = named.TryGetValue(import.Module, out Instance other)
                    ? other.TryGetExport(_store, import.Name, out imports[i])
                    : TryGetDefined(import, out imports[i]);
                if (!found)
                    throw new PluginMismatchException(Name, ExtismFunctions.Module, [Missing(import)]);
            }

            named[name] = last = _store.Instantiate(module, imports);
        }

        return last;
    }

    private bool TryGetDefined(ModuleImport import, out Extern item)
    {
        item = default;
        try
        {
            _linker.GetAll(_store, Encoding.UTF8.GetBytes(import.Module), [Encoding.UTF8.GetBytes(import.Name)], new Span<Extern>(ref item));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private string Missing(ModuleImport import) => import.Module == CoreModule.Wasi && !_options.Wasi
        ? $"it imports WASI (`{import.Name}`), which ExtismOptions.Wasi withholds"
        : $"it imports `{import.Name}` of `{import.Module}`, which the host does not provide (ExtismOptions.AddFunction provides functions of the host)";

    /// <summary>What a language's runtime wants to have done before the first call.</summary>
    private void Start()
    {
        foreach (string name in (string[])["_initialize", "__wasm_call_ctors"])
        {
            if (!HasFunction(name) || !_main.TryGetExport(_store, name, out Extern item))
                continue;
            item.AsFunction().Call(_store, stackalloc RawValue[1]);
            return;
        }
    }

    private static PluginOptions Budget(ExtismManifest manifest, PluginOptions options)
    {
        var budget = new PluginOptions { Budget = options.Budget, Fuel = options.Fuel };
        if (manifest.Timeout is { } timeout)
            budget.CallTimeout = timeout;
        if (manifest.MaxPages is { } pages)
            budget.MaxMemoryBytes = Math.Min(budget.MaxMemoryBytes, Math.Max(1, pages) * 65536L);
        return budget;
    }

    private static WasiPreview1Config Grants(ExtismManifest manifest) => new()
    {
        Arguments = ["plugin"],
        Directories = [.. manifest.AllowedPaths.Select(p => p.Value.StartsWith("ro:", StringComparison.Ordinal)
            ? new WasiDirectory(p.Value[3..], p.Key)
            : new WasiDirectory(p.Value, p.Key, Writable: true))],
    };

    private static async Task<(string Name, byte[] Bytes)> ReadAsync(ExtismWasm wasm, bool isLast, CancellationToken cancellationToken)
    {
        string name = wasm.Name ?? (isLast ? "main" : wasm.Path is { } path ? Path.GetFileNameWithoutExtension(path) : "module");
        byte[] bytes;
        if (wasm.Path is not null)
        {
            bytes = await PluginHost.ReadAsync(name, wasm.Path, cancellationToken).ConfigureAwait(false);
        }
        else if (wasm.Url is not null)
        {
            try
            {
                using var client = new HttpClient { MaxResponseContentBufferSize = 256 << 20 };
                bytes = await client.GetByteArrayAsync(wasm.Url, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException error)
            {
                throw new PluginLoadException(name, $"{wasm.Url} cannot be fetched: {error.Message}", "Check the manifest's `url`.", error);
            }
        }
        else
        {
            bytes = wasm.Data.ToArray();
        }

        string digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (wasm.Hash is { } hash && !hash.Equals(digest, StringComparison.OrdinalIgnoreCase))
            throw new PluginLoadException(name, $"its SHA-256 is {digest}, the manifest says {hash}", "Fetch the file again, or correct the manifest's `hash`.");
        return (name, bytes);
    }

    private static Module Compile(PluginHost host, string name, byte[] bytes) => CoreModule.Load(host, name, bytes).Module;

    private void Free()
    {
        _store.Dispose();
        _linker.Dispose();
        foreach (Module module in _modules)
            module.Dispose();
    }

    /// <summary>Drops the sandbox.</summary>
    /// <exception cref="PluginUseException">A call runs.</exception>
    public void Dispose()
    {
        int state = Interlocked.CompareExchange(ref _state, Disposed, Idle);
        if (state == Disposed)
            return;
        if (state != Idle)
            throw PluginFailures.Refusal(Name, isDisposed: false, state == Environment.CurrentManagedThreadId, "(dispose)");
        Free();
    }
}
