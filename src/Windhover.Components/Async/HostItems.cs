using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Windhover.Components.Abi;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>Reads one item of a stream or future from a guest's memory; written by the generator.</summary>
public delegate T LoadItem<out T>(ref CanonicalContext context, uint address);

/// <summary>Writes one item of a stream or future into a guest's memory; written by the generator.</summary>
public delegate void StoreItem<in T>(ref CanonicalContext context, uint address, T item);

/// <summary>Items of the host as values of their C# type.</summary>
internal abstract class TypedBuffer : CopyBuffer
{
    public abstract void LoadFrom(GuestBuffer guest, int count, ValType type);

    public abstract void StoreTo(GuestBuffer guest, int count, ValType type);

    public abstract void TakeFrom(TypedBuffer other, int count);

    public sealed override object?[] Read(int count, ValType type) => throw new InvalidOperationException("These items are typed.");

    public sealed override void Write(object?[] values, ValType type) => throw new InvalidOperationException("These items are typed.");
}

/// <summary>
/// Items of one C# type. Numbers are moved as bytes, straight between the guest's memory and <paramref name="items"/>; others one by one through glue.
/// </summary>
/// <param name="items">What is written, or room for what is read.</param>
/// <param name="load">Null for numbers, and for items that are only written.</param>
/// <param name="store">Null for numbers, and for items that are only read.</param>
internal sealed class HostItems<T>(Memory<T> items, LoadItem<T>? load, StoreItem<T>? store) : TypedBuffer
{
    private readonly int _length = (int)Math.Min((uint)items.Length, MaxLength);
    private int _progress;

    public override int Remaining => _length - _progress;

    public override bool IsZeroLength => _length == 0;

    public override uint Progress => (uint)_progress;

    public override bool HasBytes => load is null && store is null && !RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    public override Span<byte> NextBytes(int count, int itemSize)
    {
        if (Unsafe.SizeOf<T>() != itemSize)
            throw Traps.Create($"items of {itemSize} bytes do not fit a {typeof(T).Name}");
        Span<T> next = items.Span.Slice(_progress, count);
        return MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(next)), count * itemSize);
    }

    public override void Advance(int count, int itemSize) => _progress += count;

    public override void LoadFrom(GuestBuffer guest, int count, ValType type)
    {
        CanonicalContext context = guest.Open(out uint address);
        for (int i = 0; i < count; i++, address += (uint)type.Size)
            items.Span[_progress++] = load!(ref context, address);
        context.ReleaseCharge();
        guest.Advance(count, type.Size);
    }

    public override void StoreTo(GuestBuffer guest, int count, ValType type)
    {
        CanonicalContext context = guest.Open(out uint address);
        for (int i = 0; i < count; i++, address += (uint)type.Size)
            store!(ref context, address, items.Span[_progress++]);
        guest.Advance(count, type.Size);
    }

    public override void TakeFrom(TypedBuffer other, int count)
    {
        if (other is not HostItems<T> same)
            throw Traps.Create($"a guest handed a stream or future of the host through, whose items are not of the type {typeof(T).Name} that is read");
        same.Take(items.Span.Slice(_progress, count));
        _progress += count;
    }

    private void Take(Span<T> target)
    {
        items.Span.Slice(_progress, target.Length).CopyTo(target);
        _progress += target.Length;
    }
}
