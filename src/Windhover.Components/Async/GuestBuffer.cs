using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values;

namespace Windhover.Components.Async;

/// <summary>
/// Where a stream or future copies from or to (Canonical ABI, "Buffer State"). Items of a number type move as bytes, at once; others as values.
/// </summary>
internal abstract class CopyBuffer
{
    /// <summary>The specification's Buffer.MAX_LENGTH: a copied count has 28 bits.</summary>
    public const uint MaxLength = (1 << 28) - 1;

    private const int Piece = 1024;

    public abstract int Remaining { get; }

    public abstract bool IsZeroLength { get; }

    /// <summary>Items copied so far.</summary>
    public abstract uint Progress { get; }

    /// <summary>Whether items of a number type are bytes here.</summary>
    public abstract bool HasBytes { get; }

    /// <summary>The next <paramref name="count"/> items as bytes; only for items of a number type. Valid until guest code runs.</summary>
    public abstract Span<byte> NextBytes(int count, int itemSize);

    /// <summary>Counts items that were copied through <see cref="NextBytes"/>, or that have no content.</summary>
    public abstract void Advance(int count, int itemSize);

    /// <summary>Takes the next items as values.</summary>
    public abstract object?[] Read(int count, ValType type);

    /// <summary>Stores items as values.</summary>
    public abstract void Write(object?[] values, ValType type);

    /// <summary>Moves items from one buffer to another.</summary>
    public static void Copy(CopyBuffer source, CopyBuffer target, int count, ValType? type)
    {
        if (type is null)
        {
            source.Advance(count, 0);
            target.Advance(count, 0);
        }
        else if (IsNumber(type) && source.HasBytes && target.HasBytes)
        {
            int size = type.Size;
            source.NextBytes(count, size).CopyTo(target.NextBytes(count, size));
            source.Advance(count, size);
            target.Advance(count, size);
        }
        else if (source is TypedBuffer or HostBytes || target is TypedBuffer or HostBytes)
        {
            CopyTyped(source, target, count, type);
        }
        else
        {
            // In pieces: the count is the guests', and a bool of one byte there is an object here.
            for (int piece; count > 0; count -= piece)
            {
                piece = Math.Min(count, Piece);
                target.Write(source.Read(piece, type), type);
            }
        }
    }

    private static void CopyTyped(CopyBuffer source, CopyBuffer target, int count, ValType type)
    {
        switch (source, target)
        {
            case (GuestBuffer guest, TypedBuffer items):
                items.LoadFrom(guest, count, type);
                break;
            case (TypedBuffer items, GuestBuffer guest):
                items.StoreTo(guest, count, type);
                break;
            case (TypedBuffer items, TypedBuffer others):
                others.TakeFrom(items, count);
                break;
            case (TypedBuffer, _) or (_, TypedBuffer):
                throw Traps.Create($"a stream or future of `{type}` that a guest handed through is written with typed values and read with dynamic ones");
            default:
                target.Write(source.Read(count, type), type);
                break;
        }
    }

    public static bool IsNumber(ValType? type) =>
        type is PrimitiveType { Kind: not (PrimitiveKind.Bool or PrimitiveKind.Char or PrimitiveKind.String or PrimitiveKind.ErrorContext) };
}

/// <summary>A range of a guest's memory. Checked when it is made; the memory can only grow after that.</summary>
internal sealed class GuestBuffer : CopyBuffer
{
    private readonly ComponentInstance _root;
    private readonly CanonicalOptions _options;
    private readonly int _length;
    private uint _address;
    private int _progress;

    public GuestBuffer(ComponentInstance root, CanonicalOptions options, ValType? type, uint address, uint length)
    {
        if (length > MaxLength)
            throw Traps.Create($"a stream operation on {length} items is longer than the limit of {MaxLength}");
        if (type is not null && length > 0)
        {
            ulong bytes = (ulong)length * (uint)type.Size;
            if (bytes > int.MaxValue)
                Traps.OutOfBounds(address, bytes, 0);
            new CanonicalContext(root, options).CheckBlock(address, (int)bytes, type.Alignment);
        }

        _root = root;
        _options = options;
        _address = address;
        _length = (int)length;
    }

    public override int Remaining => _length - _progress;

    public override bool IsZeroLength => _length == 0;

    public override uint Progress => (uint)_progress;

    public override bool HasBytes => true;

    public override Span<byte> NextBytes(int count, int itemSize) =>
        new CanonicalContext(_root, _options).Bytes(_address, (uint)(count * itemSize));

    public override void Advance(int count, int itemSize)
    {
        _progress += count;
        _address += (uint)(count * itemSize);
    }

    /// <summary>Where the next item is. Count what was copied with <see cref="Advance"/>.</summary>
    public CanonicalContext Open(out uint address)
    {
        address = _address;
        return new CanonicalContext(_root, _options);
    }

    public override object?[] Read(int count, ValType type)
    {
        var cx = new CanonicalContext(_root, _options);
        var values = new object?[count];
        int elements = 0;
        for (int i = 0; i < count; i++)
            values[i] = DynamicLift.Load(ref cx, _address + (uint)(i * type.Size), type, ref elements);
        Advance(count, type.Size);
        cx.ReleaseCharge();
        return values;
    }

    public override void Write(object?[] values, ValType type)
    {
        var cx = new CanonicalContext(_root, _options);
        for (int i = 0; i < values.Length; i++)
            DynamicLower.Store(ref cx, _address + (uint)(i * type.Size), type, values[i]);
        Advance(values.Length, type.Size);
    }
}
