using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>
/// What a host offers to components: interfaces by name, each with functions and resource types. Fill it once, then
/// <see cref="Prepare(Component)"/> any number of components; preparing is thread-safe once nothing is defined any more.
/// </summary>
public sealed class ComponentLinker
{
    private readonly Dictionary<string, HostInterface> _interfaces = new(StringComparer.Ordinal);

    /// <summary>Creates an empty linker.</summary>
    public ComponentLinker(WasmEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Engine = engine;
        Root = new HostInterface("");
    }

    /// <summary>The engine that prepared components run on.</summary>
    public WasmEngine Engine { get; }

    /// <summary>What a component imports by a plain name, outside any interface.</summary>
    public HostInterface Root { get; }

    /// <summary>
    /// Whether the indirection modules that componentizing tools add are taken out where that cannot be seen (default). Off, components
    /// are instantiated as written: for measuring, and for finding out whether the elision is to blame.
    /// </summary>
    public bool ElideShims { get; set; } = true;

    /// <summary>
    /// Asked with the name of an imported interface that carries a pre-release version and is not provided itself: true lets a release of its track serve it where the types
    /// are the same. Null (default): never.
    /// </summary>
    public Func<string, bool>? ServePrerelease { get; set; }

    /// <summary>The names of the interfaces defined so far.</summary>
    public IReadOnlyCollection<string> Names => _interfaces.Keys;

    /// <summary>The interface of a name such as <c>wasi:io/streams@0.2.12</c>; made when it is not there yet.</summary>
    public HostInterface Interface(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_interfaces.TryGetValue(name, out HostInterface? host))
        {
            _interfaces.Add(name, host = new HostInterface(name));
        }

        return host;
    }

    /// <summary>
    /// Offers an interface under one more name: for versions and drafts that differ in nothing else. What is defined in one is there in the other,
    /// resource types are the same. Types are compared as always when a component is linked.
    /// </summary>
    /// <param name="name">The other name.</param>
    /// <param name="provided">The name of an interface that is defined.</param>
    /// <exception cref="ArgumentException">Nothing is defined under <paramref name="provided"/>, or something is under <paramref name="name"/>.</exception>
    public void Alias(string name, string provided)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(provided);
        if (!_interfaces.TryGetValue(provided, out HostInterface? host))
        {
            throw new ArgumentException($"There is no interface `{provided}` to give another name to.", nameof(provided));
        }

        if (!_interfaces.TryAdd(name, host))
        {
            throw new ArgumentException($"The interface `{name}` is defined already.", nameof(name));
        }
    }

    /// <summary>Links a component to this host.</summary>
    /// <exception cref="LinkException">An import that nobody provides, or whose type differs; the message names it and the nearest version.</exception>
    public PreparedComponent Prepare(Component component)
    {
        ArgumentNullException.ThrowIfNull(component);
        if (!ReferenceEquals(component.Engine, Engine))
        {
            throw new ArgumentException("The component was loaded on another engine.", nameof(component));
        }

        return new PreparedComponent([component], PlanBuilder.Build(this, component));
    }

    /// <summary>Links components that satisfy each other's imports; what no part provides is this host's.</summary>
    /// <exception cref="LinkException">An import that nobody provides, or whose type differs; the message names the part, the import and the nearest version.</exception>
    public PreparedComponent Prepare(ComponentComposition composition)
    {
        ArgumentNullException.ThrowIfNull(composition);
        Component[] components = [.. composition.Parts().Select(p => p.Component)];
        if (!Array.TrueForAll(components, c => ReferenceEquals(c.Engine, Engine)))
            throw new ArgumentException("A component was loaded on another engine.", nameof(composition));
        return new PreparedComponent(components, PlanBuilder.Build(this, composition));
    }

    /// <summary>The interface that serves an import: of exactly that name, or of a compatible version (WIT, "canonical interface name").</summary>
    internal HostInterface? Find(string import)
    {
        if (_interfaces.TryGetValue(import, out HostInterface? exact))
        {
            return exact;
        }

        return new ImportMatcher(_interfaces.Keys, ServePrerelease).TryMatch(import, out string? name) ? _interfaces[name] : null;
    }

    internal LinkException Missing(string import, string kind)
    {
        string message = $"The component imports the {kind} `{import}`, which this host does not provide.";
        if (new ImportMatcher(_interfaces.Keys).Nearest(import) is { } nearest)
        {
            message += $" The nearest that it provides is `{nearest}`.";
        }

        return new LinkException(message);
    }

    internal LinkException MissingItem(string import, string item, string kind)
    {
        string provider = Find(import)?.Name is { } name && name != import ? $"`{name}`, which serves it here, has none" : "the host's interface has none";
        return new LinkException($"The component imports the {kind} `{item}` of `{import}`, but {provider} of that name.");
    }
}
