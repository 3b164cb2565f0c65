using Windhover.Components.Abi;
using Windhover.Components.Resources;

namespace Windhover.Components.Linking;

/// <summary>The state of one component instance inside a running component (Canonical ABI, "Component Instances").</summary>
internal sealed class GuestInstance(GuestInstance? parent)
{
    public readonly HandleTable Handles = new();

    public readonly GuestInstance? Parent = parent;

    /// <summary>False while the guest's allocator or post-return runs: it may not call out.</summary>
    public bool MayLeave = true;

    /// <summary>False while the guest runs, and for ever after a trap.</summary>
    public bool MayEnter = true;

    /// <summary>
    /// Closes what the call enters: this instance and its ancestors, less the caller and the caller's ancestors (entering_set).
    /// </summary>
    public void EnterFrom(GuestInstance? caller)
    {
        for (GuestInstance? i = this; i is not null; i = i.Parent)
        {
            if (!IsWithin(caller, i))
            {
                if (!i.MayEnter)
                {
                    Traps.CannotEnter();
                }

                i.MayEnter = false;
            }
        }
    }

    public void LeaveTo(GuestInstance? caller)
    {
        for (GuestInstance? i = this; i is not null; i = i.Parent)
        {
            if (!IsWithin(caller, i))
            {
                i.MayEnter = true;
            }
        }
    }

    private static bool IsWithin(GuestInstance? caller, GuestInstance instance)
    {
        for (; caller is not null; caller = caller.Parent)
        {
            if (ReferenceEquals(caller, instance))
            {
                return true;
            }
        }

        return false;
    }
}
