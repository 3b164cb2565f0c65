using Windhover.Apps.Manifest;
using Windhover.Apps.Routing;
using Windhover.Apps.Services;
using Windhover.Apps.Toml;

namespace Windhover.Apps.Spin;

/// <summary>
/// Components of an application that call each other by <c>http://COMPONENT.spin.internal/</c> (Spin's local service chaining). Whoever has an HTTP trigger can be called,
/// whatever its route is.
/// </summary>
internal sealed class SpinServices
{
    private readonly List<(string Component, Place Place)> _named = [];
    private readonly Dictionary<string, HttpTrigger> _answers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Looks at the host of a rule, with its port if it has one. Whether it is one of these.</summary>
    public bool Allow(string host, Place place)
    {
        int colon = host.LastIndexOf(':');
        string name = colon < 0 ? host : host[..colon];
        if (!name.EndsWith(ServiceCalls.ComponentDomain, StringComparison.OrdinalIgnoreCase))
            return false;
        name = name[..^ServiceCalls.ComponentDomain.Length];
        if (name != "*")
            _named.Add((name, place));
        return true;
    }

    /// <summary>A component has an HTTP trigger.</summary>
    public void Answers(string component, Place place) => _answers.TryAdd(
        component, new HttpTrigger(place, RoutePattern.Parse(null, "/{**" + SpinRoute.Rest + "}"), component, AnswerKind.Handler) { IsPrivate = true });

    /// <summary>Who can be called.</summary>
    /// <exception cref="ManifestException">A rule names a component that is not among them.</exception>
    public IReadOnlyList<HttpTrigger> Finish(IReadOnlyCollection<string> components)
    {
        foreach ((string name, Place place) in _named)
        {
            if (!components.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new ManifestException(place, $"there is no component `{name}`{Nearest.Hint(name, components)}");
            if (!_answers.ContainsKey(name))
                throw new ManifestException(place, $"the component `{name}` answers no requests: it has no [[trigger.http]]; write one, with route = {{ private = true }} where nobody else is to reach it");
        }

        return [.. _answers.Values];
    }
}
