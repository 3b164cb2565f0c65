using System.ComponentModel;
using Windhover.Components.Linking;

namespace Windhover.Plugins;

// The state of one plug-in object, in one word, so that a call costs one compare-and-swap to enter and one write to leave (about 6 ns):
//
//        0 idle ──CAS──► thread id: a call runs ──write──► 0
//        │                   │ Dispose meanwhile: Leaving is set, the call's end disposes
//        └──CAS──► Disposed ◄┘
//
// Failed is not a state of its own: the component instance knows whether it can be entered again (ComponentInstance.CanEnter).

/// <summary>
/// One plug-in in use: a sandbox with the state of one component instance. The base of the classes that <c>[WitWorld]</c> completes.
/// One call at a time: a call from a second thread, from inside a call, or after <see cref="Dispose"/> is refused with a
/// <see cref="PluginUseException"/>. It may move between threads between calls.
/// </summary>
public abstract partial class Plugin : IDisposable, IAsyncDisposable
{
    private const int Idle = 0, Disposed = -1;

    private readonly PluginInstance _instance;
    private int _state;
    private int _asyncCalls;
    private bool _leaving;
    private TaskCompletionSource? _gone;

    /// <summary>For the generated class.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Plugin(PluginInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        _instance = instance;
        instance.Holder = this;
    }

    /// <summary>What it was made of.</summary>
    public PluginInfo Info => _instance.Component.Info;

    internal PluginInstance Instance => _instance;

    internal bool IsDisposed => _state == Disposed;

    /// <summary>
    /// Ends the use: drops the sandbox with all of its memory, or hands it back to the pool it came from. A call that runs on another thread
    /// ends first; asynchronous calls are waited for by <see cref="DisposeAsync"/>.
    /// </summary>
    public void Dispose()
    {
        if (TryBeginDispose())
            Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>As <see cref="Dispose"/>; completes when the calls that ran have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (TryBeginDispose())
            Release();
        else if (_gone is { } gone)
            await gone.Task.ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private bool TryBeginDispose()
    {
        lock (_instance)
        {
            if (_state == Disposed)
                return false;
            if (_asyncCalls == 0 && Interlocked.CompareExchange(ref _state, Disposed, Idle) == Idle)
                return true;
            _gone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _leaving, true);
            Interlocked.MemoryBarrier();
            // The call may have ended between the two looks.
            return _asyncCalls == 0 && Interlocked.CompareExchange(ref _state, Disposed, Idle) == Idle;
        }
    }

    private void DisposeAfterCall()
    {
        lock (_instance)
        {
            if (_asyncCalls != 0 || Interlocked.CompareExchange(ref _state, Disposed, Idle) != Idle)
                return;
        }

        Release();
    }

    private void Release()
    {
        try
        {
            _instance.Release();
        }
        finally
        {
            _gone?.TrySetResult();
        }
    }

    /// <summary>The plug-in that holds a component's instance now; null for an instance that no plug-in made.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static Plugin? Of(ComponentInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return (instance.HostState as PluginInstance)?.Holder;
    }
}

/// <summary>What a plug-in was made of.</summary>
/// <param name="Name">Its name in messages: by default the file's, without the extension.</param>
/// <param name="Path">Where it was read; null when it came from memory.</param>
/// <param name="Digest">The SHA-256 of the file, in lower-case hexadecimal digits.</param>
public sealed record PluginInfo(string Name, string? Path, string Digest)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} (sha256:{Digest[..12]}…)";
}
