using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Capabilities.Config;

namespace Windhover.Apps.Spin;

/// <summary>Reads <c>[component.NAME]</c> of spin.toml.</summary>
internal sealed class SpinComponentReader(
    string app, string folder, ManifestContext context, SpinVariables variables, SpinDependencies dependencies, SpinServices services, Action<Place, string> note)
{
    public const string KeyValue = "key-value";
    public const string Sql = "sql";

    public ComponentManifest Read(string name, Place place, StrictTable table)
    {
        (string source, string? digest, Place sourcePlace) = Source(table);
        BuildManifest? build = Build(table.Table("build"));
        if (!File.Exists(source) && !context.MayLackSources)
            throw new ManifestException(sourcePlace, $"there is no file {source}{(build is null ? "" : "; `windhover build` makes it")}");
        table.Text("description");
        RunManifest run = Run(table);
        if (table.Texts("ai_models") is { Count: > 0 } models)
            note(models[0].Place, $"component `{name}`: models (`ai_models`) are not supported; calls to them fail");
        dependencies.Read(name, table, d => d.Has("url") ? Remote(d) : Local(d, "path"));
        var capabilities = new Dictionary<string, CapabilityRequest>(StringComparer.Ordinal);
        Config(name, table, capabilities);
        Stores(name, table, "key_value_stores", KeyValue, null, capabilities);
        Stores(name, table, "sqlite_databases", Sql, "sqlite", capabilities);
        var environment = new List<KeyValuePair<string, string>>();
        if (table.Table("environment") is { } env)
            environment.AddRange(env.Keys.Select(key => new KeyValuePair<string, string>(key, variables.Expand(env.Text(key)!, env.ValuePlace(key)))));
        (List<string> hosts, List<string> network) = Outbound(table);
        var component = new ComponentManifest
        {
            Name = name,
            Place = place,
            Source = source,
            Digest = digest,
            Environment = environment,
            AllowedHosts = hosts,
            Network = network,
            Capabilities = capabilities,
            Directories = SpinFiles.Mounts(table, folder, Path.Combine(context.DataFolder, app, "files", name)),
            Run = run,
            Build = build,
        };
        table.Finish();
        RunReader.CheckGrants(component);
        return component;
    }

    // What Spin has no words for stands where its manifest leaves room for tools: [component.NAME.tool.windhover]
    private static RunManifest Run(StrictTable table)
    {
        if (table.Table("tool")?.Table("windhover") is not { } own)
            return RunManifest.Default;
        RunManifest run = RunReader.Read(own, RunManifest.Default);
        own.Finish();
        return run;
    }

    private (string Path, string? Digest, Place Place) Source(StrictTable table)
    {
        if (table.Node("source") is not TomlTable)
            return Local(table, "source");
        StrictTable remote = table.Table("source")!;
        (string, string?, Place) source = Remote(remote);
        remote.Finish();
        return source;
    }

    private (string Path, string? Digest, Place Place) Local(StrictTable table, string key) =>
        (Path.GetFullPath(table.RequiredText(key), folder), null, table.ValuePlace(key));

    private (string Path, string? Digest, Place Place) Remote(StrictTable remote)
    {
        string digest = remote.RequiredText("digest");
        string url = remote.RequiredText("url");
        string hex = digest.StartsWith("sha256:", StringComparison.Ordinal) ? digest[7..] : digest;
        string cached = Path.Combine(context.DataFolder, "sources", hex + ".wasm");
        return File.Exists(cached)
            ? (cached, hex, remote.Place)
            : throw new ManifestException(remote.Place, $"components are not fetched at start: put what {url} gives into {cached}");
    }

    private BuildManifest? Build(StrictTable? table)
    {
        if (table is null)
            return null;
        table.Text("environment");
        string command = table.Node("command") is TomlArray ? string.Join(" && ", table.Texts("command").Select(t => t.Text)) : table.RequiredText("command");
        var build = new BuildManifest(command, Path.GetFullPath(table.Text("workdir") ?? ".", folder), [.. table.Texts("watch").Select(t => t.Text)]);
        table.Finish();
        return build;
    }

    private void Config(string component, StrictTable table, Dictionary<string, CapabilityRequest> capabilities)
    {
        if (table.Table("variables") is not { } own)
            return;
        capabilities[ConfigCapability.CapabilityName] = Request(component, [.. own.Keys.Select(key => ConfigCapability.Value(key, variables.Expand(own.Text(key)!, own.ValuePlace(key))))]);
    }

    private void Stores(string component, StrictTable table, string key, string capability, string? backend, Dictionary<string, CapabilityRequest> capabilities)
    {
        List<(string Text, Place Place)> names = table.Texts(key);
        if (names.Count == 0)
            return;
        ICapability? found = context.Capabilities.FirstOrDefault(c => c.Name == capability);
        if (found is null)
        {
            note(names[0].Place, $"component `{component}`: this server has no capability `{capability}`; calls to `{names[0].Text}` fail");
            return;
        }

        string kind = backend is not null && found.Backends.Any(b => b.Name == backend) ? backend : found.Backends[0].Name;
        capabilities[capability] = Request(component, [.. names.Select(n => new CapabilityResource(n.Text, kind, new Dictionary<string, string>()))]);
    }

    private CapabilityRequest Request(string component, IReadOnlyList<CapabilityResource> resources) =>
        new(app, component, Path.Combine(context.DataFolder, app), resources) { BaseDirectory = folder };

    // [scheme]://host[:port]: what is not HTTP is a rule for sockets.
    private (List<string> Hosts, List<string> Network) Outbound(StrictTable table)
    {
        var hosts = new List<string>();
        var network = new List<string>();
        foreach ((string text, Place place) in table.Texts("allowed_outbound_hosts").Concat(table.Texts("allowed_http_hosts")))
        {
            string rule = variables.Expand(text, place);
            int colon = rule.IndexOf("://", StringComparison.Ordinal);
            string scheme = colon < 0 ? "*" : rule[..colon];
            string rest = (colon < 0 ? rule : rule[(colon + 3)..]).TrimEnd('/');
            if (rest is "self" or "self.alt")
                rest = app + Services.ServiceCalls.Domain;
            bool isService = services.Allow(rest, place);
            if (scheme is "http" or "https" or "*")
                hosts.Add(scheme == "*" && rest == "*" ? "*" : $"{scheme}://{rest}");
            if (!isService && scheme is not ("http" or "https"))
                network.Add($"connect {(rest.Contains(':', StringComparison.Ordinal) ? rest : rest + ":*")}");
        }

        return (hosts, network);
    }
}
