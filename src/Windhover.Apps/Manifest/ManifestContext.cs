using Windhover.Hosting.Capabilities;

namespace Windhover.Apps.Manifest;

/// <summary>What a manifest is read against: the server's capabilities, secrets and folders.</summary>
internal sealed record ManifestContext(IReadOnlyList<ICapability> Capabilities, ISecretProvider Secrets, string DataFolder)
{
    /// <summary>For building: components need not be there yet.</summary>
    public bool MayLackSources { get; init; }
}

/// <summary>Where secrets come from. A manifest names them, <c>{ secret = "NAME" }</c>; their values stand nowhere in it.</summary>
public interface ISecretProvider
{
    /// <summary>The value; null when there is no such secret.</summary>
    string? Find(string app, string name);
}

/// <summary>
/// Secrets from files (<c>FOLDER/APP/NAME</c>, then <c>FOLDER/NAME</c>; a trailing line break is taken off, as with mounted secrets of container platforms), then from the environment
/// (<c>WINDHOVER_SECRET_NAME</c>).
/// </summary>
public sealed class FileSecrets(string? folder) : ISecretProvider
{
    /// <inheritdoc/>
    public string? Find(string app, string name)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') || name.StartsWith('.'))
            return null;
        if (folder is not null)
        {
            foreach (string path in new[] { Path.Combine(folder, app, name), Path.Combine(folder, name) })
            {
                if (File.Exists(path))
                    return File.ReadAllText(path).TrimEnd('\n', '\r');
            }
        }

        return Environment.GetEnvironmentVariable("WINDHOVER_SECRET_" + name.Replace('-', '_').Replace('.', '_').ToUpperInvariant());
    }
}
