using System.Runtime.CompilerServices;
using Windhover.Components.Abi;
using Windhover.Components.Resources;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>
/// A running component: its core instances, memories and tables of handles, in one <see cref="Engine.Store"/>. It lives as long as the store and is
/// used by one thread at a time. Disposing it drops the host resources that the guest still held; it does not dispose the store.
/// </summary>
public sealed partial class ComponentInstance : IDisposable
{
    internal readonly GuestInstance[] Guests;
    private readonly LinkPlan _plan;
    private readonly Instance[] _coreInstances;
    private readonly LinearMemory[] _memories;
    private readonly Function[] _functions;
    private readonly bool[] _ready; // memories first, then functions
    private readonly object?[]? _partStates;
    private int _instantiated;
    private BudgetMeter? _meter;
    private long _hostMemory;

    internal ComponentInstance(PreparedComponent prepared, Store store, object? hostState, object?[]? partStates)
    {
        _plan = prepared.Plan;
        Component = prepared;
        Store = store;
        HostState = hostState;
        _partStates = partStates;
        Guests = new GuestInstance[_plan.GuestParents.Count];
        for (int i = 0; i < Guests.Length; i++)
        {
            int parent = _plan.GuestParents[i];
            Guests[i] = new GuestInstance(parent < 0 ? null : Guests[parent], store.Meter);
        }

        _coreInstances = new Instance[_plan.CoreInstances.Count];
        _memories = new LinearMemory[_plan.MemorySlots.Count];
        _functions = new Function[_plan.FunctionSlots.Count];
        _ready = new bool[_memories.Length + _functions.Length];
    }

    /// <summary>What was instantiated.</summary>
    public PreparedComponent Component { get; }

    /// <summary>The store that the component runs in.</summary>
    public Store Store { get; }

    /// <summary>The state that the host gave, found by its functions in <see cref="HostCall.State"/>.</summary>
    public object? HostState { get; }

    /// <summary>The state that a call of this guest to the host finds: its part's own, where parts have some.</summary>
    internal object? HostStateOf(int guest) => _partStates is null ? HostState : _partStates[_plan.GuestPartOf[guest]];

    /// <summary>
    /// Whether a call can enter: false while one runs, and for ever after one that trapped or was given up half-way. Ask when no call runs to
    /// learn whether the instance is still of use.
    /// </summary>
    public bool CanEnter => Array.TrueForAll(Guests, static guest => guest.MayEnter);

    internal LinkPlan Plan => _plan;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ComponentInstance Of(Store store) => Unsafe.As<ComponentInstance>(store.State!);

    /// <summary>Runs the plan: instantiates the core modules in order.</summary>
    internal void Run(PreparedStep[] steps)
    {
        for (int i = 0; i < steps.Length; i++)
        {
            // A start function runs inside its component: who it calls may not call back in.
            PreparedStep step = steps[i];
            GuestInstance guest = Guests[step.Guest];
            guest.EnterFrom(null);
            _coreInstances[i] = step.Instantiate(Store, _coreInstances);
            guest.LeaveTo(null);
            _instantiated = i + 1;
        }
    }

