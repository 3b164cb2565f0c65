using Windhover.Wit.Model;
using Windhover.Wit.Printing;

namespace Windhover.Wit;

/// <summary>How much the printer writes. Immutable.</summary>
public sealed record WitPrintOptions
{
    /// <summary>True to write documentation as <c>///</c> lines.</summary>
    public bool Docs { get; init; } = true;

    /// <summary>True to write <c>@since</c>, <c>@unstable</c> and <c>@deprecated</c>.</summary>
    public bool Gates { get; init; } = true;

    internal static WitPrintOptions Default { get; } = new();
}

/// <summary>
/// Writes the model as canonical WIT text: two spaces of indentation, LF, `use`s first, blank lines around items with bodies. Reading the
/// text gives an equal model; only that a world's implicit imports (<see cref="WitInterfaceItem.IsImplicit"/>) are written out.
/// </summary>
public static class WitPrinter
{
    /// <summary>Writes one package, as a file of its own.</summary>
    /// <exception cref="ArgumentException">A type refers to a type of another interface without an alias for it.</exception>
    public static string Print(WitPackage package, WitPrintOptions? options = null)
    {
        var writer = new PackageWriter(options ?? WitPrintOptions.Default);
        writer.File(package ?? throw new ArgumentNullException(nameof(package)));
        return writer.ToString();
    }

    /// <summary>Writes a whole set as one file: the root package, then every other one, by name, as a <c>package … { }</c> block.</summary>
    /// <exception cref="ArgumentException">A type refers to a type of another interface without an alias for it.</exception>
    public static string Print(WitPackageSet set, WitPrintOptions? options = null)
    {
        if (set is null)
            throw new ArgumentNullException(nameof(set));
        var writer = new PackageWriter(options ?? WitPrintOptions.Default);
        writer.File(set.Main);
        foreach (var package in set.Packages.OrderBy(p => p.Name.ToString(), StringComparer.Ordinal))
        {
            if (!ReferenceEquals(package, set.Main))
                writer.Block(package);
        }
        return writer.ToString();
    }

    /// <summary>Writes one world alone, as it would stand in its package.</summary>
    /// <exception cref="ArgumentException">A type refers to a type of another interface without an alias for it.</exception>
    public static string Print(WitWorld world, WitPrintOptions? options = null)
    {
        var writer = new PackageWriter(options ?? WitPrintOptions.Default);
        writer.World(world ?? throw new ArgumentNullException(nameof(world)));
        return writer.ToString();
    }

    /// <summary>Writes one interface alone, as it would stand in its package.</summary>
    /// <exception cref="ArgumentException">A type refers to a type of another interface without an alias for it.</exception>
    public static string Print(WitInterface item, WitPrintOptions? options = null)
    {
        var writer = new PackageWriter(options ?? WitPrintOptions.Default);
        writer.Interface(item ?? throw new ArgumentNullException(nameof(item)));
        return writer.ToString();
    }

    /// <summary>
    /// Writes a type as it would stand in a field of the given interface or world, such as <c>list&lt;option&lt;u8&gt;&gt;</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The type refers to a type of another interface without an alias for it.</exception>
    public static string Print(WitType type, WitScope scope)
    {
        var names = new TypeText(scope ?? throw new ArgumentNullException(nameof(scope)));
        return names.Of(type ?? throw new ArgumentNullException(nameof(type)));
    }
}
