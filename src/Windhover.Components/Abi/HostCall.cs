using Windhover.Engine;

namespace Windhover.Components.Abi;

/// <summary>
/// One call that a guest makes to the host: the flat core values and the guest's side of the canonical ABI. Arguments stand in
/// <see cref="Values"/>; the result, when it is flat, is written to <c>Values[0]</c>, otherwise to the pointer that the guest passed last.
/// Valid until the handler returns.
/// </summary>
public ref struct HostCall
{
    /// <summary>The guest's memory, allocator and handles.</summary>
    public CanonicalContext Context;

    /// <summary>The flat arguments (at most 16 and the return pointer), then the result.</summary>
    public readonly Span<RawValue> Values;

    internal HostCall(CanonicalContext context, Span<RawValue> values)
    {
        Context = context;
        Values = values;
    }

    /// <summary>The state that the host gave to the component's instance.</summary>
    public readonly object? State => Context.HostState;
}

/// <summary>
/// Handles a guest's call to the host: generated glue, or the dynamic adapter. What it throws becomes a trap of the guest
/// (<see cref="TrapException"/>), except <see cref="UnwindException"/>, which passes to the host's caller as it is.
/// </summary>
public delegate void HostCallHandler(ref HostCall call);
