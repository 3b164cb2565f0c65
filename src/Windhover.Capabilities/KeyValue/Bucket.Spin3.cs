using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings.Spin.KeyValue.KeyValue;
using Windhover.Components.Async;

namespace Windhover.Capabilities.KeyValue;

// spin:key-value@3.0.0: the same as its forerunner, asynchronous, and keys come as a stream.
internal sealed partial class Bucket : IStore
{
    async ValueTask<Result<ReadOnlyMemory<byte>?, Error>> IStore.GetAsync(string key, CancellationToken cancellation)
    {
        try
        {
            KeyValueLimits.Check(key);
            return Result<ReadOnlyMemory<byte>?, Error>.Ok(Memory(await store.GetAsync(key, cancellation).ConfigureAwait(false)));
        }
        catch (BackendException failure)
        {
            return Spin3(failure);
        }
    }

    async ValueTask<Result<Unit, Error>> IStore.SetAsync(string key, byte[] value, CancellationToken cancellation)
    {
        try
        {
            KeyValueLimits.Check(key);
            KeyValueLimits.CheckValue(value.Length);
            await store.SetAsync(key, value, default, guest.Writer, cancellation).ConfigureAwait(false);
            return default(Unit);
        }
        catch (BackendException failure)
        {
            return Spin3(failure);
        }
    }

    async ValueTask<Result<Unit, Error>> IStore.DeleteAsync(string key, CancellationToken cancellation)
    {
        try
        {
            KeyValueLimits.Check(key);
            await store.DeleteAsync(key, guest.Writer, cancellation).ConfigureAwait(false);
            return default(Unit);
        }
        catch (BackendException failure)
        {
            return Spin3(failure);
        }
    }

    async ValueTask<Result<bool, Error>> IStore.ExistsAsync(string key, CancellationToken cancellation)
    {
        try
        {
            KeyValueLimits.Check(key);
            return await store.ExistsAsync(key, cancellation).ConfigureAwait(false);
        }
        catch (BackendException failure)
        {
            return Spin3(failure);
        }
    }

    ValueTask<(HostStream<string>, HostFuture<Result<Unit, Error>>)> IStore.GetKeysAsync(CancellationToken cancellation)
    {
        var end = new TaskCompletionSource<Result<Unit, Error>>(TaskCreationOptions.RunContinuationsAsynchronously);
        HostStream<string> keys = HostStream.Create<string>(async (writer, dropped) =>
        {
            try
            {
                ulong cursor = 0;
                do
                {
                    KeyPage page = await store.ListAsync("", cursor, dropped).ConfigureAwait(false);
                    foreach (string key in page.Keys)
                    {
                        if (!await writer.WriteAsync(key, dropped).ConfigureAwait(false))
                            return;
                    }

                    cursor = page.Cursor;
                }
                while (cursor != 0);
            }
            catch (BackendException failure)
            {
                end.TrySetResult(Spin3(failure));
            }
            finally
            {
                end.TrySetResult(default(Unit));
            }
        });
        return new((keys, new HostFuture<Result<Unit, Error>>(end.Task)));
    }

    private static Error Spin3(BackendException failure) =>
        failure.Failure == BackendFailure.Full ? Error.StoreTableFull.Instance : new Error.Other(failure.Message);
}
