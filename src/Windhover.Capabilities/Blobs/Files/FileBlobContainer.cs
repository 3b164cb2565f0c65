using System.Text;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.Blobs.Files;

// Objects are files of one folder, and their names are made by us:
//
//   name of the object   any text the guest likes, "../../etc/passwd", "CON", "a/b"
//   name of the file     o- and the UTF-8 bytes in hexadecimal when they are at most 100; otherwise h- and their SHA-256, with the name in a file beside it
//
// No sign of a guest's name reaches the file system, so that there is nothing to escape with. A write goes to a file of its own and is renamed at its
// end; a reader keeps the file that it opened.

/// <summary>A container in a folder.</summary>
internal sealed class FileBlobContainer(string folder, BackendHealth health) : IBlobContainer
{
    private const int NamesPerPage = 1000;
    private const int PlainBytes = 100;

    public ValueTask<DateTimeOffset?> FindAsync(CancellationToken cancellationToken) =>
        Run(() => Directory.Exists(folder) ? new DateTimeOffset(Directory.GetCreationTimeUtc(folder)) : default(DateTimeOffset?));

    public async ValueTask CreateAsync(CancellationToken cancellationToken) => await Run(() => Directory.CreateDirectory(folder)).ConfigureAwait(false);

    public async ValueTask DeleteAsync(CancellationToken cancellationToken) => await Run(() =>
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return true;
    }).ConfigureAwait(false);

    public ValueTask<BlobInfo?> FindObjectAsync(string name, CancellationToken cancellationToken) => Run(() =>
    {
        var file = new FileInfo(PathOf(name));
        return file.Exists ? new BlobInfo(file.Length, file.LastWriteTimeUtc) : default(BlobInfo?);
    });

    public ValueTask<BlobContent?> OpenAsync(string name, long start, long end, CancellationToken cancellationToken) => Run(() =>
    {
        string path = PathOf(name);
        if (!File.Exists(path))
            return null;
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        long length = start >= stream.Length || end < start ? 0 : Math.Min(end, stream.Length - 1) - start + 1;
        stream.Position = Math.Min(start, stream.Length);
        return new BlobContent(stream, length);
    });

    public async ValueTask WriteAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        string temporary = Path.Combine(folder, $"t-{Guid.NewGuid():N}");
        try
        {
            if (!Directory.Exists(folder))
                throw new BackendException("the container is not there: create it first", BackendFailure.Invalid);
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
                await content.CopyToAsync(file, 128 * 1024, cancellationToken).ConfigureAwait(false);
            if (Path.GetFileName(path).StartsWith("h-", StringComparison.Ordinal))
                await File.WriteAllTextAsync(path + ".name", name, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
            health.Works();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw health.Fails(error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public async ValueTask DeleteObjectAsync(string name, CancellationToken cancellationToken) => await Run(() =>
    {
        string path = PathOf(name);
        if (File.Exists(path))
        {
            File.Delete(path);
            File.Delete(path + ".name");
        }

        return true;
    }).ConfigureAwait(false);

    public ValueTask<(IReadOnlyList<string> Names, string? Cursor)> ListAsync(string? cursor, CancellationToken cancellationToken) =>
        Run<(IReadOnlyList<string> Names, string? Cursor)>(() =>
        {
            if (!Directory.Exists(folder))
                return ([], null);
            string[] files = [.. Directory.EnumerateFiles(folder)
                .Select(path => Path.GetFileName(path))
                .Where(file => file[0] != 't' && !file.EndsWith(".name", StringComparison.Ordinal) && string.CompareOrdinal(file, cursor) > 0)
                .Order(StringComparer.Ordinal).Take(NamesPerPage + 1)];
            string[] page = files.Length > NamesPerPage ? files[..NamesPerPage] : files;
            return ([.. page.Select(NameOf).OfType<string>()], files.Length > page.Length ? page[^1] : null);
        });

    private string PathOf(string name)
    {
        BlobLimits.Check(name);
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return Path.Combine(folder, bytes.Length <= PlainBytes
            ? "o-" + Convert.ToHexStringLower(bytes)
            : "h-" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    private string? NameOf(string file)
    {
        if (file.StartsWith("o-", StringComparison.Ordinal))
            return Encoding.UTF8.GetString(Convert.FromHexString(file.AsSpan(2)));
        string path = Path.Combine(folder, file + ".name");
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    private ValueTask<T> Run<T>(Func<T> action)
    {
        try
        {
            T result = action();
            health.Works();
            return new(result);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            throw health.Fails(error);
        }
    }
}
