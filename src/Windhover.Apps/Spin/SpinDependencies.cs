using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;
using Windhover.Hosting.Capabilities.Config;

namespace Windhover.Apps.Spin;

// [component.NAME.dependencies] (Spin's improvement proposals 20 and 23): who satisfies imports of a component.
//
//   "acme:stock/api" = { path = "stock.wasm" }            a file, or { url, digest } as for `source`
//   "acme:stock"     = { component = "stock" }            all imports from that package; another component of the application
//
// Each becomes a component of the app that no trigger names, and `imports` of the one that asks. As in Spin it has of that one's grants what `inherit_configuration`
// lists, by default nothing, and nothing else: also where it is a component with grants of its own.
internal sealed class SpinDependencies(ManifestContext context)
{
    private static readonly string[] s_grants =
        ["allowed_outbound_hosts", "key_value_stores", "sqlite_databases", "ai_models", "variables", "environment", "files"];

    private readonly List<Dependency> _all = [];

    /// <summary>Reads what a component depends on.</summary>
    /// <param name="component">Its name.</param>
    /// <param name="table">Its table.</param>
    /// <param name="file">Reads where the file of a dependency is and, when it is pinned, its digest.</param>
    public void Read(string component, StrictTable table, Func<StrictTable, (string Path, string? Digest, Place Place)> file)
    {
        bool inheritAll = table.Flag("dependencies_inherit_configuration", false);
        if (table.Table("dependencies") is not { } dependencies)
            return;
        foreach (string name in dependencies.Keys.ToArray())
        {
            Place place = dependencies.PlaceOf(name);
            if (dependencies.Node(name) is TomlScalar)
                throw FromRegistry(name, place);
            StrictTable dependency = dependencies.Table(name)!;
            if (dependency.Has("version") || dependency.Has("registry") || dependency.Has("package"))
                throw FromRegistry(name, place);
            if (dependency.Text("export") is { } export && export != name)
                throw new ManifestException(dependency.ValuePlace("export"), $"the dependency `{name}` is to come from the export `{export}`: exports under another name than the import's are not supported; compose the components before");
            if (inheritAll && dependency.Has("inherit_configuration"))
                throw new ManifestException(dependency.PlaceOf("inherit_configuration"), "`dependencies_inherit_configuration` and `inherit_configuration` do not go together: write one of the two");
            string[] inherited = inheritAll ? s_grants : Inherited(dependency);
            string? other = dependency.Text("component");
            (string Source, string? Digest, Place Place) found = other is null ? file(dependency) : ("", null, dependency.ValuePlace("component"));
            if (other is null && !File.Exists(found.Source) && !context.MayLackSources)
                throw new ManifestException(found.Place, $"there is no file {found.Source}");
            dependency.Finish();
            _all.Add(new Dependency(component, name, place, other, found.Place, found.Source, found.Digest, inherited));
        }
    }

    /// <summary>Adds what was read to the app's components.</summary>
    /// <exception cref="ManifestException">A component that does not exist, or that has dependencies itself.</exception>
    public void AddTo(Dictionary<string, ComponentManifest> components)
    {
        var made = new Dictionary<(string Component, string Source, string Grants), string>();
        foreach (Dependency dependency in _all)
        {
            (string source, string? digest) = (dependency.Source, dependency.Digest);
            if (dependency.Other is { } other)
            {
                if (!components.TryGetValue(other, out ComponentManifest? found))
                    throw new ManifestException(dependency.SourcePlace, $"there is no component `{other}`{Nearest.Hint(other, components.Keys)}");
                if (_all.Exists(d => d.Component == other))
                    throw new ManifestException(dependency.SourcePlace, $"the component `{other}` has dependencies itself, and is one of `{dependency.Component}`: that is not supported; compose the components before");
                (source, digest) = (found.Source, found.Digest);
            }

            ComponentManifest asking = components[dependency.Component];
            // Interfaces of one file with the same grants are one instance, so that a resource of one can be handed to the other.
            (string, string, string) key = (dependency.Component, source, string.Join(' ', dependency.Inherited));
            if (!made.TryGetValue(key, out string? name))
            {
                made.Add(key, name = NameFor($"{dependency.Component}+{Path.GetFileNameWithoutExtension(source)}", components));
                components.Add(name, Granted(name, source, digest, dependency, asking));
            }

            components[dependency.Component] = asking with { Imports = [.. asking.Imports, new ImportManifest(dependency.Name, name, dependency.Place)] };
        }
    }

    private static ComponentManifest Granted(string name, string source, string? digest, Dependency dependency, ComponentManifest asking)
    {
        bool Has(string grant) => dependency.Inherited.Contains(grant);
        var capabilities = asking.Capabilities
            .Where(c => c.Key switch
            {
                ConfigCapability.CapabilityName => Has("variables"),
                SpinComponentReader.KeyValue => Has("key_value_stores"),
                SpinComponentReader.Sql => Has("sqlite_databases"),
                _ => false,
            })
            .ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal);
        return new ComponentManifest
        {
            Name = name,
            Place = dependency.Place,
            Source = source,
            Digest = digest,
            Environment = Has("environment") ? asking.Environment : [],
            AllowedHosts = Has("allowed_outbound_hosts") ? asking.AllowedHosts : [],
            Network = Has("allowed_outbound_hosts") ? asking.Network : [],
            Directories = Has("files") ? asking.Directories : [],
            Capabilities = capabilities,
        };
    }

    private static string[] Inherited(StrictTable dependency)
    {
        if (dependency.Node("inherit_configuration") is not TomlArray)
            return dependency.Flag("inherit_configuration", false) ? s_grants : [];
        List<(string Text, Place Place)> listed = dependency.Texts("inherit_configuration");
        foreach ((string text, Place place) in listed)
        {
            if (!s_grants.Contains(text))
                throw new ManifestException(place, $"`{text}` is nothing to inherit{Nearest.Hint(text, s_grants)}");
        }

        return [.. s_grants.Where(g => listed.Exists(l => l.Text == g))];
    }

    private static string NameFor(string wanted, Dictionary<string, ComponentManifest> components)
    {
        string name = wanted;
        for (int i = 2; components.ContainsKey(name); i++)
            name = $"{wanted}-{i}";
        return name;
    }

    private static ManifestException FromRegistry(string name, Place place) => new(
        place, $"the dependency `{name}` is to come from a registry, and nothing is fetched at start: put the component into a file and write {{ path = \"FILE.wasm\" }}");

    private sealed record Dependency(
        string Component, string Name, Place Place, string? Other, Place SourcePlace, string Source, string? Digest, string[] Inherited);
}
