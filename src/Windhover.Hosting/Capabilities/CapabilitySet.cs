using Windhover.Components.Linking;
using Windhover.Hosting.Apps;

namespace Windhover.Hosting.Capabilities;

/// <summary>The capabilities of a server, each at its number.</summary>
internal sealed class CapabilitySet
{
    private readonly ICapability[] _capabilities;

    public CapabilitySet(IEnumerable<ICapability> capabilities, ComponentLinker linker)
    {
        _capabilities = [.. capabilities];
        for (int i = 0; i < _capabilities.Length; i++)
        {
            string name = _capabilities[i].Name;
            if (_capabilities.AsSpan(0, i).ToArray().Any(c => c.Name == name))
                throw new InvalidOperationException($"Two capabilities are registered under the name `{name}`.");
            _capabilities[i].Define(linker, new CapabilitySlot(i));
        }
    }

    public IReadOnlyList<ICapability> All => _capabilities;

    /// <summary>The grants of one component, in the order of the capabilities.</summary>
    /// <exception cref="ComponentLoadException">A capability is not registered, or its settings cannot work.</exception>
    public CapabilityGrant[] Grant(string path, string app, ComponentOptions options)
    {
        foreach (string name in options.Capabilities.Keys)
        {
            if (!_capabilities.Any(c => c.Name == name))
            {
                throw new ComponentLoadException(
                    $"{path}: this server has no capability `{name}`; it has {string.Join(", ", _capabilities.Select(c => $"`{c.Name}`"))}.");
            }
        }

        var grants = new CapabilityGrant[_capabilities.Length];
        try
        {
            for (int i = 0; i < grants.Length; i++)
            {
                ICapability capability = _capabilities[i];
                grants[i] = capability.Grant(options.Capabilities.TryGetValue(capability.Name, out CapabilityRequest? request)
                    ? request
                    : new CapabilityRequest(app, app, "", []));
            }
        }
        catch (CapabilityException error)
        {
            Dispose(grants);
            throw new ComponentLoadException($"{path}: {error.Message}", error);
        }

        return grants;
    }

    public static void Dispose(CapabilityGrant[] grants)
    {
        foreach (CapabilityGrant? grant in grants)
            grant?.Dispose();
    }
}
