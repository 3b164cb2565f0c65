using Microsoft.Win32.SafeHandles;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Filesystem;

/// <summary>
/// The right to use one directory of the host: a preopen. Opened once and lent to any number of guests; nothing outside of the directory
/// can be reached through it, whatever paths and links a guest makes.
/// </summary>
public sealed class DirectoryGrant : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly PathResolution _resolution;

    private DirectoryGrant(SafeFileHandle handle, string guestPath, bool writable, PathResolution resolution)
    {
        _handle = handle;
        _resolution = resolution;
        GuestPath = guestPath;
        IsWritable = writable;
    }

    /// <summary>The name under which guests see it, for example <c>/data</c>.</summary>
    public string GuestPath { get; }

    /// <summary>Whether guests may change what is in it.</summary>
    public bool IsWritable { get; }

    /// <summary>Opens a directory of the host.</summary>
    /// <param name="hostPath">An existing directory.</param>
    /// <param name="guestPath">The name under which guests see it.</param>
    /// <param name="writable">Whether guests may change what is in it.</param>
    /// <returns>The grant; dispose of it after the last guest that has it.</returns>
    /// <exception cref="DirectoryNotFoundException"><paramref name="hostPath"/> is not a directory.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on Linux.</exception>
    public static DirectoryGrant Open(string hostPath, string guestPath, bool writable = false) =>
        Open(hostPath, guestPath, writable, PathResolver.Best);

    internal static unsafe DirectoryGrant Open(string hostPath, string guestPath, bool writable, PathResolution resolution)
    {
        ArgumentException.ThrowIfNullOrEmpty(hostPath);
        ArgumentNullException.ThrowIfNull(guestPath);
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Granting directories to guests needs Linux.");
        if (!Directory.Exists(hostPath))
            throw new DirectoryNotFoundException($"'{hostPath}', to be granted as '{guestPath}', is not a directory.");

        SafeFileHandle handle;
        var path = System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(hostPath) + '\0');
        fixed (byte* bytes = path)
            handle = Libc.OpenAt(Libc.AT_FDCWD, bytes, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (!handle.IsInvalid)
            return new DirectoryGrant(handle, guestPath, writable, resolution);

        var error = Descriptor.LastError();
        handle.Dispose();
        throw new IOException($"'{hostPath}', to be granted as '{guestPath}', cannot be opened: {error}.");
    }

    /// <summary>Closes the directory. A guest that still uses it traps.</summary>
    public void Dispose() => _handle.Dispose();

    internal Descriptor ToDescriptor(WasiContext context) => new(
        context,
        _handle,
        owned: false,
        DescriptorType.Directory,
        DescriptorFlags.Read | (IsWritable ? DescriptorFlags.MutateDirectory : 0),
        IsWritable,
        _resolution);
}
