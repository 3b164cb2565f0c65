namespace Windhover.Engine;

/// <summary>
/// What a WASI 0.1 guest (<c>wasi_snapshot_preview1</c>) may see. Nothing, unless it is in here. Given to <see cref="Store.SetWasi"/>,
/// any number of times: opening files happens there.
/// </summary>
/// <remarks>Clocks, random numbers and sleeping cannot be withheld. A guest that sleeps holds its thread, and deadlines do not wake it.</remarks>
public sealed record WasiPreview1Config
{
    /// <summary>Arguments, the program's name first.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Directories that the guest may open, each with all below it.</summary>
    public IReadOnlyList<WasiDirectory> Directories { get; init; } = [];

    /// <summary>Where standard input comes from.</summary>
    public WasiInput StandardInput { get; init; } = WasiInput.Empty;

    /// <summary>Where standard output goes.</summary>
    public WasiOutput StandardOutput { get; init; } = WasiOutput.Discard;

    /// <summary>Where standard error goes.</summary>
    public WasiOutput StandardError { get; init; } = WasiOutput.Discard;
}

/// <summary>A directory that a guest may open.</summary>
/// <param name="HostPath">The directory on the host.</param>
/// <param name="GuestPath">Its name for the guest, such as <c>/data</c>.</param>
/// <param name="Writable">Whether the guest may change anything in it.</param>
public sealed record WasiDirectory(string HostPath, string GuestPath, bool Writable = false);

/// <summary>A source for a guest's standard input.</summary>
public sealed class WasiInput
{
    private WasiInput()
    {
    }

    /// <summary>At its end from the start.</summary>
    public static WasiInput Empty { get; } = new();

    /// <summary>The standard input of this process.</summary>
    public static WasiInput Inherit { get; } = new();

    internal string? Path { get; private init; }

    internal ReadOnlyMemory<byte> Bytes { get; private init; }

    /// <summary>Bytes in memory, copied for each store.</summary>
    public static WasiInput FromBytes(ReadOnlyMemory<byte> bytes) => new() { Bytes = bytes };

    /// <summary>A file, opened for each store.</summary>
    public static WasiInput FromFile(string path) => new() { Path = path };
}

/// <summary>A sink for a guest's standard output or error.</summary>
public sealed class WasiOutput
{
    private WasiOutput()
    {
    }

    /// <summary>Writing succeeds, nothing is kept.</summary>
    public static WasiOutput Discard { get; } = new();

    /// <summary>The standard output or error of this process.</summary>
    public static WasiOutput Inherit { get; } = new();

    internal string? Path { get; private init; }

    internal WasiWriter? Writer { get; private init; }

    /// <summary>A file, created or cut to nothing for each store.</summary>
    public static WasiOutput ToFile(string path) => new() { Path = path };

    /// <summary>A method that is given each piece as the guest writes it.</summary>
    public static WasiOutput To(WasiWriter writer) => new() { Writer = writer };
}

/// <summary>
/// Takes a piece of output; the bytes are gone when it returns. It is called on a thread of the engine, one call after the other
/// for one stream of one store. An exception fails the guest's write with <c>EIO</c>.
/// </summary>
public delegate void WasiWriter(ReadOnlySpan<byte> bytes);
