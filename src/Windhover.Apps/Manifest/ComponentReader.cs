using Windhover.Apps.Toml;
using Windhover.Engine;

namespace Windhover.Apps.Manifest;

/// <summary>Reads <c>[component.NAME]</c>.</summary>
internal static class ComponentReader
{
    public static ComponentManifest Read(string name, Place place, StrictTable table, Budget budget, RunManifest run, ResourceReader resources, string file)
    {
        if (!ManifestReader.IsName(name))
            throw new ManifestException(place, $"`{name}` is no name of a component: lower-case letters, digits and hyphens, at most 63, a letter first");
        string folder = Path.GetDirectoryName(file)!;
        string source = table.RequiredText("source");
        Place sourcePlace = table.ValuePlace("source");
        string path = Path.GetFullPath(source, folder);
        BuildManifest? build = ReadBuild(table.Table("build"), folder);
        if (!File.Exists(path) && !resources.Context.MayLackSources)
        {
            throw new ManifestException(
                sourcePlace, $"there is no file {source}{(build is null ? NearFile(path) : "; `windhover build` makes it")}");
        }

        var component = new ComponentManifest
        {
            Name = name,
            Place = sourcePlace,
            Source = path,
            Digest = ReadDigest(table),
            Environment = [.. resources.Values(table, "env")],
            Directories = [.. table.Tables("dirs").Select(d => ReadDirectory(d, folder))],
            AllowedHosts = [.. ReadHosts(table).Select(h => h.Text)],
            Network = ReadNetwork(table),
            Arguments = [.. table.Texts("args").Select(t => t.Text)],
            Capabilities = resources.Grants(name, table),
            Budget = ManifestReader.ReadBudget(table.Table("budget"), budget),
            Imports = ImportReader.Read(table),
            Middleware = table.Texts("middleware"),
            Run = RunReader.Read(table, run),
            Build = build,
        };
        table.Finish();
        RunReader.CheckGrants(component);
        return component;
    }

    private static string NearFile(string path)
    {
        string? folder = Path.GetDirectoryName(path);
        if (!Directory.Exists(folder))
            return $": the folder {folder} does not exist";
        return Nearest.Find(Path.GetFileName(path), Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Take(1000)) is { } near
            ? $"; the nearest is `{near}`"
            : "";
    }

    private static string? ReadDigest(StrictTable table)
    {
        if (table.Text("digest") is not { } digest)
            return null;
        string hex = digest.StartsWith("sha256:", StringComparison.Ordinal) ? digest[7..] : "";
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigitLower)
            ? hex
            : throw table.Wrong("digest", "of the form \"sha256:\" and 64 lower-case hexadecimal digits");
    }

    private static DirectoryGrantManifest ReadDirectory(StrictTable table, string folder)
    {
        string host = table.RequiredText("host");
        string path = Path.GetFullPath(host, folder);
        string guest = table.Text("guest") ?? "/" + Path.GetFileName(path.TrimEnd('/'));
        bool writable = table.Flag("writable", false);
        bool create = table.Flag("create", false);
        table.Finish();
        if (create && writable)
            Directory.CreateDirectory(path);
        if (!Directory.Exists(path))
            throw new ManifestException(table.ValuePlace("host"), $"there is no directory {host}; `create = true` with `writable = true` makes it");
        return new DirectoryGrantManifest(path, guest, writable);
    }

    private static List<(string Text, Place Place)> ReadHosts(StrictTable table)
    {
        List<(string Text, Place Place)> hosts = table.Texts("allow-hosts");
        foreach ((string text, Place place) in hosts)
        {
            try
            {
                // Only to find out whether it can be read.
                _ = new Wasi.Http.OutgoingHttp(NoClients.Instance, [text]);
            }
            catch (FormatException error)
            {
                throw new ManifestException(place, error.Message, error);
            }
        }

        return hosts;
    }

    private static List<string> ReadNetwork(StrictTable table)
    {
        var rules = new List<string>();
        foreach ((string text, Place place) in table.Texts("allow-net"))
        {
            try
            {
                _ = Wasi.Sockets.NetworkPolicy.Allow(text);
            }
            catch (FormatException error)
            {
                throw new ManifestException(place, error.Message, error);
            }

            rules.Add(text);
        }

        return rules;
    }

    private static BuildManifest? ReadBuild(StrictTable? table, string folder)
    {
        if (table is null)
            return null;
        var build = new BuildManifest(
            table.RequiredText("command"), Path.GetFullPath(table.Text("folder") ?? ".", folder), [.. table.Texts("watch").Select(t => t.Text)]);
        table.Finish();
        return build;
    }

    private sealed class NoClients : IHttpClientFactory
    {
        public static readonly NoClients Instance = new();

        public HttpClient CreateClient(string name) => throw new NotSupportedException("Rules are read, not used.");
    }
}
