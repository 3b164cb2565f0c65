using System.Text;
using Windhover.Engine;

namespace Windhover.Wasi.Http;

/// <summary>
/// Header or trailer fields: <c>wasi:http/types.fields</c>. Order and repetitions are kept; names are compared without case and keep the spelling
/// in which they first came. Values are bytes, held as one character for each byte (Latin-1), which loses nothing; large ones that a guest has made stand outside of the collector's
/// heap (<see cref="HostBytes"/>) until the last owner has disposed of the set.
/// </summary>
public sealed partial class Fields : IDisposable
{
    // What a field costs beyond its name and value: a limit on bytes alone would let a guest store empty fields without end.
    private const int Overhead = 32;

    // Bytes of a value from which on it stands outside of the collector's heap.
    private const int Large = 4096;

    private readonly List<Field> _entries;
    private readonly int _limit;
    private int _size;
    private int _held;
    private int _owners = 1;

    /// <summary>No fields yet.</summary>
    /// <param name="limit">How many bytes all names and values may have, with 32 more for each field.</param>
    public Fields(int limit) : this([], limit)
    {
    }

    private Fields(List<Field> entries, int limit)
    {
        _entries = entries;
        _limit = limit;
    }

    /// <summary>Who pays for the bytes: a guest can make any number of sets. Null for those that came in, of which each message has one.</summary>
    internal WasiUsage? Usage { get; init; }

    /// <summary>Whether the guest may no longer change them.</summary>
    public bool IsImmutable { get; private set; }

    /// <summary>How many there are, repetitions counted.</summary>
    public int Count => _entries.Count;

    /// <summary>The field at <paramref name="index"/>, in order. Each character of the value is one byte.</summary>
    public KeyValuePair<string, string> this[int index] => new(_entries[index].Name, _entries[index].Text);

    /// <summary>The first value of a field, or null.</summary>
    public string? Find(string name)
    {
        foreach (var entry in _entries)
        {
            if (IsName(entry.Name, name))
                return entry.Text;
        }
        return null;
    }

    /// <summary>Adds a field that the host received. What belongs to the connection (such as <c>transfer-encoding</c>) is left out.</summary>
    /// <returns>Whether the field was within the limit.</returns>
    public bool AddReceived(string name, string value)
    {
        if (FieldSyntax.IsForbidden(name))
            return true;
        if (!Reserve(name.Length + value.Length))
            return false;
        _entries.Add(new(name, value, null));
        return true;
    }

    /// <summary>From now on the guest gets <c>immutable</c> for changes.</summary>
    public Fields Freeze()
    {
        IsImmutable = true;
        return this;
    }

