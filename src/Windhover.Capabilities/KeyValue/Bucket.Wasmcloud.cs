using System.Globalization;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue.Types;
using Spec = Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue.Types;

namespace Windhover.Capabilities.KeyValue;

// wasmcloud:keyvalue@0.2.0: asynchronous, with lifetimes, prefixes and errors of several kinds.
internal sealed partial class Bucket : IBucket
{
    ValueTask<Result<ReadOnlyMemory<byte>?, Error>> IBucket.GetAsync(string key, CancellationToken cancellation) => TryAsync(async () =>
    {
        KeyValueLimits.Check(key);
        return Memory(await store.GetAsync(key, cancellation).ConfigureAwait(false));
    });

    async ValueTask<Result<Unit, Error>> IBucket.SetAsync(string key, byte[] value, Spec.SetOptions? options, CancellationToken cancellation)
    {
        Result<bool, Error> set = await TryAsync(async () =>
        {
            KeyValueLimits.Check(key);
            KeyValueLimits.CheckValue(value.Length);
            TimeSpan? life = options?.TtlMs is { } ms ? TimeSpan.FromMilliseconds(Math.Min(ms, 1UL << 52)) : null;
            if (life == TimeSpan.Zero)
                throw new BackendException("a lifetime of 0 ms", BackendFailure.Invalid);
            return await store.SetAsync(key, value, new SetOptions(life, options?.IfNotExists ?? false), guest.Writer, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return !set.TryGet(out bool done, out Error? error) ? error : done ? default(Unit) : Error.PreconditionFailed.Instance;
    }

    ValueTask<Result<Unit, Error>> IBucket.DeleteAsync(string key, CancellationToken cancellation) => TryAsync<Unit>(async () =>
    {
        KeyValueLimits.Check(key);
        await store.DeleteAsync(key, guest.Writer, cancellation).ConfigureAwait(false);
        return default;
    });

    ValueTask<Result<bool, Error>> IBucket.ExistsAsync(string key, CancellationToken cancellation) => TryAsync(async () =>
    {
        KeyValueLimits.Check(key);
        return await store.ExistsAsync(key, cancellation).ConfigureAwait(false);
    });

    ValueTask<Result<KeyResponse, Error>> IBucket.ListKeysAsync(string? prefix, string? cursor, CancellationToken cancellation) => TryAsync(async () =>
    {
        KeyValueLimits.Check(prefix ?? "");
        ulong from = 0;
        if (cursor is not null && !ulong.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out from))
            throw new BackendException("the cursor is none that this store gave", BackendFailure.Invalid);
        KeyPage page = await store.ListAsync(prefix ?? "", from, cancellation).ConfigureAwait(false);
        return new KeyResponse(page.Keys, page.Cursor == 0 ? null : page.Cursor.ToString(CultureInfo.InvariantCulture));
    });

    /// <summary>Runs something against the store; its failures become errors of the interface.</summary>
    internal static async ValueTask<Result<T, Error>> TryAsync<T>(Func<ValueTask<T>> action)
    {
        try
        {
            return Result<T, Error>.Ok(await action().ConfigureAwait(false));
        }
        catch (BackendException failure)
        {
            return failure.Failure switch
            {
                BackendFailure.Invalid or BackendFailure.WrongType => Error.InvalidArgument.Instance,
                BackendFailure.Timeout => Error.Timeout.Instance,
                BackendFailure.Unavailable => Error.StoreUnavailable.Instance,
                BackendFailure.Full => Error.QuotaExceeded.Instance,
                _ => new Error.Other(failure.Message),
            };
        }
    }
}
