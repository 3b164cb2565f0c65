using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Windhover.Components.Abi;
using Windhover.Components.Types;

namespace Windhover.Components.Resources;

// The table of handles that one component instance owns (Canonical ABI, "Table State").
//
//   guest index      0        1        2        3
//                 ┌──────┬────────┬────────┬────────┐
//   entries       │ null │ own R  │ free   │ borrow │ …     index 0 is never valid
//                 └──────┴────────┴───┬────┴────────┘
//                                     └─► next free (LIFO, as the specification's `free` list)
//
// A guest can only name an index; what stands behind it (type, representation, ownership, lends) is checked on every use, so a
// forged, stale or mistyped index is a trap and nothing else. Entries are structs in one array: 40 bytes each, no object per handle.
// The same table will hold waitables of the asynchronous ABI (kind Waitable*, the object in Object).
internal sealed class HandleTable(Engine.BudgetMeter? meter)
{
    /// <summary>The specification's MAX_LENGTH: indices fit 28 bits, since packed results carry 4 bits of state beside them.</summary>
    public const int MaxLength = (1 << 28) - 1;

    private Entry[] _entries = [];
    private int _used = 1; // index 0 stays empty
    private int _free; // head of the free list; 0 ends it
    private int _live;
    private long _charged;

    internal enum EntryKind : byte
    {
        Free = 0,
        Own,
        Borrow,

        /// <summary>Anything of the asynchronous ABI (subtask, waitable set, stream or future end, error context): the object itself.</summary>
        Object,
    }

    internal struct Entry
    {
        /// <summary>The resource's type; null for <see cref="EntryKind.Object"/>.</summary>
        public ResourceType? Type;

        /// <summary>The host's object for a host resource, the waitable for <see cref="EntryKind.Object"/>; otherwise null.</summary>
        public object? Object;

        /// <summary>For a borrow: the call that it must not outlive.</summary>
        public BorrowScope? Scope;

        /// <summary>The guest's 32-bit representation; for a free entry, the next free index.</summary>
        public uint Rep;

        public int Lends;
        public EntryKind Kind;
    }

    /// <summary>The number of live handles.</summary>
    public int Count => _live;

    public uint AddOwn(ResourceType type, object? obj, uint rep) => Add(new Entry { Kind = EntryKind.Own, Type = type, Object = obj, Rep = rep });

    public uint AddBorrow(ResourceType type, object? obj, uint rep, BorrowScope scope)
    {
        uint index = Add(new Entry { Kind = EntryKind.Borrow, Type = type, Object = obj, Rep = rep, Scope = scope });
        scope.Count++;
        return index;
    }

    public uint AddObject(object obj) => Add(new Entry { Kind = EntryKind.Object, Object = obj });

    private uint Add(in Entry entry)
    {
        int index = _free;
        if (index != 0)
        {
            _free = (int)_entries[index].Rep;
        }
        else
        {
            index = _used;
            if (index >= _entries.Length)
            {
                Grow();
            }

            _used++;
        }

        _entries[index] = entry;
        _live++;
        return (uint)index;
    }

    private void Grow()
    {
        if (_used > MaxLength)
        {
            throw Traps.Create("the table of handles is full (2^28 - 1 entries)");
        }

        int length = (int)Math.Min(Math.Max(8L, _entries.Length * 2L), MaxLength + 1L);
        if (meter is not null)
        {
            // The budget is charged by the table's size, not by each handle: once per doubling instead of once per call. When not all of the doubling
            // is left, the table takes what is.
            long taken = meter.ChargeUpTo(Engine.BudgetKind.Handles, length - Math.Max(1, _entries.Length));
            if (taken == 0)
            {
                throw new Engine.TrapException(Engine.TrapKind.Host, meter.Exceeded(Engine.BudgetKind.Handles));
            }

            _charged += taken;
            length = (int)(Math.Max(1, _entries.Length) + taken);
        }

        Array.Resize(ref _entries, length);
    }

    /// <summary>The live entry at <paramref name="index"/>; traps when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Entry Get(uint index)
    {
        Entry[] entries = _entries;
        if (index < (uint)entries.Length)
        {
            ref Entry entry = ref entries[index];
            if (entry.Kind != EntryKind.Free)
            {
                return ref entry;
            }
        }

        ThrowUnknown(index);
        return ref Unsafe.NullRef<Entry>();
    }

    /// <summary>The live resource handle at <paramref name="index"/> of exactly <paramref name="type"/>; traps otherwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Entry GetResource(uint index, ResourceType type)
    {
        ref Entry entry = ref Get(index);
        if (!ReferenceEquals(entry.Type, type))
        {
            ThrowMistyped(index, entry, type);
        }

        return ref entry;
    }

    /// <summary>The waitable, set, stream end … at an index; traps when it is anything else.</summary>
    public T GetObject<T>(uint index, string what)
        where T : class
    {
        ref Entry entry = ref Get(index);
        return entry.Kind == EntryKind.Object && entry.Object is T found ? found : throw NotAn(index, what);
    }

    /// <summary>Takes out a waitable, set, stream end …; traps, leaving it, when it is anything else.</summary>
    public T RemoveObject<T>(uint index, string what)
        where T : class
    {
        T found = GetObject<T>(index, what);
        Remove(index);
        return found;
    }

    private static Engine.TrapException NotAn(uint index, string what) => Traps.Create($"handle index {index} is not a {what}");

    /// <summary>Takes an entry out. The caller has checked it through <see cref="Get"/>.</summary>
    public Entry Remove(uint index)
    {
        ref Entry entry = ref Get(index);
        Entry copy = entry;
        entry = new Entry { Rep = (uint)_free };
        _free = (int)index;
        _live--;
        return copy;
    }

    /// <summary>Takes out an owned handle that is not lent (lift_own).</summary>
    public Entry TakeOwn(uint index, ResourceType type)
    {
        ref Entry entry = ref GetResource(index, type);
        if (entry.Lends != 0)
        {
            throw Traps.Create($"cannot remove owned resource while borrowed (handle {index} of `{type.Name}`)");
        }

        if (entry.Kind != EntryKind.Own)
        {
            throw Traps.Create($"expected an owned handle, but handle {index} of `{type.Name}` is a borrow");
        }

        return Remove(index);
    }

    /// <summary>Visits and clears every live entry: used when the store ends, to release what the guest did not.</summary>
    public void Clear(Action<Entry> visit)
    {
        for (int i = 1; i < _used; i++)
        {
            if (_entries[i].Kind != EntryKind.Free)
            {
                Entry entry = _entries[i];
                _entries[i] = default;
                visit(entry);
            }
        }

        _used = 1;
        _free = 0;
        _live = 0;
        _entries = [];
        meter?.Release(Engine.BudgetKind.Handles, _charged);
        _charged = 0;
    }

    [DoesNotReturn]
    private static void ThrowUnknown(uint index) => throw Traps.Create($"unknown handle index {index}");

    [DoesNotReturn]
    private static void ThrowMistyped(uint index, in Entry entry, ResourceType expected) => throw Traps.Create(
        entry.Type is null
            ? $"handle index {index} is not a resource, but `{expected.Name}` was expected"
            : $"handle index {index} used with the wrong type, expected guest-defined resource `{expected.Name}` but found `{entry.Type.Name}`");
}

/// <summary>The lifetime of the borrows handed to one call of a guest: the call may not return while one is left (Task.num_borrows).</summary>
internal sealed class BorrowScope
{
    public int Count;
}
