using Windhover.Components.Binary;
using Windhover.Components.Types;

namespace Windhover.Components.Linking;

/// <summary>
/// A component together with components whose exports satisfy some of its imports: what a build tool would write into one composed binary, put together when it is
/// linked (<see cref="ComponentLinker.Prepare(ComponentComposition)"/>). Each part has its own memories and handles and is instantiated once, however many import from
/// it; all live in one store. Immutable; made from the inside out, so there are no cycles. The components stay the caller's.
/// </summary>
public sealed class ComponentComposition
{
    private readonly (string Import, ComponentComposition Provider)[] _imports;

    /// <summary>Puts components together.</summary>
    /// <param name="name">What it is called in errors.</param>
    /// <param name="component">The one whose exports count.</param>
    /// <param name="imports">
    /// Which of its imports come from whom: the import's name, with or without its version; a package (<c>acme:stock</c>) for all imports from it; null for all that the provider exports. Whatever is not named is the host's.
    /// </param>
    /// <exception cref="LinkException">The component has no such import, or two providers offer the same one.</exception>
    public ComponentComposition(string name, Component component, params IEnumerable<(string? Import, ComponentComposition Provider)> imports)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(imports);
        Name = name;
        Component = component;
        string[] own = [.. component.Binary.Imports.Where(i => i.Desc.Sort != Sort.Type).Select(i => i.Name.Raw)];
        string[] exported = [.. component.Binary.Exports.Where(e => e.Sort != Sort.Type).Select(e => e.Name.Raw)];
        Exports = exported;
        var resolved = new Dictionary<string, ComponentComposition>(StringComparer.Ordinal);
        foreach ((string? import, ComponentComposition provider) in imports)
        {
            string[] matched = import is null ? own.Where(provider.HasExport).ToArray() : own.Where(o => o == import || Unversioned(o) == import || IsFrom(o, import)).ToArray();
            if (matched.Length == 0)
                throw new LinkException(import is null ? NothingFits(name, own, provider) : NoImport(name, own, import));
            foreach (string match in matched)
            {
                if (!resolved.TryAdd(match, provider) && !ReferenceEquals(resolved[match], provider))
                    throw new LinkException($"The import `{match}` of {name} could come from {resolved[match].Name} and from {provider.Name}: say which.");
            }
        }

        _imports = [.. resolved.Select(r => (r.Key, r.Value))];
    }

    /// <summary>What it is called in errors.</summary>
    public string Name { get; }

    /// <summary>The component whose exports count.</summary>
    public Component Component { get; }

    internal string[] Exports { get; }

    /// <summary>All parts, providers before those who import from them, each once; the last is this.</summary>
    internal IReadOnlyList<ComponentComposition> Parts()
    {
        var parts = new List<ComponentComposition>();
        Add(this);
        return parts;

        void Add(ComponentComposition part)
        {
            if (parts.Contains(part))
                return;
            foreach ((_, ComponentComposition provider) in part._imports)
                Add(provider);
            parts.Add(part);
        }
    }

    internal ComponentComposition? ProviderOf(string import) => Array.Find(_imports, i => i.Import == import).Provider;

    private bool HasExport(string import) => new ImportMatcher(Exports).TryMatch(import, out _);

    private static string Unversioned(string import) => import.IndexOf('@', StringComparison.Ordinal) is var at and > 0 ? import[..at] : import;

    // acme:stock and acme:stock@1.0.0 have acme:stock/api@1.0.0.
    private static bool IsFrom(string import, string package)
    {
        int slash = import.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return false;
        int at = import.IndexOf('@', slash);
        return import[..slash] == package || (at > 0 && import[..slash] + import[at..] == package);
    }

    private static string NoImport(string name, string[] own, string import) =>
        $"{name} has no import `{import}`" + (new ImportMatcher(own).Nearest(import) is { } near ? $"; the nearest is `{near}`." : own.Length == 0 ? ": it imports nothing." : $": it imports {List(own)}.");

    private static string NothingFits(string name, string[] own, ComponentComposition provider) =>
        $"{provider.Name} exports none of the imports of {name}: it exports {List(provider.Exports)}, and {List(own)} {(own.Length == 1 ? "is" : "are")} imported.";

    private static string List(string[] names) =>
        names.Length == 0 ? "nothing" : string.Join(", ", names.Take(8).Select(n => $"`{n}`")) + (names.Length > 8 ? $" and {names.Length - 8} more" : "");
}
