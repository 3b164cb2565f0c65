using System.Globalization;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings.Wasi.Keyvalue_0_2_0_draft2.Store;

namespace Windhover.Capabilities.KeyValue;

internal sealed partial class Bucket : IBucket
{
    Result<ReadOnlyMemory<byte>?, Error> IBucket.Get(string key)
    {
        Outcome<byte[]?> outcome = Get(key);
        return outcome.Failure is { } failure ? Draft2(failure) : Result<ReadOnlyMemory<byte>?, Error>.Ok(Memory(outcome.Value));
    }

    Result<Unit, Error> IBucket.Set(string key, ReadOnlySpan<byte> value) => Draft2Unit(Set(key, value));

    Result<Unit, Error> IBucket.Delete(string key) => Draft2Unit(Delete(key));

    Result<bool, Error> IBucket.Exists(string key)
    {
        Outcome<bool> outcome = Exists(key);
        return outcome.Failure is { } failure ? Draft2(failure) : outcome.Value;
    }

    Result<KeyResponse, Error> IBucket.ListKeys(string? cursor)
    {
        ulong from = 0;
        if (cursor is not null && !ulong.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out from))
            return new Error.Other("the cursor is none that this store gave");
        Outcome<KeyPage> outcome = List(from);
        return outcome.Failure is { } failure
            ? Draft2(failure)
            : new KeyResponse(outcome.Value.Keys, outcome.Value.Cursor == 0 ? null : outcome.Value.Cursor.ToString(CultureInfo.InvariantCulture));
    }

    internal static Error Draft2(BackendException failure) => new Error.Other(failure.Message);

    internal static Result<Unit, Error> Draft2Unit(BackendException? failure) => failure is null ? default(Unit) : Draft2(failure);
}
