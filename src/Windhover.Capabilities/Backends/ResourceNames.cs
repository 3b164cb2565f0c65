using System.Text;

namespace Windhover.Capabilities.Backends;

/// <summary>Names that guests and manifests choose, as names of files.</summary>
internal static class ResourceNames
{
    /// <summary>
    /// A file name for a resource: itself when it is plain, otherwise its bytes in hexadecimal after a <c>%</c>. Different names are different files, also
    /// where case does not count.
    /// </summary>
    public static string ToFileName(string name) =>
        IsPlain(name) ? name : "%" + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name));

    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= 100 && name[0] != '.' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');
}
