using Windhover.Capabilities.Backends;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.KeyValue;

// The faces of a store. Behind every name is one object per open, and every name says the same in its own types:
//
//   wasi:keyvalue/store@0.2.0-draft     bucket   Bucket.Draft.cs     cursors are numbers
//   wasi:keyvalue/store@0.2.0-draft2    bucket   Bucket.Draft2.cs    cursors are text; compare-and-swap
//   fermyon:spin/key-value@2.0.0        store    Bucket.Spin.cs      no pages
//
// Here is what they share: limits, the wait, and errors as values.

/// <summary>A store that a guest has open. What it holds belongs to the grant, so that dropping it closes nothing.</summary>
internal sealed partial class Bucket(IKeyValueStore store, GuestContext guest)
{
    public IKeyValueStore Store => store;

    /// <summary>For whom the guest works now.</summary>
    public ChangeWriter Writer => guest.Writer;

    public Outcome<byte[]?> Get(string key)
    {
        if (Refuse(key) is { } failure)
            return new(null, failure);
        try
        {
            return new(guest.Wait(store.GetAsync(key, guest.Aborted)));
        }
        catch (BackendException error)
        {
            return new(null, error);
        }
    }

    public BackendException? Set(string key, ReadOnlySpan<byte> value)
    {
        if ((Refuse(key) ?? RefuseValue(value.Length)) is { } failure)
            return failure;
        try
        {
            // A copy: the guest's memory may move while the backend still writes.
            guest.Wait(store.SetAsync(key, value.ToArray(), default, guest.Writer, guest.Aborted));
            return null;
        }
        catch (BackendException error)
        {
            return error;
        }
    }

    public BackendException? Delete(string key) => Refuse(key) ?? Outcome.Get(guest, store.DeleteAsync(key, guest.Writer, guest.Aborted));

    public Outcome<bool> Exists(string key) =>
        Refuse(key) is { } failure ? new(false, failure) : Outcome.Get(guest, store.ExistsAsync(key, guest.Aborted));

    public Outcome<KeyPage> List(ulong cursor) => Outcome.Get(guest, store.ListAsync("", cursor, guest.Aborted));

    /// <summary>All keys, for interfaces without pages.</summary>
    public Outcome<IReadOnlyList<string>> ListAll()
    {
        var all = new List<string>();
        long bytes = 0;
        ulong cursor = 0;
        do
        {
            Outcome<KeyPage> page = List(cursor);
            if (page.Failure is { } failure)
                return new([], failure);
            foreach (string key in page.Value.Keys)
            {
                bytes += key.Length + 16;
                if (bytes > KeyValueLimits.ListedBytes)
                    return new([], new BackendException($"the keys have more than {KeyValueLimits.ListedBytes >> 20} MiB: list them in pages, by wasi:keyvalue", BackendFailure.Invalid));
                all.Add(key);
            }

            cursor = page.Value.Cursor;
        }
        while (cursor != 0);
        return new(all);
    }

    public Outcome<long> Increment(string key, long delta) =>
        Refuse(key) is { } failure ? new(0, failure) : Outcome.Get(guest, store.IncrementAsync(key, delta, guest.Writer, guest.Aborted));

    public Outcome<byte[]?[]> GetMany(string[] keys) =>
        RefuseAll(keys) is { } failure ? new([], failure) : Outcome.Get(guest, store.GetManyAsync(keys, guest.Aborted));

    public BackendException? SetMany((string Key, byte[] Value)[] values)
    {
        long bytes = 0;
        foreach ((_, byte[] value) in values)
            bytes += value.Length;
        return RefuseAll(values.Select(v => v.Key).ToArray()) ?? RefuseValue(bytes) ?? Outcome.Get(guest, store.SetManyAsync(values, guest.Writer, guest.Aborted));
    }

    public BackendException? DeleteMany(string[] keys) => RefuseAll(keys) ?? Outcome.Get(guest, store.DeleteManyAsync(keys, guest.Writer, guest.Aborted));

    public Outcome<bool> CompareAndSet(string key, byte[]? expected, ReadOnlySpan<byte> value) =>
        (Refuse(key) ?? RefuseValue(value.Length)) is { } failure
            ? new(false, failure)
            : Outcome.Get(guest, store.CompareAndSetAsync(key, expected is null ? default(ReadOnlyMemory<byte>?) : expected, value.ToArray(), guest.Writer, guest.Aborted));

    public void Dispose()
    {
    }

    private static BackendException? Refuse(string key)
    {
        try
        {
            KeyValueLimits.Check(key);
            return null;
        }
        catch (BackendException failure)
        {
            return failure;
        }
    }

    private static BackendException? RefuseValue(long bytes)
    {
        try
        {
            KeyValueLimits.CheckValue(bytes);
            return null;
        }
        catch (BackendException failure)
        {
            return failure;
        }
    }

    private static BackendException? RefuseAll(string[] keys)
    {
        try
        {
            KeyValueLimits.CheckKeys(keys);
            return null;
        }
        catch (BackendException failure)
        {
            return failure;
        }
    }
}
