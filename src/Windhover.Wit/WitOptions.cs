using Windhover.Wit.Model;

namespace Windhover.Wit;

/// <summary>What the resolver should let through. Immutable.</summary>
public sealed record WitOptions
{
    /// <summary>The features whose <c>@unstable</c> items are kept; all others are left out of the model.</summary>
    public IReadOnlyCollection<string> Features { get; init; } = [];

    /// <summary>True to keep every <c>@unstable</c> item.</summary>
    public bool AllFeatures { get; init; }

    /// <summary>
    /// Packages that exist already and may be referred to, such as those read from component binaries; each after those it depends on.
    /// They become part of the resulting set.
    /// </summary>
    public IReadOnlyList<WitPackage> KnownPackages { get; init; } = [];

    /// <summary>True to read plain <c>//</c> and <c>/* */</c> comments as documentation too, as some tools do.</summary>
    public bool PlainCommentsAsDocs { get; init; }

    internal static WitOptions Default { get; } = new();
}