    private Extern Resolve(CoreItem item)
    {
        switch (item)
        {
            case CoreItem.Host host:
                return Store.CreateFunction(host.Function);
            case CoreItem.Export export:
                if (export.Instance >= _instantiated)
                {
                    throw Traps.Create($"the core instance that exports `{export.Name}` is not instantiated yet");
                }

                return _coreInstances[export.Instance].TryGetExport(Store, export.Name, out Extern found)
                    ? found
                    : throw Traps.Create($"the core instance has no export `{export.Name}`");
            default:
                throw new InvalidOperationException("Unknown core item.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal LinearMemory GetMemory(int slot) => _ready[slot] ? _memories[slot] : ResolveMemory(slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Function GetFunction(int slot) => _ready[_memories.Length + slot] ? _functions[slot] : ResolveFunction(slot);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private LinearMemory ResolveMemory(int slot)
    {
        _memories[slot] = Resolve(_plan.MemorySlots[slot]).AsMemory();
        _ready[slot] = true;
        return _memories[slot];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Function ResolveFunction(int slot)
    {
        _functions[slot] = Resolve(_plan.FunctionSlots[slot]).AsFunction();
        _ready[_memories.Length + slot] = true;
        return _functions[slot];
    }

    /// <summary>Bytes of the component's linear memories: of those that its interface functions use.</summary>
    public long MemoryBytes
    {
        get
        {
            if (_instantiated < _coreInstances.Length)
                return 0;
            long bytes = 0;
            for (int i = 0; i < _memories.Length; i++)
                bytes += (long)GetMemory(i).Size(Store);
            return bytes;
        }
    }

    /// <summary>Charges the app with bytes that the host holds for this instance; they go back at the latest with it.</summary>
    internal void ChargeHostMemory(long bytes)
    {
        if (Store.Meter is not { } meter)
            return;
        if (!meter.TryCharge(BudgetKind.HostMemory, bytes, out BudgetMeter? full))
            throw new TrapException(TrapKind.Host, full!.Exceeded(BudgetKind.HostMemory));
        _hostMemory += bytes;
        _meter = meter;
    }

    internal void ReleaseHostMemory(long bytes)
    {
        bytes = Math.Min(bytes, _hostMemory);
        _hostMemory -= bytes;
        _meter?.Release(BudgetKind.HostMemory, bytes);
    }

    internal void CheckPlan(LinkPlan plan)
    {
        if (!ReferenceEquals(plan, _plan))
        {
            throw new ArgumentException("The function belongs to another component than this instance.");
        }
    }

    internal static int DefinerOf(ResourceType type) => type.HostTag is GuestResourceInfo info ? info.DefinerInstance : -1;

    /// <summary>Ends an owned resource: disposes a host's object, or runs a guest's destructor as a call from <paramref name="caller"/>.</summary>
    internal void Destroy(ResourceType type, object? obj, uint rep, GuestInstance? caller)
    {
        if (obj is not null)
        {
            (obj as IDisposable)?.Dispose();
            return;
        }

        if (type.HostTag is GuestResourceInfo { DestructorSlot: >= 0 } info)
        {
            GuestInstance definer = Guests[info.DefinerInstance];
            definer.EnterFrom(caller);
            SyncFrame outer = PushSyncFrame(); // a call of its own: it must not return, cancel or block the task that drops
            Span<RawValue> values = stackalloc RawValue[1];
            values[0] = rep;
            GetFunction(info.DestructorSlot).Call(Store, values);
            PopSyncFrame(outer);
            definer.LeaveTo(caller);
        }
        else if (type.HostTag is GuestResourceInfo plain && !Guests[plain.DefinerInstance].MayEnter && caller is null)
        {
            Traps.CannotEnter();
        }
    }

    /// <summary>The host drops what it owns: at once, or in the next turn where others run.</summary>
    internal void DropResource(ResourceType type, object? obj, uint rep)
    {
        if (obj is null && NeedsTurn)
            Scheduler.Post(() => Destroy(type, obj, rep, caller: null));
        else
            Destroy(type, obj, rep, caller: null);
    }

    /// <summary>
    /// Calls an exported function with dynamic values (see <see cref="ComponentValues"/> for their .NET types). Blocks until an asynchronous
    /// one has returned its result; <see cref="CallAsync"/> does not.
    /// </summary>
    /// <exception cref="ArgumentException">The arguments do not fit the function's type.</exception>
    /// <exception cref="InvalidOperationException">An asynchronous function is called from within a call of the component.</exception>
    /// <exception cref="TrapException">The guest trapped.</exception>
    public object? Call(ExportedFunction function, params object?[] arguments)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(arguments);
        CheckPlan(function.Plan);
        ComponentValues.CheckArguments(function.Type, arguments);
        bool isInTurn = _scheduler is { IsInTurn: true };
        if (function.Lifted.IsSynchronous && (_scheduler is null || isInTurn))
            return CallDirectly(function, arguments);
        return isInTurn
            ? throw new InvalidOperationException("A host function cannot block on a call into the component that called it: use CallAsync.")
            : CallAsync(function, arguments).GetAwaiter().GetResult();
    }

    /// <summary>Disposes the host resources that the guest still held. Guest destructors are not run: their memory goes with the store.</summary>
    public void Dispose()
    {
        _scheduler?.Stop(new ObjectDisposedException(nameof(ComponentInstance)), isAbandoned: _isCalledDirectly);
        Release();
    }

    /// <summary>
    /// The same without waiting for a turn that runs on another thread: that thread ends the instance and does <paramref name="then"/> when its turns are over. Where none
    /// runs, this thread does both before the method returns. Calls under way fail, and no turn begins any more.
    /// </summary>
    /// <param name="then">Called once: the place to dispose the store.</param>
    public void DisposeWhenIdle(Action then)
    {
        ArgumentNullException.ThrowIfNull(then);
        if (_scheduler is { } scheduler && !_isCalledDirectly)
        {
            scheduler.StopThen(new ObjectDisposedException(nameof(ComponentInstance)), () =>
            {
                Release();
                then();
            });
            return;
        }

        Dispose();
        then();
    }

    private void Release()
    {
        ReleaseHostMemory(_hostMemory);
        foreach (GuestInstance guest in Guests)
        {
            guest.Handles.Clear(static entry =>
            {
                if (entry is { Kind: HandleTable.EntryKind.Own, Object: IDisposable disposable })
                {
                    disposable.Dispose();
                }
            });
        }

        if (_instantiated == _coreInstances.Length && !Store.IsDisposed)
        {
            for (int i = 0; i < _memories.Length; i++)
                GetMemory(i).Discard(Store);
        }
    }
}
