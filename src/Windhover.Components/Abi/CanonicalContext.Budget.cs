namespace Windhover.Components.Abi;

// What one call may make the host copy.
//
// A list's bounds are checked, but its elements are pointers of the guest's choosing, and nothing stops them from all naming the same bytes:
//
//   list<list<u8>> of 1 Mi entries  ──┬─► the same 8 MiB         8 MiB of the guest's memory, 8 TiB of the host's
//                                     ├─► the same 8 MiB
//                                     └─► …
//
// So every string and list that is lifted is charged to its call, by its size in the guest's memory, and the sum has the limit that the
// specification puts on a single one: 2^28 - 1 bytes. Without aliasing, that is more than a guest with 256 MiB of memory can pass.
public ref partial struct CanonicalContext
{
    /// <summary>Counts bytes that are about to be copied out of the guest.</summary>
    /// <exception cref="Engine.TrapException">The call's strings and lists pass 2^28 - 1 bytes together.</exception>
    private void Charge(ulong bytes)
    {
        _lifted += bytes;
        if (_lifted > MaxByteLength)
        {
            Traps.TooMuch();
        }
    }
}
