namespace Windhover.Engine;

/// <summary>What <see cref="CompileCache.GetOrCompile(WasmEngine, ReadOnlySpan{byte}, out CacheOutcome)"/> did.</summary>
public enum CacheOutcome
{
    /// <summary>The compiled module was found and mapped in.</summary>
    Hit,

    /// <summary>There was none: it was compiled, and stored if the directory can be written.</summary>
    Miss,

    /// <summary>There was one, but it is damaged or not what its name says: it was compiled again and replaced.</summary>
    Rejected,
}

// Compiled modules are machine code: loading a wrong one means running it. So nothing in the directory is taken at its word.
//
//   name     SHA-256 over { module, engine release, options that shape code, processor } (CacheKey): another of any is another file
//   content  Wasmtime's artifact, then a footer with that key and the SHA-256 of the artifact (CacheEntry)
//
//   look-up  (1) the directory and the file belong to us or root, and nobody else may write them
//            (2) the footer is complete, of this format, and has the key that we look for
//            (3) the digest fits
//            (4) Wasmtime's own check of version, settings and processor
//            any "no": compile, write to a temporary name, rename over the old entry
//
// Renaming keeps what other processes have mapped intact, and shows readers a whole entry or none.

/// <summary>
/// Compiled modules on disk, found by content. Compiling costs about 1 s per MB of WebAssembly and hundreds of MB of memory; mapping in
/// what was compiled before costs 0.3 ms, and 0.6 ms per MB for the check of its digest. Safe for use from any thread, and by several processes at once.
/// </summary>
public sealed partial class CompileCache
{
    private const string Extension = ".cwasm";

    // Entries that are used are marked so for Trim, but not more often than this.
    private static readonly TimeSpan TouchInterval = TimeSpan.FromHours(1);

    // Two requests for the same module compile it once. Striped: keys are uniformly distributed.
    private readonly Lock[] _gates = [.. Enumerable.Range(0, 16).Select(_ => new Lock())];
    private readonly TimeProvider _time;

    /// <summary>Opens a cache, and creates its directory for this user alone if there is none.</summary>
    /// <param name="directory">
    /// Null means <c>$XDG_CACHE_HOME/windhover</c> or <c>~/.cache/windhover</c>, and the local application data on Windows. Only this user
    /// (and root) may be able to write to it: its content is run as machine code.
    /// </param>
    /// <param name="time">Null means the system's clock.</param>
    /// <exception cref="UnauthorizedAccessException">The directory can be written by others or belongs to another user.</exception>
    /// <exception cref="IOException">The directory cannot be created.</exception>
    public CompileCache(string? directory = null, TimeProvider? time = null)
    {
        Directory = Path.GetFullPath(directory ?? DefaultDirectory());
        _time = time ?? TimeProvider.System;
        PrivateFiles.CreateDirectory(Directory);
        if (PrivateFiles.WhyUnsafe(Directory) is { } reason)
            throw new UnauthorizedAccessException($"The cache directory '{Directory}' {reason}: what is in it would be run as machine code.");
    }

    /// <summary>Where it is.</summary>
    public string Directory { get; }

    /// <summary>Maps a compiled module in, or compiles and stores it.</summary>
    /// <exception cref="InvalidModuleException">The bytes are not a module that the engine accepts.</exception>
    public Module GetOrCompile(WasmEngine engine, ReadOnlySpan<byte> wasm) => GetOrCompile(engine, wasm, out _);

    /// <summary>Maps a compiled module in, or compiles and stores it, and tells which.</summary>
    /// <remarks>A directory that cannot be written (read-only deployment, full disk) is not an error: the module is compiled each time.</remarks>
    /// <exception cref="InvalidModuleException">The bytes are not a module that the engine accepts.</exception>
    public Module GetOrCompile(WasmEngine engine, ReadOnlySpan<byte> wasm, out CacheOutcome outcome)
    {
        var key = KeyOf(engine, ref wasm, out var data);
        var path = PathOf(key);
        lock (_gates[key[0] % _gates.Length])
        {
            if (TryLoad(engine, path, key, data, out outcome) is { } found)
                return found;
            var module = Module.Compile(engine, wasm, hasData: data is not null);
            TryStore(module, path, key);
            if (data is not null)
                module.Attach(data);
            return module;
        }
    }

    /// <summary>Maps a compiled module in; never compiles. For processes that must not: see <c>OutOfProcessCompiler</c> of Windhover.Components.</summary>
    /// <returns>Null when it is not there, or not as it should be.</returns>
    public Module? TryGet(WasmEngine engine, ReadOnlySpan<byte> wasm)
    {
        var key = KeyOf(engine, ref wasm, out var data);
        return TryLoad(engine, PathOf(key), key, data, out _);
    }

    // Where the data are kept apart, the code's alone, which replaces the whole.
    private static byte[] KeyOf(WasmEngine engine, ref ReadOnlySpan<byte> wasm, out ModuleData? data)
    {
        if (ModuleData.Separate(engine.Options, wasm, out data) is { } code)
            wasm = code;
        return CacheKey.Compute(engine.Options, wasm, hasData: data is not null);
    }

    private Module? TryLoad(WasmEngine engine, string path, byte[] key, ModuleData? data, out CacheOutcome outcome)
    {
        outcome = CacheOutcome.Miss;
        if (!File.Exists(path))
            return null;
        outcome = CacheOutcome.Rejected;
        if (PrivateFiles.WhyUnsafe(path) is not null || CacheEntry.TryLoad(engine, path, key) is not { } found)
            return null;
        if (data is not null)
            found.Attach(data);
        Touch(path);
        outcome = CacheOutcome.Hit;
        return found;
    }

    /// <summary>Deletes the entries that were not used for the longest time until what is left is no larger than <paramref name="maxBytes"/>.</summary>
    /// <returns>How many were deleted. Modules that are loaded from them are not affected.</returns>
    public int Trim(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        long total = 0;
        var deleted = 0;
        var entries = new DirectoryInfo(Directory).GetFiles("*" + Extension);
        foreach (var entry in entries.OrderByDescending(e => e.LastWriteTimeUtc))
        {
            total += entry.Length;
            if (total <= maxBytes)
                continue;
            entry.Delete();
            deleted++;
        }
        return deleted;
    }

    internal string PathOf(byte[] key) => Path.Combine(Directory, Convert.ToHexStringLower(key) + Extension);

    private static string DefaultDirectory()
    {
        if (!OperatingSystem.IsWindows())
        {
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (!string.IsNullOrEmpty(cache) && Path.IsPathFullyQualified(cache))
                return Path.Combine(cache, "windhover");
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (home.Length > 0)
                return Path.Combine(home, ".cache", "windhover");
        }
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return data.Length > 0
            ? Path.Combine(data, "Windhover", "Cache")
            : throw new IOException("There is no home directory for the compile cache: name a directory for it.");
    }

    private static void TryStore(Module module, string path, byte[] key)
    {
        try
        {
            CacheEntry.Store(module, path, key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The caller has the module; only the next start pays again.
        }
    }

    private void Touch(string path)
    {
        try
        {
            var now = _time.GetUtcNow().UtcDateTime;
            if (now - File.GetLastWriteTimeUtc(path) > TouchInterval)
                File.SetLastWriteTimeUtc(path, now);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Read-only, or trimmed a moment ago by another process: the mapping stays.
        }
    }
}
