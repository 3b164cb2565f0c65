namespace Windhover.Wit;

/// <summary>Decides which files belong to which package (WIT.md "Filesystem structure").</summary>
internal static class WitFileSystem
{
    /// <summary>The files of a folder, then those of each entry of its <c>deps</c>, in the order of their names.</summary>
    public static List<List<(string Path, string Text)>> Read(string path)
    {
        if (File.Exists(path))
            return [[(path, File.ReadAllText(path))]];
        var groups = new List<List<(string Path, string Text)>> { ReadFolder(path) };
        var deps = Path.Combine(path, "deps");
        if (!Directory.Exists(deps))
            return groups;
        foreach (var entry in Directory.EnumerateFileSystemEntries(deps).OrderBy(e => e, StringComparer.Ordinal))
        {
            if (Directory.Exists(entry))
                groups.Add(ReadFolder(entry));
            else if (entry.EndsWith(".wit", StringComparison.Ordinal))
                groups.Add([(entry, File.ReadAllText(entry))]);
        }
        return groups;
    }

    private static List<(string Path, string Text)> ReadFolder(string path) =>
        Directory.EnumerateFiles(path).Where(f => f.EndsWith(".wit", StringComparison.Ordinal))
            .Select(f => (f, File.ReadAllText(f))).ToList();

    /// <summary>
    /// The same from paths alone. What lies above the folder that all files share does not count: it may itself be called <c>deps</c>.
    /// </summary>
    public static List<List<(string Path, string Text)>> Group(List<(string Path, string Text)> files)
    {
        var split = files.ConvertAll(f => f.Path.Replace('\\', '/').Split('/'));
        var shared = SharedFolders(split);
        var main = new List<(string Path, string Text)>();
        var deps = new SortedDictionary<string, List<(string Path, string Text)>>(StringComparer.Ordinal);
        for (var i = 0; i < files.Count; i++)
        {
            var parts = split[i];
            var at = Array.LastIndexOf(parts, "deps", parts.Length - 1);
            if (at < shared || at < 0 || at < parts.Length - 3 || at == parts.Length - 1)
            {
                main.Add(files[i]);
                continue;
            }
            var key = string.Join("/", parts, 0, at + 2);
            if (!deps.TryGetValue(key, out var group))
                deps.Add(key, group = []);
            group.Add(files[i]);
        }
        var groups = new List<List<(string Path, string Text)>> { main };
        groups.AddRange(deps.Values);
        return groups;
    }

    private static int SharedFolders(List<string[]> paths)
    {
        if (paths.Count == 0)
            return 0;
        var shared = paths[0].Length - 1;
        foreach (var path in paths)
        {
            shared = Math.Min(shared, path.Length - 1);
            for (var i = 0; i < shared; i++)
            {
                if (path[i] != paths[0][i])
                    shared = i;
            }
        }
        return shared;
    }
}
