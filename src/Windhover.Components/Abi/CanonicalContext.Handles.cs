using System.Runtime.CompilerServices;
using Windhover.Components.Linking;
using Windhover.Components.Resources;
using Windhover.Components.Types;

namespace Windhover.Components.Abi;

public ref partial struct CanonicalContext
{
    /// <summary>Lifts <c>own&lt;R&gt;</c> of a host resource: the handle leaves the guest's table and the object is the caller's to dispose.</summary>
    public readonly T LiftOwn<T>(uint handle, ResourceType type)
        where T : class => CastHost<T>(Guest.Handles.TakeOwn(handle, type), type);

    /// <summary>
    /// Lifts <c>borrow&lt;R&gt;</c> of a host resource: the object is valid until the call returns and stays the guest's. The handle is
    /// lent meanwhile: it cannot be dropped or moved.
    /// </summary>
    public T LiftBorrow<T>(uint handle, ResourceType type)
        where T : class
    {
        ref HandleTable.Entry entry = ref Guest.Handles.GetResource(handle, type);
        entry.Lends++;
        Lends.Add(handle);
        return CastHost<T>(entry, type);
    }

    /// <summary>Lowers an owned host resource: the guest's table owns the object from now on and disposes it when the guest drops it.</summary>
    public readonly uint LowerOwn(object resource, ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Guest.Handles.AddOwn(type, resource, 0);
    }

    /// <summary>Lowers a borrowed host resource for the duration of an export's call: the guest must drop it before it returns.</summary>
    public readonly uint LowerBorrow(object resource, ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Guest.Handles.AddBorrow(type, resource, 0, Borrows ?? throw new InvalidOperationException("A borrow can be passed to an export only."));
    }

    /// <summary>Lifts <c>own&lt;R&gt;</c> of a resource that a guest defines: the handle becomes the host's.</summary>
    public readonly GuestResource LiftOwnGuest(uint handle, ResourceType type)
    {
        HandleTable.Entry entry = Guest.Handles.TakeOwn(handle, type);
        return new GuestResource(Root, type, entry.Object, entry.Rep, owned: true);
    }

    /// <summary>Lifts <c>borrow&lt;R&gt;</c> of a resource that a guest defines: valid until the call returns.</summary>
    public GuestResource LiftBorrowGuest(uint handle, ResourceType type)
    {
        ref HandleTable.Entry entry = ref Guest.Handles.GetResource(handle, type);
        entry.Lends++;
        Lends.Add(handle);
        return new GuestResource(Root, type, entry.Object, entry.Rep, owned: false);
    }

    /// <summary>Lowers a guest's resource as <c>own</c>: the host gives its handle away and must not use it again.</summary>
    public readonly uint LowerOwnGuest(GuestResource resource, ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(resource);
        (object? obj, uint rep) = resource.Take(Root, type);
        return Guest.Handles.AddOwn(type, obj, rep);
    }

    /// <summary>Lowers a guest's resource as <c>borrow</c>: to its own definer it is the bare representation (lower_borrow).</summary>
    public readonly uint LowerBorrowGuest(GuestResource resource, ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(resource);
        (object? obj, uint rep) = resource.Peek(Root, type);
        return LowerBorrowRaw(obj, rep, type);
    }

    internal readonly uint LowerBorrowRaw(object? obj, uint rep, ResourceType type)
    {
        if (obj is null && ComponentInstance.DefinerOf(type) == Options.InstanceIndex)
        {
            return rep;
        }

        return Guest.Handles.AddBorrow(type, obj, rep, Borrows ?? throw new InvalidOperationException("A borrow can be passed to an export only."));
    }

    /// <summary>Ends the call's lends: the guest may move and drop its handles again (Subtask.deliver_resolve).</summary>
    internal void ReleaseLends()
    {
        ReleaseCharge();
        for (int i = 0; i < Lends.Count; i++)
        {
            Guest.Handles.Get(Lends[i]).Lends--;
        }

        Lends.Clear();
    }

    private static T CastHost<T>(in HandleTable.Entry entry, ResourceType type)
        where T : class => entry.Object as T
            ?? throw new InvalidOperationException(
                $"The host's resource `{type.Name}` is a {entry.Object?.GetType().Name ?? "guest's value"}, not a {typeof(T).Name}: two hosts define the same resource type.");

    /// <summary>The handles lent during one call: nearly always at most four, kept without an allocation.</summary>
    internal struct LendList
    {
        private Inline _inline;
        private List<uint>? _more;

        public int Count { get; private set; }

        public readonly uint this[int index] => index < 4 ? _inline[index] : _more![index - 4];

        public void Add(uint handle)
        {
            if (Count < 4)
            {
                _inline[Count] = handle;
            }
            else
            {
                (_more ??= []).Add(handle);
            }

            Count++;
        }

        public void Clear()
        {
            Count = 0;
            _more?.Clear();
        }

        [InlineArray(4)]
        private struct Inline
        {
            private uint _first;
        }
    }
}
