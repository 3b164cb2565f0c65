using System.Security.Cryptography;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue.Atomics;
using Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue.Batch;
using Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue.Cas;
using Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue.Store;
using Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue.Types;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.KeyValue;

/// <summary>The functions of <c>wasmcloud:keyvalue@0.2.0</c> that belong to no bucket.</summary>
/// <param name="find">Opens a store by name; null when it is not granted.</param>
/// <param name="anyGranted">Whether the app has any.</param>
internal sealed class WasmcloudKeyValue(Func<string, Bucket?> find, bool anyGranted) : IStore, IAtomics, ICas, IBatch
{
    ValueTask<Result<IBucket, Error>> IStore.OpenAsync(string identifier, CancellationToken cancellation) => new(find(identifier) is { } bucket
        ? Result.Ok<IBucket>(bucket)
        : anyGranted ? Error.NoSuchStore.Instance : Error.AccessDenied.Instance);

    ValueTask<Result<long, Error>> IAtomics.IncrementAsync(IBucket bucket, string key, long delta, CancellationToken cancellation) => Bucket.TryAsync(() =>
    {
        KeyValueLimits.Check(key);
        return ((Bucket)bucket).Store.IncrementAsync(key, delta, ((Bucket)bucket).Writer, cancellation);
    });

    ValueTask<Result<Entry?, Error>> ICas.CurrentAsync(IBucket bucket, string key, CancellationToken cancellation) => Bucket.TryAsync(async () =>
    {
        KeyValueLimits.Check(key);
        return EntryOf(await ((Bucket)bucket).Store.GetAsync(key, cancellation).ConfigureAwait(false));
    });

    // A version is the hash of a value: it needs no column of its own and is the same on every backend. It cannot tell that a value was changed and changed back.
    ValueTask<Result<CasResult, Error>> ICas.SwapAsync(IBucket bucket, string key, byte[] value, CasOptions options, CancellationToken cancellation) =>
        Bucket.TryAsync<CasResult>(async () =>
        {
            KeyValueLimits.Check(key);
            KeyValueLimits.CheckValue(value.Length);
            if (options.RequireVersion is null && options.RequireValue is null)
                throw new BackendException("a swap needs a condition", BackendFailure.Invalid);
            IKeyValueStore store = ((Bucket)bucket).Store;
            ChangeWriter writer = ((Bucket)bucket).Writer; // now: after a wait another request may have its turn in this instance
            byte[]? now = await store.GetAsync(key, cancellation).ConfigureAwait(false);
            bool holds = now is not null
                && (options.RequireVersion is not { } version || version == VersionOf(now))
                && (options.RequireValue is not { } required || required.Span.SequenceEqual(now));
            if (holds && await store.CompareAndSetAsync(key, now, value, writer, cancellation).ConfigureAwait(false))
                return CasResult.Swapped.Instance;
            return new CasResult.Stale(EntryOf(holds ? await store.GetAsync(key, cancellation).ConfigureAwait(false) : now));
        });

    ValueTask<Result<IReadOnlyList<(string, ReadOnlyMemory<byte>)?>, Error>> IBatch.GetManyAsync(IBucket bucket, string[] keys, CancellationToken cancellation) =>
        Bucket.TryAsync<IReadOnlyList<(string, ReadOnlyMemory<byte>)?>>(async () =>
        {
            KeyValueLimits.CheckKeys(keys);
            byte[]?[] values = await ((Bucket)bucket).Store.GetManyAsync(keys, cancellation).ConfigureAwait(false);
            return [.. keys.Zip(values, static (key, value) => value is null ? default((string, ReadOnlyMemory<byte>)?) : (key, value))];
        });

    ValueTask<Result<Unit, Error>> IBatch.SetManyAsync(IBucket bucket, (string, byte[])[] keyValues, CancellationToken cancellation) => Bucket.TryAsync<Unit>(async () =>
    {
        KeyValueLimits.CheckKeys([.. keyValues.Select(pair => pair.Item1)]);
        KeyValueLimits.CheckValue(keyValues.Sum(pair => (long)pair.Item2.Length));
        await ((Bucket)bucket).Store.SetManyAsync(keyValues, ((Bucket)bucket).Writer, cancellation).ConfigureAwait(false);
        return default;
    });

    ValueTask<Result<Unit, Error>> IBatch.DeleteManyAsync(IBucket bucket, string[] keys, CancellationToken cancellation) => Bucket.TryAsync<Unit>(async () =>
    {
        KeyValueLimits.CheckKeys(keys);
        await ((Bucket)bucket).Store.DeleteManyAsync(keys, ((Bucket)bucket).Writer, cancellation).ConfigureAwait(false);
        return default;
    });

    private static Entry? EntryOf(byte[]? value) => value is null ? null : new Entry(value, VersionOf(value));

    private static string VersionOf(byte[] value) => Convert.ToHexStringLower(SHA256.HashData(value).AsSpan(0, 16));
}
