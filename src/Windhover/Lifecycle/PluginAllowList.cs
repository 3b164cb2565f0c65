using System.Buffers;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace Windhover.Plugins;

/// <summary>
/// The digests of the plug-ins that may be loaded, signed. A text file:
/// <code>
///   windhover-plugins 1
///   sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 discount
///   signature: base64 of ECDSA (P-256, SHA-256, IEEE P1363) over all bytes before this line
/// </code>
/// Immutable and thread-safe.
/// </summary>
public sealed class PluginAllowList
{
    private const string Header = "windhover-plugins 1";
    private const string DigestPrefix = "sha256:";
    private const string SignaturePrefix = "signature: ";
    private const int MaxBytes = 16 << 20;

    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdef");

    private readonly FrozenSet<string> _digests;

    private PluginAllowList(IEnumerable<string> digests) => _digests = digests.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>How many digests it holds.</summary>
    public int Count => _digests.Count;

    /// <summary>Reads a file and checks its signature.</summary>
    /// <param name="path">The file.</param>
    /// <param name="publicKeyPem">The key of whoever signs: PEM, <c>BEGIN PUBLIC KEY</c>, P-256.</param>
    /// <exception cref="PluginNotAllowedException">The file is malformed, or the signature is not that of the key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PluginAllowList Load(string path, string publicKeyPem)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(publicKeyPem);
        return Parse(File.ReadAllBytes(path), key);
    }

    /// <summary>The same for a list that is in memory.</summary>
    public static PluginAllowList Parse(ReadOnlySpan<byte> file, ECDsa publicKey)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        if (file.Length > MaxBytes)
            throw Bad($"is larger than {MaxBytes >> 20} MiB");
        int at = file.LastIndexOf(Encoding.ASCII.GetBytes("\n" + SignaturePrefix));
        if (at < 0)
            throw Bad("has no signature line at its end");
        ReadOnlySpan<byte> content = file[..(at + 1)];
        string encoded = Encoding.ASCII.GetString(file[(at + 1 + SignaturePrefix.Length)..]).Trim();
        var signature = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, signature, out int length))
            throw Bad("has a signature that is not base64");
        if (!publicKey.VerifyData(content, signature.AsSpan(0, length), HashAlgorithmName.SHA256))
            throw Bad("is not signed by the given key, or was changed after it was signed");

        // Only signed text is read further.
        string[] lines = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.TrimEntries);
        if (lines[0] != Header)
            throw Bad($"does not begin with `{Header}`");
        var digests = new List<string>();
        for (int i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#')
                continue;
            string digest = lines[i].Split(' ')[0];
            if (!digest.StartsWith(DigestPrefix, StringComparison.Ordinal) || digest.Length != DigestPrefix.Length + 64
                || digest.AsSpan(DigestPrefix.Length).ContainsAnyExcept(s_hexadecimal))
                throw Bad($"has no digest in line {i + 1}");
            digests.Add(digest[DigestPrefix.Length..]);
        }

        return new PluginAllowList(digests);
    }

    /// <summary>Writes a list.</summary>
    /// <param name="plugins">SHA-256 digests in lower-case hexadecimal digits, each with a name for people.</param>
    /// <param name="privateKey">The signer's key, P-256.</param>
    public static byte[] Sign(IEnumerable<(string Digest, string Name)> plugins, ECDsa privateKey)
    {
        ArgumentNullException.ThrowIfNull(plugins);
        ArgumentNullException.ThrowIfNull(privateKey);
        var text = new StringBuilder(Header).Append('\n');
        foreach ((string digest, string name) in plugins)
            text.Append(DigestPrefix).Append(digest).Append(' ').Append(name.ReplaceLineEndings(" ")).Append('\n');
        byte[] content = Encoding.UTF8.GetBytes(text.ToString());
        string signature = Convert.ToBase64String(privateKey.SignData(content, HashAlgorithmName.SHA256));
        return [.. content, .. Encoding.ASCII.GetBytes($"{SignaturePrefix}{signature}\n")];
    }

    internal void Check(PluginInfo info)
    {
        if (!_digests.Contains(info.Digest))
        {
            throw new PluginNotAllowedException(
                info.Name, $"its digest sha256:{info.Digest} is not on the allow-list of {Count}", "Have it reviewed and added to the signed list, or restore the file that was.");
        }
    }

    private static PluginNotAllowedException Bad(string what) =>
        new("(all)", $"the allow-list {what}", "Sign the list anew with PluginAllowList.Sign, and give the matching public key.");
}
