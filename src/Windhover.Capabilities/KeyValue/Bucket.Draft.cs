using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings.Wasi.Keyvalue_0_2_0_draft.Store;

namespace Windhover.Capabilities.KeyValue;

internal sealed partial class Bucket : IBucket
{
    Result<ReadOnlyMemory<byte>?, Error> IBucket.Get(string key)
    {
        Outcome<byte[]?> outcome = Get(key);
        return outcome.Failure is { } failure ? Draft(failure) : Result<ReadOnlyMemory<byte>?, Error>.Ok(Memory(outcome.Value));
    }

    Result<Unit, Error> IBucket.Set(string key, ReadOnlySpan<byte> value) => DraftUnit(Set(key, value));

    Result<Unit, Error> IBucket.Delete(string key) => DraftUnit(Delete(key));

    Result<bool, Error> IBucket.Exists(string key)
    {
        Outcome<bool> outcome = Exists(key);
        return outcome.Failure is { } failure ? Draft(failure) : outcome.Value;
    }

    Result<KeyResponse, Error> IBucket.ListKeys(ulong? cursor)
    {
        Outcome<KeyPage> outcome = List(cursor ?? 0);
        return outcome.Failure is { } failure
            ? Draft(failure)
            : new KeyResponse(outcome.Value.Keys, outcome.Value.Cursor == 0 ? null : outcome.Value.Cursor);
    }

    internal static Error Draft(BackendException failure) => new Error.Other(failure.Message);

    internal static Result<Unit, Error> DraftUnit(BackendException? failure) => failure is null ? default(Unit) : Draft(failure);

    internal static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes.AsMemory();
}
