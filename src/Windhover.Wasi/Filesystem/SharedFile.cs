using Microsoft.Win32.SafeHandles;
using Windhover.Engine;

namespace Windhover.Wasi.Filesystem;

/// <summary>One more user of an open file, which closes with its last user. Counts as an open descriptor, since it keeps one open.</summary>
internal sealed class SharedFile : IDisposable
{
    private readonly WasiUsage _usage;

    public WasiUsage Usage => _usage;
    private int _released;

    private SharedFile(SafeFileHandle handle, WasiUsage usage)
    {
        Handle = handle;
        _usage = usage;
    }

    // A guest that is torn down without dropping its streams must not keep the file open.
    ~SharedFile() => Release();

    public SafeFileHandle Handle { get; }

    /// <summary>Null when the guest holds as many as it may.</summary>
    public static SharedFile? TryShare(SafeFileHandle handle, WasiUsage usage)
    {
        if (!usage.TryOpen(BudgetKind.Files))
            return null;
        var added = false;
        handle.DangerousAddRef(ref added);
        return new SharedFile(handle, usage);
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
            return;
        Handle.DangerousRelease();
        _usage.Closed(BudgetKind.Files);
    }
}
