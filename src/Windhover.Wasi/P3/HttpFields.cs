using Windhover.Wasi.P3;
using IFields = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.IFields;
using WitHeaderError = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.HeaderError;

namespace Windhover.Wasi.Http;

public sealed partial class Fields : IFields
{
    IReadOnlyList<ReadOnlyMemory<byte>> IFields.Get(string name) => Get(name);

    bool IFields.Has(string name) => Has(name);

    Result<Unit, WitHeaderError> IFields.Set(string name, byte[][] value) => Set(name, value).ToWit();

    Result<Unit, WitHeaderError> IFields.Delete(string name) => Delete(name).ToWit();

    Result<IReadOnlyList<ReadOnlyMemory<byte>>, WitHeaderError> IFields.GetAndDelete(string name)
    {
        var values = Get(name);
        return Delete(name).TryGet(out _, out var error)
            ? Result<IReadOnlyList<ReadOnlyMemory<byte>>, WitHeaderError>.Ok(values)
            : error.ToWit();
    }

    Result<Unit, WitHeaderError> IFields.Append(string name, ReadOnlySpan<byte> value) => Append(name, value).ToWit();

    IReadOnlyList<(string, ReadOnlyMemory<byte>)> IFields.CopyAll() => Entries();

    IFields IFields.Clone() => Clone();
}
