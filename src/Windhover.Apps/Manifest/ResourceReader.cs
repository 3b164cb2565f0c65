using Windhover.Apps.Toml;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Capabilities.Config;

namespace Windhover.Apps.Manifest;

// Values and resources of a manifest.
//
//   [config]                         values of the app            component: config = ["greeting"]  or  config = { own = "value" }
//   [key-value.sessions]             a resource of a capability   component: key-value = ["sessions"]
//   backend = "redis"                one that the capability has; left out: its first
//   url = { secret = "REDIS_URL" }   an option that the backend has
//
// A value is a string, or a table with one of: env (of the server's environment), secret (of the server's secrets), file (beside the manifest).
internal sealed class ResourceReader
{
    public const string Messaging = "messaging";

    private readonly string _app;
    private readonly string _folder;
    private readonly ManifestContext _context;
    private readonly Dictionary<string, (string Value, Place Place)> _config = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Capability, string Name), CapabilityResource> _resources = [];

    public ResourceReader(StrictTable root, string app, string folder, ManifestContext context)
    {
        _app = app;
        _folder = folder;
        _context = context;
        if (root.Table("config") is { } config)
        {
            foreach (string key in config.Keys)
                _config.Add(key, (Value(config, key), config.PlaceOf(key)));
        }

        foreach (ICapability capability in context.Capabilities)
        {
            if (capability.Name == ConfigCapability.CapabilityName)
                continue;
            foreach ((string name, Place place, StrictTable table) in root.NamedTables(capability.Name))
                _resources.Add((capability.Name, name), Resource(capability, name, place, table));
        }
    }

    public ManifestContext Context => _context;

    /// <summary>The resources of messaging, which triggers use too.</summary>
    public IReadOnlyDictionary<string, CapabilityResource> Topics =>
        _resources.Where(r => r.Key.Capability == Messaging).ToDictionary(r => r.Key.Name, r => r.Value, StringComparer.Ordinal);

    /// <summary>A resource of a capability by its name: from a table of its own, or as a component is granted it without one; null: there is neither.</summary>
    public CapabilityResource? Find(string capability, string name, IEnumerable<ComponentManifest> components)
    {
        if (_resources.TryGetValue((capability, name), out CapabilityResource? resource))
            return resource;
        return components.Select(c => c.Capabilities.GetValueOrDefault(capability)?.Resources.FirstOrDefault(r => r.Name == name)).FirstOrDefault(r => r is not null);
    }

    /// <summary>The names of all resources of a capability that the manifest has tables for.</summary>
    public IEnumerable<string> NamesOf(string capability) => _resources.Keys.Where(k => k.Capability == capability).Select(k => k.Name);

    /// <summary>Names and values, such as <c>env</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Values(StrictTable owner, string key)
    {
        if (owner.Table(key) is not { } table)
            yield break;
        foreach (string name in table.Keys)
            yield return new(name, Value(table, name));
    }

    /// <summary>What a component asks for, capability by capability.</summary>
    public Dictionary<string, CapabilityRequest> Grants(string component, StrictTable table)
    {
        var grants = new Dictionary<string, CapabilityRequest>(StringComparer.Ordinal);
        foreach (ICapability capability in _context.Capabilities)
        {
            List<CapabilityResource> resources = capability.Name == ConfigCapability.CapabilityName
                ? Config(table)
                : [.. table.Texts(capability.Name).Select(t => Granted(capability, t.Text, t.Place))];
            if (resources.Count > 0)
                grants.Add(capability.Name, Request(component, resources));
        }

        return grants;
    }

    public CapabilityRequest Request(string component, IReadOnlyList<CapabilityResource> resources) =>
        new(_app, component, Path.Combine(_context.DataFolder, _app), resources) { BaseDirectory = _folder };

    public string Value(StrictTable table, string key)
    {
        switch (table.Node(key))
        {
            case TomlScalar { Value: string text }:
                return text;
            case TomlScalar { Value: long or bool } scalar:
                return Convert.ToString(scalar.Value, System.Globalization.CultureInfo.InvariantCulture)!.ToLowerInvariant();
            case TomlTable:
                return Source(table.Table(key)!, key);
            default:
                throw table.Wrong(key, "a string, or a table with `env`, `secret` or `file`");
        }
    }

    private string Source(StrictTable source, string key)
    {
        string? env = source.Text("env"), secret = source.Text("secret"), file = source.Text("file"), otherwise = source.Text("default");
        source.Finish();
        if ((env is null ? 0 : 1) + (secret is null ? 0 : 1) + (file is null ? 0 : 1) != 1)
            throw new ManifestException(source.Place, $"`{key}` takes one of `env`, `secret` and `file`");
        if (env is not null)
        {
            return Environment.GetEnvironmentVariable(env) ?? otherwise
                ?? throw new ManifestException(source.ValuePlace("env"), $"the environment of the server has no variable {env}");
        }

        if (secret is not null)
        {
            return _context.Secrets.Find(_app, secret) ?? otherwise
                ?? throw new ManifestException(
                    source.ValuePlace("secret"),
                    $"the secret {secret} is absent; put it into the folder of secrets as {_app}/{secret}, or into the server's environment as WINDHOVER_SECRET_{secret.Replace('-', '_').ToUpperInvariant()}");
        }

        string path = Path.GetFullPath(file!, _folder);
        return File.Exists(path)
            ? File.ReadAllText(path).TrimEnd('\n', '\r')
            : otherwise ?? throw new ManifestException(source.ValuePlace("file"), $"there is no file {file}");
    }

    private List<CapabilityResource> Config(StrictTable table)
    {
        const string Key = ConfigCapability.CapabilityName;
        switch (table.Node(Key))
        {
            case null:
                return [];
            case TomlTable:
                StrictTable own = table.Table(Key)!;
                return [.. own.Keys.Select(k => ConfigCapability.Value(k, Value(own, k)))];
            default:
                return [.. table.Texts(Key).Select(t => _config.TryGetValue(t.Text, out (string Value, Place) found)
                    ? ConfigCapability.Value(t.Text, found.Value)
                    : throw new ManifestException(t.Place, $"[config] has no `{t.Text}`{Nearest.Hint(t.Text, _config.Keys)}"))];
        }
    }

    private CapabilityResource Granted(ICapability capability, string name, Place place)
    {
        if (_resources.TryGetValue((capability.Name, name), out CapabilityResource? resource))
            return resource;

        // Without a table of its own: the capability's first backend, if that needs nothing.
        BackendKind first = capability.Backends[0];
        string[] declared = [.. _resources.Keys.Where(k => k.Capability == capability.Name).Select(k => k.Name)];
        if (first.Options.Any(o => o.Required) || (declared.Length > 0 && Nearest.Find(name, declared) is not null))
            throw new ManifestException(place, $"there is no [{capability.Name}.{name}]{Nearest.Hint(name, declared)}");
        return new CapabilityResource(name, first.Name, new Dictionary<string, string>());
    }

    private CapabilityResource Resource(ICapability capability, string name, Place place, StrictTable table)
    {
        string[] names = [.. capability.Backends.Select(b => b.Name)];
        string wanted = table.Text("backend") ?? names[0];
        BackendKind backend = capability.Backends.FirstOrDefault(b => b.Name == wanted)
            ?? throw new ManifestException(table.ValuePlace("backend"), $"`{capability.Name}` has no backend `{wanted}`{Nearest.Hint(wanted, names)}");
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (BackendOption option in backend.Options)
        {
            if (table.Has(option.Name))
                options.Add(option.Name, Value(table, option.Name));
            else if (option.Required)
                throw new ManifestException(place, $"`{capability.Name}.{name}` has no `{option.Name}`, which the backend `{backend.Name}` needs: {option.Description}");
        }

        table.Finish();
        return new CapabilityResource(name, backend.Name, options);
    }
}
