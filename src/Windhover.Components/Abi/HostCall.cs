using Windhover.Components.Types;
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

    /// <summary>
    /// Whether the guest lowered the function asynchronously: then at most 4 core values of arguments are flat, and every result goes through
    /// the pointer. Only glue of asynchronous functions needs to ask.
    /// </summary>
    public readonly bool IsAsync => Context.Options.IsAsync;

    /// <summary>Whether the arguments lie in memory, behind <c>Values[0]</c>.</summary>
    public readonly bool ParametersInMemory(FuncType type) =>
        type.FlatParameterCount > (IsAsync ? FuncType.MaxFlatAsyncParams : FuncType.MaxFlatParams);

    /// <summary>Whether the result goes through a pointer, and the pointer as the guest passed it (to be checked with CheckBlock).</summary>
    public readonly bool ResultAddress(FuncType type, out uint address)
    {
        address = 0;
        if (type.Result is null || (!IsAsync && type.FlatResultCount <= FuncType.MaxFlatResults))
            return false;
        address = Values[ParametersInMemory(type) ? 1 : type.FlatParameterCount].U32;
        return true;
    }
}

/// <summary>
/// Handles a guest's call to the host: generated glue, or the dynamic adapter. What it throws becomes a trap of the guest
/// (<see cref="TrapException"/>), except <see cref="UnwindException"/>, which passes to the host's caller as it is.
/// </summary>
public delegate void HostCallHandler(ref HostCall call);
