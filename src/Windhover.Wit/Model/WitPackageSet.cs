using System.Diagnostics.CodeAnalysis;

namespace Windhover.Wit.Model;

/// <summary>What one call of the resolver produced: the root package and everything it depends on.</summary>
public sealed class WitPackageSet
{
    private readonly Dictionary<WitPackageName, WitPackage> _byName = [];
    private readonly Dictionary<string, WitScope> _byQualifiedName = new(StringComparer.Ordinal);

    /// <summary>Makes a set.</summary>
    /// <param name="main">The root package; it must be one of <paramref name="packages"/>.</param>
    /// <param name="packages">All packages, each after those it depends on.</param>
    /// <param name="sources">The files the packages were read from.</param>
    /// <exception cref="ArgumentException">Two packages share a name, or the root is missing.</exception>
    public WitPackageSet(WitPackage main, IReadOnlyList<WitPackage> packages, IReadOnlyList<WitSource>? sources = null)
    {
        Main = main ?? throw new ArgumentNullException(nameof(main));
        Packages = packages ?? throw new ArgumentNullException(nameof(packages));
        Sources = sources ?? [];
        foreach (var package in packages)
        {
            _byName.Add(package.Name, package);
            foreach (var item in package.Interfaces)
                _byQualifiedName.Add(item.QualifiedName!, item);
            foreach (var item in package.Worlds)
                _byQualifiedName.Add(item.QualifiedName!, item);
        }
        if (!packages.Contains(main))
            throw new ArgumentException("The root package is not one of the packages.", nameof(main));
    }

    /// <summary>The root package.</summary>
    public WitPackage Main { get; }

    /// <summary>All packages, each after those it depends on.</summary>
    public IReadOnlyList<WitPackage> Packages { get; }

    /// <summary>The files read.</summary>
    public IReadOnlyList<WitSource> Sources { get; }

    /// <summary>Finds a package by its name, version included.</summary>
    public bool TryGetPackage(WitPackageName name, [NotNullWhen(true)] out WitPackage? package) => _byName.TryGetValue(name, out package);

    /// <summary>Finds an interface by its full name, such as <c>wasi:io/poll@0.2.12</c>.</summary>
    public bool TryGetInterface(string qualifiedName, [NotNullWhen(true)] out WitInterface? item) =>
        (item = _byQualifiedName.TryGetValue(qualifiedName, out var found) ? found as WitInterface : null) is not null;

    /// <summary>Finds a world by its full name, such as <c>wasi:cli/command@0.2.12</c>.</summary>
    public bool TryGetWorld(string qualifiedName, [NotNullWhen(true)] out WitWorld? item) =>
        (item = _byQualifiedName.TryGetValue(qualifiedName, out var found) ? found as WitWorld : null) is not null;

    /// <summary>Chooses a world as in WIT.md "Specifying a World".</summary>
    /// <param name="name">
    /// The name of a world of the root package, a full name, or a full name without version when only one version is present;
    /// <see langword="null"/> when the root package has exactly one world.
    /// </param>
    /// <exception cref="WitException">No world, or more than one, fits; the message lists the candidates.</exception>
    public WitWorld SelectWorld(string? name = null)
    {
        if (name is null)
        {
            return Main.Worlds.Count switch
            {
                1 => Main.Worlds[0],
                0 => throw Fail($"package {Main.Name} has no world", null),
                _ => throw Fail($"package {Main.Name} has {Main.Worlds.Count} worlds: name one of them", Main.Worlds),
            };
        }
        if (Main.TryGetWorld(name, out var world) || TryGetWorld(name, out world))
            return world;
        var fitting = Packages.SelectMany(p => p.Worlds)
            .Where(w => $"{w.Package!.Name.Namespace}:{w.Package.Name.Name}/{w.Name}" == name).ToList();
        return fitting.Count switch
        {
            1 => fitting[0],
            0 => throw Fail($"there is no world '{name}'", Packages.SelectMany(p => p.Worlds)),
            _ => throw Fail($"world '{name}' is present in several versions", fitting),
        };
    }

    private static WitException Fail(string message, IEnumerable<WitWorld>? candidates)
    {
        var names = candidates is null ? "" : string.Join(", ", candidates.Take(20).Select(w => w.QualifiedName));
        return new WitException([new WitDiagnostic(default, message, names.Length == 0 ? null : $"known worlds: {names}")]);
    }
}
