using Windhover.Engine;

namespace Windhover.Components.Abi;

// What one call may make the host copy.
//
// A list's bounds are checked, but its elements are pointers of the guest's choosing, and nothing stops them from all naming the same bytes:
//
//   list<list<u8>> of 1 Mi entries  ──┬─► the same 8 MiB         8 MiB of the guest's memory, 8 TiB of the host's
//                                     ├─► the same 8 MiB
//                                     └─► …
//
// So every string and list that is lifted is charged to its call, by its size in the guest's memory:
//
//   one call     2^28 - 1 bytes, the limit that the specification puts on a single string or list
//   the app      BudgetKind.HostMemory, for all calls that are under way; up to 64 KiB of a call are not worth the counting
//
// What was charged goes back when the call is over, or, when it trapped, with the instance.
public ref partial struct CanonicalContext
{
    private const ulong Uncounted = 64 * 1024;

    /// <summary>Counts bytes that are about to be copied out of the guest.</summary>
    /// <exception cref="TrapException">The call's strings and lists pass 2^28 - 1 bytes together, or the app's calls pass its budget.</exception>
    internal void Charge(ulong bytes)
    {
        _lifted += bytes;
        if (_lifted > MaxByteLength)
            Traps.TooMuch();
        if (_lifted > Uncounted)
            ChargeApp();
    }

    /// <summary>Counts objects that dynamic values are made of: a number of one byte in the guest is one of 24 bytes and a reference here.</summary>
    /// <exception cref="TrapException">The app's calls pass its budget.</exception>
    internal void ChargeObjects(int count)
    {
        const long ObjectBytes = 32;
        if (count * ObjectBytes <= (long)Uncounted)
            return;
        Root.ChargeHostMemory(count * ObjectBytes);
        _charged += (ulong)(count * ObjectBytes);
    }

    private void ChargeApp()
    {
        Root.ChargeHostMemory((long)(_lifted - _counted));
        _charged += _lifted - _counted;
        _counted = _lifted;
    }

    /// <summary>The call is over: what was copied for it is garbage, or someone else's to count.</summary>
    internal void ReleaseCharge()
    {
        if (_charged == 0)
            return;
        Root.ReleaseHostMemory((long)_charged);
        _charged = _counted = _lifted = 0;
    }
}
