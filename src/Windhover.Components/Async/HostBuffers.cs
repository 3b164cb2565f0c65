using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>Bytes of the host: pipe memory, an array. A guest's memory is copied from or to them directly. Only for <c>u8</c>.</summary>
internal sealed class HostBytes(Memory<byte> memory) : CopyBuffer
{
    private readonly int _length = (int)Math.Min((uint)memory.Length, MaxLength);
    private int _progress;

    public override int Remaining => _length - _progress;

    public override bool IsZeroLength => _length == 0;

    public override uint Progress => (uint)_progress;

    public override bool HasBytes => true;

    public override Span<byte> NextBytes(int count, int itemSize) => memory.Span.Slice(_progress, count);

    public override void Advance(int count, int itemSize) => _progress += count;

    public override object?[] Read(int count, ValType type)
    {
        var values = new object?[count];
        for (int i = 0; i < count; i++)
            values[i] = memory.Span[_progress++];
        return values;
    }

    public override void Write(object?[] values, ValType type)
    {
        foreach (object? value in values)
            memory.Span[_progress++] = (byte)value!;
    }
}

/// <summary>Values of the host: to be written, or room for values that are read.</summary>
internal sealed class HostValues(object?[] items) : CopyBuffer
{
    private readonly int _length = (int)Math.Min((uint)items.Length, MaxLength);
    private int _progress;

    public override int Remaining => _length - _progress;

    public override bool IsZeroLength => _length == 0;

    public override uint Progress => (uint)_progress;

    public override bool HasBytes => false;

    public override Span<byte> NextBytes(int count, int itemSize) => throw new InvalidOperationException("These are values.");

    public override void Advance(int count, int itemSize) => _progress += count;

    public override object?[] Read(int count, ValType type)
    {
        object?[] values = items.AsSpan(_progress, count).ToArray();
        _progress += count;
        return values;
    }

    public override void Write(object?[] values, ValType type)
    {
        values.CopyTo(items, _progress);
        _progress += values.Length;
    }
}
