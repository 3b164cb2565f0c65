using Windhover.Components.Linking;
using Windhover.Components.Resources;
using Windhover.Engine;

namespace Windhover.Components.Abi;

// The way of one call from the host into a guest (Canonical ABI, canon_lift, synchronous):
//
//   1. enter     the instance and its ancestors must be free to enter; they are closed until step 6
//   2. lower     the caller lowers arguments through Context into `values`
//   3. call      the core function runs
//   4. lift      the caller reads the result through Context
//   5. return    no borrow handed to the guest may be left; post-return runs, and may not call out
//   6. leave     the instance is open again
//
// A trap anywhere leaves the instance closed for good: nothing resets it, so a later call answers "cannot enter component instance".

/// <summary>
/// A call of a component's exported function by generated glue: construct (enters), lower arguments through <see cref="Context"/>,
/// <see cref="Invoke"/>, lift the result, <see cref="Complete"/>. Not completing after an exception leaves the instance unusable, as
/// the specification says of a trap. Use on one thread.
/// </summary>
public ref struct ExportCall
{
    /// <summary>The guest's memory, allocator and handles.</summary>
    public CanonicalContext Context;

    private readonly LiftedFunction _function;
    private RawValue _result;
    private bool _hasResult;
    private readonly ComponentInstance.SyncFrame _outer;
    private readonly bool _isTurn;

    /// <summary>Enters the instance. When <see cref="ExportTask.NeedsTurn"/> says so, only inside of <see cref="ExportTask.Run"/>.</summary>
    /// <exception cref="TrapException">The instance is running, or trapped before.</exception>
    public ExportCall(ComponentInstance instance, ExportedFunction function)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(function);
        _function = function.Lifted;
        instance.CheckPlan(function.Plan);
        Context = new CanonicalContext(instance, _function.Options);
        Context.Guest.EnterFrom(null);
        _isTurn = instance.BeginDirectCall();
        _outer = instance.PushSyncFrame();
        Context.Borrows = _function.TakesBorrows ? new BorrowScope() : null;
    }

    /// <summary>Runs the function: flat arguments in, the flat result (if any) out in <c>values[0]</c>.</summary>
    /// <exception cref="TrapException">The guest trapped.</exception>
    public void Invoke(Span<RawValue> values)
    {
        Context.Root.GetFunction(_function.CoreSlot).Call(Context.Root.Store, values);
        Context.Refresh();
        _hasResult = _function.HasFlatResult;
        if (_hasResult)
        {
            _result = values[0];
        }
    }

    /// <summary>Runs post-return, after the result was lifted, and leaves the instance.</summary>
    /// <exception cref="TrapException">The guest kept a borrow, or its post-return trapped.</exception>
    public void Complete()
    {
        if (Context.Borrows is { Count: > 0 })
        {
            throw Traps.Create("borrow handles still remain at the end of the call");
        }

        if (Context.Options.PostReturnSlot >= 0)
        {
            Context.Guest.MayLeave = false;
            Span<RawValue> values = stackalloc RawValue[1];
            values[0] = _result;
            Context.Root.GetFunction(Context.Options.PostReturnSlot).Call(Context.Root.Store, values[..(_hasResult ? 1 : 0)]);
            Context.Guest.MayLeave = true;
        }

        Context.ReleaseLends();
        Context.Root.PopSyncFrame(_outer);
        Context.Guest.LeaveTo(null);
        if (_isTurn)
            Context.Root.EndDirectCall();
    }
}
