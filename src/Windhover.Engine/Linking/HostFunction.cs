namespace Windhover.Engine;

/// <summary>
/// A function of the host that guests can import. One object may serve any number of stores, linkers and threads at once: what belongs
/// to one guest is in <see cref="Store.State"/>. A linker or store that was given it keeps it alive.
/// </summary>
public abstract class HostFunction
{
    /// <summary>Sets the type by which guests see it.</summary>
    protected HostFunction(FunctionType type) => Type = type;

    /// <summary>The type by which guests see it.</summary>
    public FunctionType Type { get; }

    /// <summary>
    /// Does the work. <paramref name="values"/> holds the arguments, and takes the results from slot 0 on; it is longer than either when
    /// the other is, and is gone when this returns. Nothing in it is to be trusted but the type. May call back into the guest.
    /// </summary>
    /// <remarks>
    /// Whatever it throws ends the guest and comes out of the call that entered it: a <see cref="TrapException"/> or
    /// <see cref="UnwindException"/> as it is, any other as the inner exception of a <see cref="TrapException"/> of
    /// kind <see cref="TrapKind.Host"/>.
    /// </remarks>
    protected internal abstract void Invoke(Store store, Span<RawValue> values);
}
