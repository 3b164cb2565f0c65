using Windhover.Apps.Routing;
using Windhover.Apps.Toml;
using Windhover.Engine;

namespace Windhover.Apps.Manifest;

/// <summary>Reads <c>windhover.toml</c>. The keys are described in docs/apps.md and, for editors, in schema/windhover.schema.json.</summary>
internal static class ManifestReader
{
    public const string FileName = "windhover.toml";

    /// <exception cref="ManifestException">The first thing that is wrong.</exception>
    public static AppManifest Read(string file, string text, ManifestContext context)
    {
        var root = new StrictTable(TomlReader.Read(file, text), "the manifest");
        string name = root.RequiredText("name");
        CheckName(root, name);
        root.Text("$schema");
        Budget budget = ReadBudget(root.Table("budget"), Budget.Default);
        RunManifest run = RunReader.ReadApp(root);
        var resources = new ResourceReader(root, name, Path.GetDirectoryName(file)!, context);
        var components = new Dictionary<string, ComponentManifest>(StringComparer.Ordinal);
        foreach ((string key, Place place, StrictTable table) in root.NamedTables("component"))
            components.Add(key, ComponentReader.Read(key, place, table, budget, run, resources, file));
        if (components.Count == 0)
            throw new ManifestException(root.Place, "the app has no component; write a table [component.NAME] with a `source`");

        ImportReader.Check(components);
        var triggers = new TriggerReader(components);
        var manifest = new AppManifest
        {
            Name = name,
            File = file,
            Description = root.Text("description"),
            Tenant = ReadTenant(root),
            TenantPlace = root.ValuePlace("tenant"),
            Budget = budget,
            Components = components,
            Http = [.. root.Tables("http").Select(triggers.Http)],
            Cron = [.. root.Tables("cron").Select(triggers.Cron)],
            Queues = [.. root.Tables("queue").Select(triggers.Queue)],
            Watches = new WatchReader(components, resources).ReadAll(root),
            Start = [.. root.Tables("start").Select(triggers.Start)],
            Topics = resources.Topics,
        };
        root.Finish();
        RouteConflicts.CheckWithin(manifest);
        return manifest;
    }

    /// <summary>A name is part of a host name (<c>http://NAME.internal/</c>) and of paths.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 63 && char.IsAsciiLetterLower(name[0]) && name[^1] != '-' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static Budget ReadBudget(StrictTable? table, Budget from)
    {
        if (table is null)
            return from;
        Budget budget = from;
        foreach (string key in table.Keys)
        {
            try
            {
                string text = table.Node(key) switch
                {
                    TomlScalar { Value: string value } => value,
                    TomlScalar { Value: long value } => value.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    _ => throw table.Wrong(key, "a string with a unit, or a number"),
                };
                budget = budget.With(key, text);
            }
            catch (BudgetFormatException error)
            {
                throw new ManifestException(table.PlaceOf(key), error.Message, error);
            }
        }

        return budget;
    }

    private static string? ReadTenant(StrictTable root) => root.Text("tenant") is not { } tenant || IsName(tenant)
        ? root.Text("tenant")
        : throw new ManifestException(root.ValuePlace("tenant"), $"`{tenant}` is no name of a tenant: lower-case letters, digits and hyphens, at most 63, a letter first");

    private static void CheckName(StrictTable root, string name)
    {
        if (!IsName(name))
            throw new ManifestException(root.ValuePlace("name"), $"`{name}` is no name of an app: lower-case letters, digits and hyphens, at most 63, a letter first");
    }
}
