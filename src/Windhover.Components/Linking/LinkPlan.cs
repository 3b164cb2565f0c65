using Windhover.Components.Abi;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Linking;

// What a component's instantiation comes to, worked out once per component and host:
//
//   component (nested, composed, aliased …)         plan (flat)
//   ┌───────────────────────────────┐               core instances:  0 main   imports → host function │ export of core instance
//   │ ┌─────────┐  ┌──────────────┐ │   PlanBuilder                  1 …
//   │ │ child A │─►│ child B      │ │  ────────────► guests:         0 root, 1 A, 2 B   (tables of handles, may_enter, may_leave)
//   │ └─────────┘  └──────────────┘ │               memory slots:    (core instance, export name) …
//   └───────────────────────────────┘               function slots:  (core instance, export name) …
//                                                   exports:         name → lifted function, instance, type
//
// A running ComponentInstance is then arrays indexed by the plan's numbers: no names are looked up on a call, and nothing of the
// component's structure is walked at instantiation.

/// <summary>A core item of the plan: what a core import is satisfied by, or what a slot is filled from.</summary>
internal abstract record CoreItem
{
    /// <summary>An export of an earlier core instance.</summary>
    internal sealed record Export(int Instance, string Name) : CoreItem;

    /// <summary>A function of the host: a lowered import or a built-in. One object for every instance of the component.</summary>
    internal sealed record Host(HostFunction Function) : CoreItem;
}

/// <summary>One core module to instantiate. <paramref name="Imports"/> in the order of <see cref="Module.Imports"/>.</summary>
/// <param name="Module">The module.</param>
/// <param name="Imports">What satisfies its imports.</param>
/// <param name="Guest">The component instance that it belongs to.</param>
internal sealed record CoreInstantiation(Module Module, IReadOnlyList<CoreItem> Imports, int Guest);

internal sealed class LinkPlan
{
    /// <summary>Whether the component names built-ins that can block a stack: its calls then run on the pool, never on the caller's thread.</summary>
    public bool BlocksStacks { get; set; }

    public List<CoreInstantiation> CoreInstances { get; } = [];

    /// <summary>The parent of each component instance; -1 for the root, which is number 0.</summary>
    public List<int> GuestParents { get; } = [];

    /// <summary>Of a composition: the number of the part that each component instance belongs to. Empty for a component alone.</summary>
    public List<int> GuestPartOf { get; } = [];

    public List<CoreItem> MemorySlots { get; } = [];

    public List<CoreItem> FunctionSlots { get; } = [];

    public Dictionary<string, Entity> Exports { get; } = new(StringComparer.Ordinal);

    private readonly Dictionary<CoreItem, int> _memoryIndex = [];
    private readonly Dictionary<CoreItem, int> _functionIndex = [];

    public int MemorySlot(CoreItem item) => Slot(item, MemorySlots, _memoryIndex);

    public int FunctionSlot(CoreItem item) => Slot(item, FunctionSlots, _functionIndex);

    private static int Slot(CoreItem item, List<CoreItem> slots, Dictionary<CoreItem, int> index)
    {
        if (!index.TryGetValue(item, out int slot))
        {
            slot = slots.Count;
            slots.Add(item);
            index.Add(item, slot);
        }

        return slot;
    }
}

/// <summary>A component function that <c>canon lift</c> made of a core function of the plan.</summary>
internal sealed class LiftedFunction(FuncType type, CanonicalOptions options, int coreSlot)
{
    public FuncType Type { get; } = type;

    public CanonicalOptions Options { get; } = options;

    public int CoreSlot { get; } = coreSlot;

    public bool TakesBorrows { get; } = type.Parameters.Any(p => p.Type.ContainsBorrow);

    public bool HasFlatResult { get; } = type.Result is not null;

    /// <summary>Runs to its end in one go: neither its type nor its lifting is asynchronous.</summary>
    public bool IsSynchronous { get; } = !type.IsAsync && !options.IsAsync;
}

/// <summary>What a resource type defined by a guest is, in the plan: who defines it and what destroys it. -1: no destructor.</summary>
internal sealed record GuestResourceInfo(int DefinerInstance, int DestructorSlot);
