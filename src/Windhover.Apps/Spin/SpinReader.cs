using Windhover.Apps.Manifest;
using Windhover.Apps.Routing;
using Windhover.Apps.Toml;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;

namespace Windhover.Apps.Spin;

// Reads spin.toml, version 2 (Spin documentation, "Spin Application Manifest Reference"), as it is. What this server does not have is not passed over: it becomes a
// line of AppManifest.Unsupported where the app can do without it, and an error where it cannot.
internal sealed class SpinReader
{
    public const string FileName = "spin.toml";

    private readonly ManifestContext _context;
    private readonly string _folder;
    private readonly List<string> _unsupported = [];
    private readonly StrictTable _root;
    private string _name = "";
    private readonly SpinServices _services = new();
    private SpinVariables _variables = SpinVariables.None;
    private string _base = "";

    private SpinReader(string file, string text, ManifestContext context)
    {
        _context = context;
        _folder = Path.GetDirectoryName(file)!;
        _root = new StrictTable(TomlReader.Read(file, text), "the manifest");
    }

    /// <exception cref="ManifestException">The first thing that is wrong.</exception>
    public static AppManifest Read(string file, string text, ManifestContext context) => new SpinReader(file, text, context).Read(file);

    private AppManifest Read(string file)
    {
        if (_root.Node("spin_manifest_version") is not TomlScalar { Value: 2L })
            throw new ManifestException(_root.PlaceOf("spin_manifest_version"), "`spin_manifest_version` is not 2; `spin doctor` upgrades older manifests");
        StrictTable application = _root.Table("application") ?? throw new ManifestException(_root.Place, "the manifest has no [application]");
        _name = application.RequiredText("name").ToLowerInvariant().Replace('_', '-');
        if (!ManifestReader.IsName(_name))
            throw new ManifestException(application.ValuePlace("name"), $"`{_name}` is no name of an app: letters, digits and hyphens, a letter first");
        string? description = application.Text("description");
        application.Text("version");
        application.Texts("authors");
        string? redis = null;
        if (application.Table("trigger") is { } defaults)
        {
            if (defaults.Table("redis") is { } redisDefaults)
            {
                redis = redisDefaults.Text("address");
                redisDefaults.Finish();
            }

            if (defaults.Table("http") is { } httpDefaults)
            {
                _base = ReadBase(httpDefaults);
                httpDefaults.Finish();
            }

            foreach (string other in defaults.Keys.Where(k => k is not ("redis" or "http")))
                Note(defaults.PlaceOf(other), $"settings of the trigger `{other}` are not supported");
        }

        application.Finish();
        _variables = SpinVariables.Read(_root.Table("variables"), _name, _context.Secrets);
        var components = new Dictionary<string, ComponentManifest>(StringComparer.Ordinal);
        var dependencies = new SpinDependencies(_context);
        foreach ((string name, Place place, StrictTable table) in _root.NamedTables("component"))
            components.Add(name, new SpinComponentReader(_name, _folder, _context, _variables, dependencies, _services, Note).Read(name, place, table));
        var http = new List<HttpTrigger>();
        var queues = new List<QueueTrigger>();
        var topics = new Dictionary<string, CapabilityResource>(StringComparer.Ordinal);
        if (_root.Table("trigger") is { } triggers)
            ReadTriggers(triggers, components, redis, http, queues, topics);
        IReadOnlyList<HttpTrigger> services = _services.Finish(components.Keys);
        dependencies.AddTo(components);
        ImportReader.Check(components);
        _root.Finish();
        var manifest = new AppManifest
        {
            Name = _name,
            File = file,
            Description = description,
            Components = components,
            Http = http,
            Services = services,
            Queues = queues,
            Topics = topics,
            Unsupported = _unsupported,
            IsSpin = true,
            Budget = Budget.Default,
        };
        RouteConflicts.CheckWithin(manifest);
        return manifest;
    }

    private void ReadTriggers(
        StrictTable triggers, Dictionary<string, ComponentManifest> components, string? redis, List<HttpTrigger> http, List<QueueTrigger> queues, Dictionary<string, CapabilityResource> topics)
    {
        foreach (StrictTable table in triggers.Tables("http"))
        {
            string component = Component(table, components);
            table.Text("id");
            if (table.Has("base"))
                throw new ManifestException(table.PlaceOf("base"), "`base` is for all routes of the application: write it into [application.trigger.http]");
            _services.Answers(component, table.Place);
            if (table.Table("executor") is { } executor && executor.Text("type") is { } type && type != "http")
                throw new ManifestException(executor.ValuePlace("type"), $"the executor `{type}` is not supported: components answer as wasi:http");
            if (table.Node("route") is TomlTable)
            {
                StrictTable hidden = table.Table("route")!;
                if (!hidden.Flag("private", false))
                    throw new ManifestException(hidden.Place, "a route is a string or { private = true }");
                hidden.Finish();
            }
            else
            {
                try
                {
                    http.Add(new HttpTrigger(table.Place, SpinRoute.Parse(_base, table.RequiredText("route")), component, AnswerKind.Handler) { SpinBase = _base });
                }
                catch (RouteFormatException error)
                {
                    throw new ManifestException(table.ValuePlace("route"), error.Message, error);
                }
            }

            table.Finish();
        }

        foreach (StrictTable table in triggers.Tables("redis"))
        {
            string channel = table.RequiredText("channel");
            string address = _variables.Expand(table.Text("address") ?? redis ?? throw new ManifestException(table.Place, "[[trigger.redis]] has no `address`, and [application.trigger.redis] neither"), table.ValuePlace("address"));
            table.Text("id");
            queues.Add(new QueueTrigger(table.Place, channel, Component(table, components)) { Attempts = 1 });
            topics[channel] = new CapabilityResource(channel, "redis-channel", new Dictionary<string, string>(StringComparer.Ordinal) { ["url"] = address });
            table.Finish();
        }

        foreach (string other in triggers.Keys.Where(k => k is not ("http" or "redis")))
            throw new ManifestException(triggers.PlaceOf(other), $"the trigger `{other}` is not supported; there are `http` and `redis`, and in windhover.toml `cron` and `queue`");
    }

    // With a slash before it and none behind; empty for none.
    private static string ReadBase(StrictTable http)
    {
        string text = (http.Text("base") ?? "").Trim('/');
        return !text.Split('/').Any(part => part is "..." || part.StartsWith(':') || part.IndexOfAny(['{', '}']) >= 0)
            ? text.Length == 0 ? "" : "/" + text
            : throw new ManifestException(http.ValuePlace("base"), $"`{text}` is no path below which routes can lie: it has no parameters");
    }

    private static string Component(StrictTable table, Dictionary<string, ComponentManifest> components)
    {
        string name = table.RequiredText("component");
        return components.ContainsKey(name)
            ? name
            : throw new ManifestException(table.ValuePlace("component"), $"there is no component `{name}`{Nearest.Hint(name, components.Keys)}");
    }

    private void Note(Place place, string what) => _unsupported.Add($"{place}: {what}");
}
