using System.Text;
using System.Text.RegularExpressions;
using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;

namespace Windhover.Apps.Spin;

/// <summary>
/// <c>files</c> of spin.toml. A folder with a destination is mounted as it is, read-only. Patterns (<c>assets/**/*.png</c>) choose single files, which a mount cannot: they are copied to a
/// folder of the app's data, whenever the manifest is read.
/// </summary>
internal static class SpinFiles
{
    public static List<DirectoryGrantManifest> Mounts(StrictTable table, string folder, string staging)
    {
        var mounts = new List<DirectoryGrantManifest>();
        var patterns = new List<(string Text, Place Place)>();
        if (table.Node("files") is TomlArray files)
        {
            foreach (TomlNode item in files.Items)
            {
                switch (item)
                {
                    case TomlScalar { Value: string pattern }:
                        patterns.Add((pattern, item.Place));
                        break;
                    case TomlTable mount:
                        mounts.Add(Mount(new StrictTable(mount, "`files`"), folder));
                        break;
                    default:
                        throw new ManifestException(item.Place, "`files` takes patterns and tables with `source` and `destination`");
                }
            }
        }

        string[] excluded = [.. table.Texts("exclude_files").Select(t => t.Text)];
        if (patterns.Count > 0)
        {
            Stage(patterns, excluded, folder, staging);
            mounts.Add(new DirectoryGrantManifest(staging, "/", false));
        }

        return mounts;
    }

    private static DirectoryGrantManifest Mount(StrictTable mount, string folder)
    {
        string source = Path.GetFullPath(mount.RequiredText("source"), folder);
        string destination = mount.RequiredText("destination");
        mount.Finish();
        return Directory.Exists(source)
            ? new DirectoryGrantManifest(source, destination, false)
            : throw new ManifestException(mount.ValuePlace("source"), $"there is no directory {source}");
    }

    private static void Stage(List<(string Text, Place Place)> patterns, string[] excluded, string folder, string staging)
    {
        if (Directory.Exists(staging))
            Directory.Delete(staging, recursive: true);
        Directory.CreateDirectory(staging);
        Regex[] without = [.. excluded.Select(Glob)];
        string[] all = [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Select(f => Path.GetRelativePath(folder, f))];
        foreach ((string pattern, Place place) in patterns)
        {
            Regex glob = Glob(pattern);
            string[] chosen = [.. all.Where(f => glob.IsMatch(f) && !without.Any(w => w.IsMatch(f)))];
            if (chosen.Length == 0)
                throw new ManifestException(place, $"no file matches `{pattern}`");
            foreach (string file in chosen)
            {
                string target = Path.Combine(staging, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(Path.Combine(folder, file), target, overwrite: true);
            }
        }
    }

    private static Regex Glob(string pattern)
    {
        var text = new StringBuilder("^");
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern.AsSpan(i).StartsWith("**/"))
                (i, _) = (i + 2, text.Append("(?:.*/)?"));
            else if (pattern.AsSpan(i).StartsWith("**"))
                (i, _) = (i + 1, text.Append(".*"));
            else if (pattern[i] == '*')
                text.Append("[^/]*");
            else if (pattern[i] == '?')
                text.Append("[^/]");
            else
                text.Append(Regex.Escape(pattern[i].ToString()));
        }

        return new Regex(text.Append('$').ToString(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }
}
