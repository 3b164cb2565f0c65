using System.ComponentModel;
using Windhover.Components.Bindings;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Plugins;

// What generated code does around each call: EnterCall, the call, LeaveCall; and Failure for what the call throws. Public because generated code is
// in the user's assembly; not for people.
public abstract partial class Plugin
{
    /// <summary>Begins a call: one at a time.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ComponentInstance EnterCall(string function)
    {
        int thread = Environment.CurrentManagedThreadId;
        int state = Interlocked.CompareExchange(ref _state, thread, Idle);
        if (state != Idle)
            throw Refusal(state, thread, function);
        _instance.BeginCall();
        return _instance.Component_;
    }

    /// <summary>Ends a call.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void LeaveCall()
    {
        // The exchange, not a plain write: a Dispose that came meanwhile must be seen after the state is idle again.
        Interlocked.Exchange(ref _state, Idle);
        if (_leaving)
            DisposeAfterCall();
    }

    /// <summary>Begins an asynchronous call. Several may be under way; the component's own turns order them.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ComponentInstance EnterAsyncCall(string function)
    {
        lock (_instance)
        {
            if (_state == Disposed || _leaving)
                throw Refusal(Disposed, 0, function);
            _asyncCalls++;
        }

        _instance.BeginCall();
        return _instance.Component_;
    }

    /// <summary>Ends an asynchronous call.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void LeaveAsyncCall()
    {
        lock (_instance)
            _asyncCalls--;
        if (_leaving)
            DisposeAfterCall();
    }

    /// <summary>Whether an exception out of a call is to be translated; what WIT declares, and what came before the plug-in was entered, is not.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsFailure(Exception error) => error switch
    {
        WitException or PluginException => false,
        TrapException or UnwindException => true,
        _ => !_instance.CanEnter,
    };

    /// <summary>What to throw in place of an exception for which <see cref="IsFailure"/> holds.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Exception Failure(string function, Exception error) => PluginFailures.Translate(Info.Name, function, error, _instance.Options);

    /// <summary>Counts a resource of the plug-in that the host holds: a pool does not hand an instance on while somebody has its resources.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void HoldResource() => Interlocked.Increment(ref _instance.HeldResources);

    /// <summary>Counts a resource off.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void LetResourceGo() => Interlocked.Decrement(ref _instance.HeldResources);

    /// <summary>Whether the plug-in has ended and with it all of its resources.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool HasEnded => _state == Disposed;

    private PluginUseException Refusal(int state, int thread, string function) => PluginFailures.Refusal(Info.Name, state == Disposed, state == thread, function);
}
