using Windhover.Apps.Manifest;
using Windhover.Apps.Spin;
using Windhover.Apps.Toml;

namespace Windhover.Apps.Runtime;

/// <summary>Finds and reads the manifests of a folder: its own, or those of the folders in it.</summary>
internal sealed class AppFolder(string folder, ManifestContext context)
{
    private readonly Dictionary<string, (FileStamp Stamp, AppManifest Manifest)> _read = new(StringComparer.Ordinal);

    public static string? ManifestOf(string folder)
    {
        foreach (string name in new[] { ManifestReader.FileName, SpinReader.FileName })
        {
            string file = Path.Combine(folder, name);
            if (File.Exists(file))
                return file;
        }

        return null;
    }

    /// <summary>Files of manifests, by the names of their folders.</summary>
    public IReadOnlyList<string> Files()
    {
        if (!Directory.Exists(folder))
            return [];
        if (ManifestOf(folder) is { } own)
            return [own];
        return [.. Directory.EnumerateDirectories(folder)
            .Where(d => !Path.GetFileName(d).StartsWith('.'))
            .Order(StringComparer.Ordinal)
            .Select(ManifestOf)
            .OfType<string>()];
    }

    /// <summary>Reads all; what did not change since the last time is the same object.</summary>
    public List<AppManifest> Read(Action<string, ManifestException> report)
    {
        var manifests = new List<AppManifest>();
        foreach (string file in Files())
        {
            try
            {
                manifests.Add(Read(file));
            }
            catch (ManifestException error)
            {
                report(file, error);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                report(file, new ManifestException(new Place(file, 1, 1), $"cannot be read: {error.Message}", error));
            }
        }

        return manifests;
    }

    private AppManifest Read(string file)
    {
        FileStamp stamp = FileStamp.Of(file);
        if (_read.TryGetValue(file, out (FileStamp Stamp, AppManifest Manifest) known) && known.Stamp == stamp
            && known.Manifest.Components.Values.All(c => File.Exists(c.Source)))
            return known.Manifest;
        string text = File.ReadAllText(file);
        AppManifest manifest = Path.GetFileName(file) == SpinReader.FileName ? SpinReader.Read(file, text, context) : ManifestReader.Read(file, text, context);
        _read[file] = (stamp, manifest);
        return manifest;
    }
}

/// <summary>Whether a file changed. What changes within the clock's resolution and keeps its length is seen the next time.</summary>
internal readonly record struct FileStamp(long Length, long Ticks)
{
    public static FileStamp Of(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? new FileStamp(info.Length, info.LastWriteTimeUtc.Ticks) : default;
    }
}
