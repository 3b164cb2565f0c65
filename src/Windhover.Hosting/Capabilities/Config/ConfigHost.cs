using System.Collections.Frozen;
using Windhover.Hosting.Capabilities.Config.Bindings.Fermyon.Spin.Variables;
using Windhover.Hosting.Capabilities.Config.Bindings.Wasi.Config.Store;
using SpinError = Windhover.Hosting.Capabilities.Config.Bindings.Fermyon.Spin.Variables.Error;
using StoreError = Windhover.Hosting.Capabilities.Config.Bindings.Wasi.Config.Store.Error;

namespace Windhover.Hosting.Capabilities.Config;

/// <summary>Answers both interfaces from one set of values.</summary>
internal sealed class ConfigHost(FrozenDictionary<string, string> values) : IStore, IVariables
{
    Result<string?, StoreError> IStore.Get(string key) => Result<string?, StoreError>.Ok(values.GetValueOrDefault(key));

    Result<IReadOnlyList<(string, string)>, StoreError> IStore.GetAll() =>
        Result<IReadOnlyList<(string, string)>, StoreError>.Ok([.. values.Select(pair => (pair.Key, pair.Value))]);

    Result<string, SpinError> IVariables.Get(string name)
    {
        if (values.TryGetValue(name, out string? value))
            return value;
        return IsName(name)
            ? new SpinError.Undefined($"no variable `{name}` is granted to this component")
            : new SpinError.InvalidName($"`{name}` is no name of a variable: lower-case letters, digits and single underscores, a letter first");
    }

    // Spin's rule for names.
    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetterLower(name[0]) && !name.EndsWith('_') && !name.Contains("__", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
