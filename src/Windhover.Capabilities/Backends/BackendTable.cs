using System.Collections.Frozen;

namespace Windhover.Capabilities.Backends;

/// <summary>What may stand behind one capability, the default first, and the opening of what an app is granted.</summary>
/// <param name="capability">The capability's name, for errors.</param>
/// <param name="backends">The backends.</param>
/// <param name="kindOf">Tells a backend's name and options.</param>
internal sealed class BackendTable<T>(string capability, IEnumerable<T> backends, Func<T, BackendKind> kindOf)
    where T : class
{
    private readonly T[] _backends = [.. backends];

    public IReadOnlyList<BackendKind> Kinds => field ??= [.. _backends.Select(kindOf)];

    /// <summary>Opens all that a component is granted; when one cannot be, none stays open.</summary>
    /// <exception cref="CapabilityException">The settings of one cannot work.</exception>
    public FrozenDictionary<string, ResourceLease<TResource>> Open<TResource>(
        CapabilityRequest request, Func<T, CapabilityRequest, CapabilityResource, ResourceLease<TResource>> open)
        where TResource : class
    {
        var opened = new Dictionary<string, ResourceLease<TResource>>(StringComparer.Ordinal);
        try
        {
            foreach (CapabilityResource resource in request.Resources)
            {
                if (opened.ContainsKey(resource.Name))
                    throw new CapabilityException($"{capability}: `{resource.Name}` is granted twice.", resource.Name);
                opened.Add(resource.Name, open(Find(resource), request, resource));
            }

            return opened.ToFrozenDictionary(StringComparer.Ordinal);
        }
        catch
        {
            foreach (ResourceLease<TResource> lease in opened.Values)
                lease.Dispose();
            throw;
        }
    }

    private T Find(CapabilityResource resource)
    {
        T backend = (resource.Backend.Length == 0 ? _backends.FirstOrDefault() : _backends.FirstOrDefault(b => kindOf(b).Name == resource.Backend))
            ?? throw new CapabilityException(
                $"{capability}: `{resource.Name}` asks for the backend `{resource.Backend}`; this server has {string.Join(", ", Kinds.Select(k => $"`{k.Name}`"))}.",
                resource.Name);
        BackendKind kind = kindOf(backend);
        foreach (string option in resource.Options.Keys)
        {
            if (!kind.Options.Any(o => o.Name == option))
            {
                throw new CapabilityException(
                    $"{capability}: `{resource.Name}` has the option `{option}`, which the backend `{kind.Name}` does not know; it knows {string.Join(", ", kind.Options.Select(o => $"`{o.Name}`"))}.",
                    resource.Name);
            }
        }

        foreach (BackendOption option in kind.Options)
        {
            if (option.Required && string.IsNullOrEmpty(resource[option.Name]))
                throw new CapabilityException($"{capability}: `{resource.Name}` needs `{option.Name}` ({option.Description}).", resource.Name);
        }

        return backend;
    }
}

internal static class BackendTable
{
    /// <summary>Opens all that a component is granted of a capability that is its own backend.</summary>
    /// <exception cref="CapabilityException">The settings of one cannot work.</exception>
    public static FrozenDictionary<string, ResourceLease<TResource>> Open<TResource>(
        string capability, IEnumerable<BackendKind> kinds, CapabilityRequest request, Func<CapabilityRequest, CapabilityResource, ResourceLease<TResource>> open)
        where TResource : class =>
        new BackendTable<BackendKind>(capability, kinds, kind => kind).Open(request, (_, request, resource) => open(request, resource));

    /// <summary>Runs a check, and names what it is about when it fails.</summary>
    public static async ValueTask CheckAsync(string what, string resource, Func<CancellationToken, ValueTask> check, CancellationToken cancellationToken)
    {
        try
        {
            await check(cancellationToken).ConfigureAwait(false);
        }
        catch (BackendException error)
        {
            throw new CapabilityException($"The {what} cannot serve: {error.InnerException?.Message ?? error.Message}", resource, error);
        }
    }
}
