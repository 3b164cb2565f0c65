using Windhover.Apps.Toml;

namespace Windhover.Apps.Manifest;

// How components of an app are put together:
//
//   imports = ["stock", "auth"]                       whatever those export and this one imports
//   imports = { "acme:stock/api" = "stock" }          by interface, with or without its version
//   middleware = ["log", "auth"]                      in front of a wasi:http service, the outermost first
internal static class ImportReader
{
    public static List<ImportManifest> Read(StrictTable table)
    {
        if (table.Node("imports") is not TomlTable)
            return [.. table.Texts("imports").Select(t => new ImportManifest(null, t.Text, t.Place))];
        StrictTable named = table.Table("imports")!;
        var imports = new List<ImportManifest>();
        foreach (string name in named.Keys.ToArray())
            imports.Add(new ImportManifest(name, named.RequiredText(name), named.ValuePlace(name)));
        named.Finish();
        return imports;
    }

    /// <exception cref="ManifestException">A component that does not exist, or that comes back to itself.</exception>
    public static void Check(IReadOnlyDictionary<string, ComponentManifest> components)
    {
        foreach (ComponentManifest component in components.Values)
        {
            foreach ((string name, Place place) in Others(component))
            {
                if (!components.ContainsKey(name))
                {
                    string near = Nearest.Find(name, components.Keys) is { } found ? $"; the nearest is `{found}`" : "";
                    throw new ManifestException(place, $"the app has no component `{name}`{near}");
                }
            }
        }

        foreach (ComponentManifest component in components.Values)
            Walk(component, [component.Name], components);
    }

    private static void Walk(ComponentManifest component, List<string> chain, IReadOnlyDictionary<string, ComponentManifest> components)
    {
        foreach ((string name, Place place) in Others(component))
        {
            if (chain.Contains(name))
                throw new ManifestException(place, $"components that import from each other in a circle: {string.Join(" → ", chain)} → {name}");
            chain.Add(name);
            if (chain.Count > 9)
                throw new ManifestException(place, $"components that import from each other more than 8 deep: {string.Join(" → ", chain)}");
            Walk(components[name], chain, components);
            chain.RemoveAt(chain.Count - 1);
        }
    }

    private static IEnumerable<(string Name, Place Place)> Others(ComponentManifest component) =>
        component.Imports.Select(i => (i.Component, i.Place)).Concat(component.Middleware);
}
