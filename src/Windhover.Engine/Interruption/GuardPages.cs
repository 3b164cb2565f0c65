using System.Runtime.InteropServices;

namespace Windhover.Engine;

// The guards of one store, and whether they may be read. Its life, seen from the store's thread (left) and everybody else's (right):
//
//      Open        nothing to protect
//      Add         one guard per instance; protected at once if the store is stopped     ◄── Stop: the clock (deadline), a token, Store.Interrupt
//      Arm         a new deadline: pages readable again                                      protects all pages, notes why
//      Close       pages readable again; from here on Stop does nothing                  ◄── too late
//      (the native store is dropped: Wasmtime clears the slots and gives them to others)
//
// Everything is under one lock, so a page is protected only between Open and Close: never while Wasmtime clears the slot, and never when the slot serves
// another store. In between nobody but the guest's own checks touches the page: Wasmtime does not, since the memory neither grows nor is initialised, and
// the user cannot get at it. So the only fault that protection can cause is at a check, in guest code, where Wasmtime expects one.
//
// A stopped store stays stopped, as with epochs: a host function may swallow the trap, but the guest it returns to meets the next check.
internal sealed unsafe partial class GuardPages
{
    private const int ReadWrite = 3;
    private const int NoAccess = 0;

    private static readonly nuint PageSize = (nuint)Environment.SystemPageSize;

    private readonly Lock _gate = new();
    private readonly DeadlineSlot _deadline;
    private Guard[] _guards = new Guard[2];
    private int _count;
    private long _life;
    private bool _open;
    private Cause _stopped;
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;

    public GuardPages() => _deadline = DeadlineClock.Claim(this);

    /// <summary>How many guards there are.</summary>
    public int Count => _count;

    /// <summary>Begins to serve a store. The result is what <see cref="Stop"/> has to be given to mean this store and no later one.</summary>
    public long Open()
    {
        lock (_gate)
        {
            _open = true;
            return ++_life;
        }
    }

    /// <summary>Adds the guard of a new instance.</summary>
    public void Add(byte* address, nuint length, GuardedCode code)
    {
        lock (_gate)
        {
            if (_count == _guards.Length)
                Array.Resize(ref _guards, _count * 2);
            _guards[_count++] = new Guard(address, (length + PageSize - 1) & ~(PageSize - 1), code);
            if (_stopped != Cause.None)
                _guards[_count - 1].Protect(NoAccess);
        }
    }

    /// <summary>Starts a period that ends at a timestamp, with a token, or never.</summary>
    public void Arm(long end, CancellationToken token)
    {
        CancellationTokenRegistration old;
        lock (_gate)
        {
            old = _registration;
            _registration = default;
            TryUnprotect();
            _token = token;
            _deadline.Set(end);
        }
        old.Unregister();
        if (!token.CanBeCanceled)
            return;
        // A token that is cancelled already calls back from within.
        var registration = token.UnsafeRegister(static state => ((Arming)state!).Cancel(), new Arming(this, _life));
        lock (_gate)
            _registration = registration;
    }

    /// <summary>Stops the store, unless it has been closed since <paramref name="life"/> began.</summary>
    public void Stop(long life)
    {
        lock (_gate)
        {
            if (life == _life)
                Protect(Cause.Request);
        }
    }

    /// <summary>Stops the store if its deadline is past.</summary>
    public void StopIfDue(long now)
    {
        lock (_gate)
        {
            if (_deadline.End <= now)
                Protect(Cause.Deadline);
        }
    }

    /// <summary>Ends it: the native store may be dropped.</summary>
    /// <returns>
    /// False when a page could not be made readable again, for want of memory maps. Wasmtime must then never see it again: the store has to be abandoned.
    /// </returns>
    public bool Close()
    {
        CancellationTokenRegistration old;
        bool readable;
        lock (_gate)
        {
            old = _registration;
            _registration = default;
            _token = default;
            _deadline.Set(long.MaxValue);
            readable = TryUnprotect();
            _open = false;
            _stopped = Cause.None;
            Array.Clear(_guards, 0, _count);
            _count = 0;
        }
        old.Unregister();
        return readable;
    }

    /// <summary>Gives the place in the clock back; the object is not used any more.</summary>
    public void Release() => DeadlineClock.Release(_deadline);

    /// <summary>The module that a frame of a backtrace belongs to; null when it is not one of ours.</summary>
    public GuardedCode? Find(string? moduleName)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_guards[i].Code.Alias == moduleName)
                return _guards[i].Code;
        }
        return null;
    }

    /// <summary>What a guest that was stopped throws.</summary>
    public TrapException Reason()
    {
        lock (_gate)
        {
            return _stopped switch
            {
                Cause.Token => new TrapException(TrapKind.Interrupt, "The guest was cancelled.", new OperationCanceledException(_token)),
                Cause.Request => new TrapException(TrapKind.Interrupt, "The guest was stopped."),
                _ => new TrapException(TrapKind.Interrupt, "The guest ran past its deadline."),
            };
        }
    }

    private void Cancel(long life)
    {
        lock (_gate)
        {
            if (life == _life && _token.IsCancellationRequested)
                Protect(Cause.Token);
        }
    }

    private void Protect(Cause cause)
    {
        if (!_open || _stopped != Cause.None)
            return;
        _stopped = cause;
        _deadline.Set(long.MaxValue);
        // Cannot fail: the page becomes one map with its neighbours, which have no access either.
        for (var i = 0; i < _count; i++)
            _guards[i].Protect(NoAccess);
    }

    // Takes maps, and fails when the process has as many as it may: the store then stays as it is.
    private bool TryUnprotect()
    {
        if (_stopped == Cause.None)
            return true;
        for (var i = 0; i < _count; i++)
        {
            if (!_guards[i].Protect(ReadWrite))
                return false;
        }
        _stopped = Cause.None;
        return true;
    }

    [LibraryImport("libc")]
    private static partial int mprotect(byte* address, nuint length, int protection);

    private enum Cause : byte
    {
        None,
        Deadline,
        Token,
        Request,
    }

    private readonly struct Guard(byte* address, nuint length, GuardedCode code)
    {
        public readonly GuardedCode Code = code;

        public bool Protect(int protection) => mprotect(address, length, protection) == 0;
    }

    private sealed class Arming(GuardPages pages, long life)
    {
        public void Cancel() => pages.Cancel(life);
    }
}
