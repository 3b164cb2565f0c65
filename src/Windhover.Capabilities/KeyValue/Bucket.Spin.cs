using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings.Fermyon.Spin.KeyValue;

namespace Windhover.Capabilities.KeyValue;

internal sealed partial class Bucket : IStore
{
    Result<ReadOnlyMemory<byte>?, Error> IStore.Get(string key)
    {
        Outcome<byte[]?> outcome = Get(key);
        return outcome.Failure is { } failure ? Spin(failure) : Result<ReadOnlyMemory<byte>?, Error>.Ok(Memory(outcome.Value));
    }

    Result<Unit, Error> IStore.Set(string key, ReadOnlySpan<byte> value) => SpinUnit(Set(key, value));

    Result<Unit, Error> IStore.Delete(string key) => SpinUnit(Delete(key));

    Result<bool, Error> IStore.Exists(string key)
    {
        Outcome<bool> outcome = Exists(key);
        return outcome.Failure is { } failure ? Spin(failure) : outcome.Value;
    }

    Result<IReadOnlyList<string>, Error> IStore.GetKeys()
    {
        Outcome<IReadOnlyList<string>> outcome = ListAll();
        return outcome.Failure is { } failure ? Spin(failure) : Result<IReadOnlyList<string>, Error>.Ok(outcome.Value);
    }

    private static Error Spin(BackendException failure) =>
        failure.Failure == BackendFailure.Full ? Error.StoreTableFull.Instance : new Error.Other(failure.Message);

    private static Result<Unit, Error> SpinUnit(BackendException? failure) => failure is null ? default(Unit) : Spin(failure);
}