    /// <summary>One owner fewer: the guest drops its handle, or the message that they belong to is sent. With the last one what they hold is given back.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _owners) != 0)
            return;
        Usage?.Unhold(_held);
        _held = 0;
        foreach (var entry in _entries)
            entry.Bytes?.Dispose();
    }

    /// <summary>The same set with one owner more: a guest that drops the handle it was given to a message's fields must not take them from the message.</summary>
    internal Fields Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    internal static Result<Fields, HeaderError> FromList(IReadOnlyList<(string Name, byte[] Value)> entries, int limit, WasiUsage usage)
    {
        var fields = new Fields(limit) { Usage = usage };
        foreach (var (name, value) in entries)
        {
            var result = fields.Append(name, value);
            if (!result.IsOk)
            {
                fields.Dispose();
                return result.Error;
            }
        }
        return fields;
    }

    internal bool Has(string name)
    {
        foreach (var entry in _entries)
        {
            if (IsName(entry.Name, name))
                return true;
        }
        return false;
    }

    internal IReadOnlyList<ReadOnlyMemory<byte>> Get(string name)
    {
        List<ReadOnlyMemory<byte>>? values = null;
        foreach (var entry in _entries)
        {
            if (IsName(entry.Name, name))
                (values ??= []).Add(entry.ToArray());
        }
        return values ?? (IReadOnlyList<ReadOnlyMemory<byte>>)[];
    }

    internal IReadOnlyList<(string Name, ReadOnlyMemory<byte> Value)> Entries()
    {
        var all = new (string, ReadOnlyMemory<byte>)[_entries.Count];
        for (var i = 0; i < all.Length; i++)
            all[i] = (_entries[i].Name, _entries[i].ToArray());
        return all;
    }

    internal Result<Unit, HeaderError> Append(string name, ReadOnlySpan<byte> value)
    {
        if (FieldSyntax.Check(name, value) is { } error)
            return error;
        if (IsImmutable)
            return HeaderError.Immutable;
        if (!Reserve(name.Length + value.Length))
            return HeaderError.SizeExceeded;
        _entries.Add(Field.Of(Spelling(name), value));
        return Result.Ok();
    }

    /// <summary>Replaces all values of a field, where its first one stood. Nothing changes if one of the new ones is refused.</summary>
    internal Result<Unit, HeaderError> Set(string name, IReadOnlyList<byte[]> values)
    {
        if (FieldSyntax.CheckName(name) is { } badName)
            return badName;
        foreach (var value in values)
        {
            if (FieldSyntax.Check(name, value) is { } error)
                return error;
        }
        if (IsImmutable)
            return HeaderError.Immutable;

        var at = _entries.FindIndex(entry => IsName(entry.Name, name));
        if (at < 0)
            at = _entries.Count;
        else
            Remove(name);
        foreach (var value in values)
        {
            if (!Reserve(name.Length + value.Length))
                return HeaderError.SizeExceeded;
            _entries.Insert(at++, Field.Of(name, value));
        }
        return Result.Ok();
    }

    internal Result<Unit, HeaderError> Delete(string name)
    {
        if (FieldSyntax.CheckName(name) is { } error)
            return error;
        if (IsImmutable)
            return HeaderError.Immutable;
        Remove(name);
        return Result.Ok();
    }

    internal Fields Clone(WasiUsage? usage = null)
    {
        var clone = new Fields([], _limit) { Usage = usage ?? Usage, _size = _size };
        clone.HoldSize(); // before there are copies
        foreach (var entry in _entries)
            clone._entries.Add(entry.Copy());
        return clone;
    }

    private static bool IsName(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private void Remove(string name)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (!IsName(_entries[i].Name, name))
                continue;
            _size -= _entries[i].Name.Length + _entries[i].Length + Overhead;
            _entries[i].Bytes?.Dispose();
            _entries.RemoveAt(i);
        }
    }

    private string Spelling(string name)
    {
        foreach (var entry in _entries)
        {
            if (IsName(entry.Name, name))
                return entry.Name;
        }
        return name;
    }

    private bool Reserve(int bytes)
    {
        if (bytes > _limit - Overhead - _size)
            return false;
        _size += bytes + Overhead;
        HoldSize();
        return true;
    }

    // In steps, so that a set of usual size is counted once.
    private void HoldSize()
    {
        const int Step = 1024;
        if (_size <= _held || Usage is null)
            return;
        var more = ((_size - _held + Step - 1) / Step) * Step;
        Usage.Hold(more);
        _held += more;
    }

    // The value is one of the two.
    private readonly record struct Field(string Name, string? Value, HostBytes? Bytes)
    {
        public int Length => Bytes?.Length ?? Value!.Length;

        public string Text => Bytes?.ToLatin1() ?? Value!;

        public static Field Of(string name, ReadOnlySpan<byte> value) =>
            value.Length < Large ? new(name, Encoding.Latin1.GetString(value), null) : new(name, null, HostBytes.Copy(value));

        public byte[] ToArray() => Bytes?.ToArray() ?? Encoding.Latin1.GetBytes(Value!);

        public Field Copy() => Bytes is null ? this : this with { Bytes = Bytes.Copy() };
    }
}
