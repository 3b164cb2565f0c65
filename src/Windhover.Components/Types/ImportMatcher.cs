using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Windhover.Components.Types;

/// <summary>
/// Finds, for the name that a component imports, the name under which a host provides it. Names without a version match literally; versioned
/// interfaces match within their compatibility track: <c>wasi:io/streams@0.2.4</c> is served by <c>@0.2.12</c> and the other way round (the
/// type check that follows refuses what the older one lacks). Immutable and thread-safe.
/// <code>
///   wanted     provided            served by
///   1.2.0      1.9.3  2.0.0        1.9.3     same major
///   0.2.4      0.2.12 0.3.0        0.2.12    major 0: same minor
///   0.0.1      0.0.2               –         major 0.0: same patch only
///   0.2        0.2.12              0.2.12    a canonical name is a whole track
///   0.2.0-rc   0.2.0-rc 0.2.12     0.2.0-rc  a pre-release is itself only, unless the caller lets releases serve it
/// </code>
/// </summary>
/// <remarks>Explainer.md, "Canonical Interface Name".</remarks>
public sealed class ImportMatcher
{
    private readonly FrozenSet<string> _exact;
    private readonly FrozenDictionary<string, ImmutableArray<Provided>> _versions;
    private readonly Func<string, bool>? _servePrerelease;

    /// <summary>Makes a matcher.</summary>
    /// <param name="provided">Every name that the host provides.</param>
    /// <param name="servePrerelease">
    /// Asked with a wanted name such as <c>wasi:http/types@0.3.0-rc-2026-03-15</c> that is not provided itself: true lets any version of its
    /// track serve it. Null: never.
    /// </param>
    public ImportMatcher(IEnumerable<string> provided, Func<string, bool>? servePrerelease = null)
    {
        _servePrerelease = servePrerelease;
        _exact = provided.ToFrozenSet(StringComparer.Ordinal);
        _versions = _exact
            .Select(name => InterfaceName.TryParse(name, out var parsed) && parsed.Version is { } text && SemanticVersion.TryParse(text) is { } version
                ? new Provided(name, parsed.Unversioned, version)
                : null)
            .OfType<Provided>()
            .GroupBy(p => p.Unversioned, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.OrderByDescending(p => p.Version).ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>The provided name that serves a wanted one: itself, else the highest compatible release.</summary>
    public bool TryMatch(string wanted, [NotNullWhen(true)] out string? provided)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (_exact.TryGetValue(wanted, out provided))
            return true;
        if (!Parse(wanted, out var name, out var version) || !_versions.TryGetValue(name.Unversioned, out var candidates))
            return false;
        if (version.IsPrerelease && _servePrerelease?.Invoke(wanted) != true)
            return false;

        // Candidates are ordered from the highest down. A provided pre-release serves only a wanted pre-release.
        foreach (var candidate in candidates)
        {
            if (candidate.Version.Track == version.Track && (version.IsPrerelease || !candidate.Version.IsPrerelease))
            {
                provided = candidate.Name;
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// For the message after a failed match: another version of the same interface, the nearest by number; else another interface of the
    /// same package, else null.
    /// </summary>
    public string? Nearest(string wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (!InterfaceName.TryParse(wanted, out var name))
            return null;
        if (_versions.TryGetValue(name.Unversioned, out var candidates))
        {
            var version = name.Version is null ? null : SemanticVersion.TryParse(name.Version);
            return (candidates.FirstOrDefault(c => version is not null && c.Version.CompareTo(version) <= 0) ?? candidates[^1]).Name;
        }

        var package = name.PackageName + "/";
        return _exact.Where(n => n.StartsWith(package, StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault();
    }

    private static bool Parse(string text, [NotNullWhen(true)] out InterfaceName? name, [NotNullWhen(true)] out SemanticVersion? version)
    {
        version = null;
        return InterfaceName.TryParse(text, out name) && name.Version is { } v && (version = SemanticVersion.TryParse(v)) is not null;
    }

    private sealed record Provided(string Name, string Unversioned, SemanticVersion Version);
}
