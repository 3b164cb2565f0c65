using System.Text;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.S3;

// The name of an object as a key of S3. Names that other programs use are keys as they are; what a URL, a client or a server that keeps files may take for
// something else is percent-encoded: % itself, a backslash, a segment that is . or .., a slash that nothing stands between or before.
//
//   pictures/cat.jpg  →  pictures/cat.jpg          ../x  →  %2E%2E/x          /etc  →  %2Fetc          50%  →  50%25
internal static class S3Key
{
    private const int MaxBytes = 1024;

    /// <exception cref="BackendException">It is longer than S3 allows.</exception>
    public static string Of(string name)
    {
        var key = new StringBuilder(name.Length);
        string[] segments = name.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            if (i > 0)
                key.Append(segments[i].Length == 0 || segments[i - 1].Length == 0 ? "%2F" : "/");
            key.Append(segments[i] is "." or ".."
                ? segments[i].Replace(".", "%2E", StringComparison.Ordinal)
                : segments[i].Replace("%", "%25", StringComparison.Ordinal).Replace("\\", "%5C", StringComparison.Ordinal));
        }

        string text = key.ToString();
        return Encoding.UTF8.GetByteCount(text) <= MaxBytes
            ? text
            : throw new BackendException($"the name is too long for S3: {MaxBytes} bytes, with some signs counted three times", BackendFailure.Invalid);
    }

    /// <summary>The name of a key that <see cref="Of"/> made, or another program.</summary>
    public static string NameOf(string key) => key.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(key) : key;
}
