using System.Collections.Frozen;
using Windhover.Capabilities.Backends;
using Draft = Windhover.Capabilities.KeyValue.Bindings.Wasi.Keyvalue_0_2_0_draft;
using Draft2 = Windhover.Capabilities.KeyValue.Bindings.Wasi.Keyvalue_0_2_0_draft2;
using Spin = Windhover.Capabilities.KeyValue.Bindings.Fermyon.Spin.KeyValue;
using Spin3 = Windhover.Capabilities.KeyValue.Bindings.Spin.KeyValue.KeyValue;

namespace Windhover.Capabilities.KeyValue;

/// <summary>Answers one instance under every name of key-value stores: opens stores, and does what the interfaces do outside of them.</summary>
internal sealed class KeyValueHost(FrozenDictionary<string, ResourceLease<IKeyValueStore>> stores, GuestContext guest)
    : Draft.Store.IStore, Draft.Atomics.IAtomics, Draft.Batch.IBatch,
      Draft2.Store.IStore, Draft2.Atomics.IAtomics, Draft2.Batch.IBatch,
      Spin.IKeyValue, Spin3.IKeyValue
{
    /// <summary>Answers <c>wasmcloud:keyvalue</c>, whose names are those of the drafts.</summary>
    public WasmcloudKeyValue Wasmcloud => field ??= new WasmcloudKeyValue(Find, stores.Count > 0);

    Result<Draft.Store.IBucket, Draft.Store.Error> Draft.Store.IStore.Open(string identifier) => Find(identifier) is { } store
        ? Result.Ok<Draft.Store.IBucket>(store)
        : stores.Count == 0 ? Draft.Store.Error.AccessDenied.Instance : Draft.Store.Error.NoSuchStore.Instance;

    Result<Draft2.Store.IBucket, Draft2.Store.Error> Draft2.Store.IStore.Open(string identifier) => Find(identifier) is { } store
        ? Result.Ok<Draft2.Store.IBucket>(store)
        : stores.Count == 0 ? Draft2.Store.Error.AccessDenied.Instance : Draft2.Store.Error.NoSuchStore.Instance;

    // Spin's own host says so for every store that is not in the manifest.
    Result<Spin.IStore, Spin.Error> Spin.IKeyValue.StoreOpen(string label) => Find(label) is { } store
        ? Result.Ok<Spin.IStore>(store)
        : Spin.Error.AccessDenied.Instance;

    ValueTask<Result<Spin3.IStore, Spin3.Error>> Spin3.IKeyValue.StoreOpenAsync(string label, CancellationToken cancellation) => new(Find(label) is { } store
        ? Result.Ok<Spin3.IStore>(store)
        : Spin3.Error.AccessDenied.Instance);

    Result<ulong, Draft.Store.Error> Draft.Atomics.IAtomics.Increment(Draft.Store.IBucket bucket, string key, ulong delta)
    {
        if (delta > long.MaxValue)
            return new Draft.Store.Error.Other("the sum does not fit 64 bits");
        Outcome<long> outcome = ((Bucket)bucket).Increment(key, (long)delta);
        return outcome.Failure is { } failure ? Bucket.Draft(failure)
            : outcome.Value < 0 ? new Draft.Store.Error.Other("the number is negative")
            : (ulong)outcome.Value;
    }

    Result<IReadOnlyList<(string, ReadOnlyMemory<byte>)?>, Draft.Store.Error> Draft.Batch.IBatch.GetMany(Draft.Store.IBucket bucket, string[] keys)
    {
        Outcome<byte[]?[]> outcome = ((Bucket)bucket).GetMany(keys);
        return outcome.Failure is { } failure ? Bucket.Draft(failure)
            : Result.Ok<IReadOnlyList<(string, ReadOnlyMemory<byte>)?>>(
                [.. keys.Zip(outcome.Value, static (key, value) => value is null ? default((string, ReadOnlyMemory<byte>)?) : (key, value))]);
    }

    Result<Unit, Draft.Store.Error> Draft.Batch.IBatch.SetMany(Draft.Store.IBucket bucket, (string, byte[])[] keyValues) =>
        Bucket.DraftUnit(((Bucket)bucket).SetMany(keyValues));

    Result<Unit, Draft.Store.Error> Draft.Batch.IBatch.DeleteMany(Draft.Store.IBucket bucket, string[] keys) =>
        Bucket.DraftUnit(((Bucket)bucket).DeleteMany(keys));

    Result<Draft2.Atomics.ICas, Draft2.Store.Error> Draft2.Atomics.IAtomics.CasNew(Draft2.Store.IBucket bucket, string key) =>
        Cas.Create((Bucket)bucket, key).TryGet(out Cas? cas, out Draft2.Store.Error? error) ? Result.Ok<Draft2.Atomics.ICas>(cas) : error;

    Result<long, Draft2.Store.Error> Draft2.Atomics.IAtomics.Increment(Draft2.Store.IBucket bucket, string key, long delta)
    {
        Outcome<long> outcome = ((Bucket)bucket).Increment(key, delta);
        return outcome.Failure is { } failure ? Bucket.Draft2(failure) : outcome.Value;
    }

    Result<Unit, Draft2.Atomics.CasError> Draft2.Atomics.IAtomics.Swap(Draft2.Atomics.ICas cas, ReadOnlySpan<byte> value) => ((Cas)cas).Swap(value);

    Result<IReadOnlyList<(string, ReadOnlyMemory<byte>?)>, Draft2.Store.Error> Draft2.Batch.IBatch.GetMany(Draft2.Store.IBucket bucket, string[] keys)
    {
        Outcome<byte[]?[]> outcome = ((Bucket)bucket).GetMany(keys);
        return outcome.Failure is { } failure ? Bucket.Draft2(failure)
            : Result.Ok<IReadOnlyList<(string, ReadOnlyMemory<byte>?)>>([.. keys.Zip(outcome.Value, static (key, value) => (key, Bucket.Memory(value)))]);
    }

    Result<Unit, Draft2.Store.Error> Draft2.Batch.IBatch.SetMany(Draft2.Store.IBucket bucket, (string, byte[])[] keyValues) =>
        Bucket.Draft2Unit(((Bucket)bucket).SetMany(keyValues));

    Result<Unit, Draft2.Store.Error> Draft2.Batch.IBatch.DeleteMany(Draft2.Store.IBucket bucket, string[] keys) =>
        Bucket.Draft2Unit(((Bucket)bucket).DeleteMany(keys));

    private Bucket? Find(string name) =>
        stores.TryGetValue(name.Length == 0 ? "default" : name, out ResourceLease<IKeyValueStore>? store) ? new Bucket(store.Value, guest) : null;

    /// <summary>What a key held when it was read; a swap succeeds while it still does.</summary>
    private sealed class Cas(Bucket bucket, string key, byte[]? current) : Draft2.Atomics.ICas
    {
        public static Result<Cas, Draft2.Store.Error> Create(Bucket bucket, string key)
        {
            Outcome<byte[]?> outcome = bucket.Get(key);
            return outcome.Failure is { } failure ? Bucket.Draft2(failure) : new Cas(bucket, key, outcome.Value);
        }

        public Result<ReadOnlyMemory<byte>?, Draft2.Store.Error> Current() => Result<ReadOnlyMemory<byte>?, Draft2.Store.Error>.Ok(Bucket.Memory(current));

        public Result<Unit, Draft2.Atomics.CasError> Swap(ReadOnlySpan<byte> value)
        {
            Outcome<bool> outcome = bucket.CompareAndSet(key, current, value);
            if (outcome.Failure is { } failure)
                return new Draft2.Atomics.CasError.StoreError(Bucket.Draft2(failure));
            if (outcome.Value)
                return default(Unit);
            return Create(bucket, key).TryGet(out Cas? fresh, out Draft2.Store.Error? error)
                ? new Draft2.Atomics.CasError.CasFailed(fresh)
                : new Draft2.Atomics.CasError.StoreError(error);
        }

        public void Dispose()
        {
        }
    }
}
