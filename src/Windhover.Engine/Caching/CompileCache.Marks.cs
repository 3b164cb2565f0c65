using System.Security.Cryptography;
using System.Text;

namespace Windhover.Engine;

// What was found valid once, by content: a file of the cache's directory whose name and content are the digest of what was looked at. As trustworthy as the
// compiled code beside it, since both stand in a directory that nobody else may write.
public sealed partial class CompileCache
{
    private const string MarkExtension = ".valid";

    /// <summary>Whether <see cref="MarkValid"/> was called for these bytes, by this release of the engine.</summary>
    public bool IsMarkedValid(ReadOnlySpan<byte> content)
    {
        var key = MarkKey(content);
        var path = MarkPath(key);
        try
        {
            return PrivateFiles.WhyUnsafe(path) is null && File.ReadAllBytes(path).AsSpan().SequenceEqual(key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Remembers that these bytes, a component without the bodies of its modules, were found valid.</summary>
    /// <remarks>A directory that cannot be written is not an error: they are looked at again.</remarks>
    public void MarkValid(ReadOnlySpan<byte> content)
    {
        var key = MarkKey(content);
        var temporary = $"{MarkPath(key)}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = PrivateFiles.Create(temporary))
                file.Write(key);
            File.Move(temporary, MarkPath(key), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // As with a module that cannot be stored: only the next start pays again.
        }
    }

    private static byte[] MarkKey(ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"valid\n{CacheKey.EngineVersion}\n{content.Length}\n"));
        hash.AppendData(content);
        return hash.GetHashAndReset();
    }

    private string MarkPath(byte[] key) => Path.Combine(Directory, Convert.ToHexStringLower(key) + MarkExtension);
}
