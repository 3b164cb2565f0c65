using System.Diagnostics.CodeAnalysis;

namespace Windhover.Components.Types;

/// <summary>
/// The name of a WIT interface, <c>ns:pkg/iface@1.2.3</c>, taken apart. Explainer.md, production <c>interfacename</c>; nested namespaces and
/// projections are kept whole in their part (<c>a:b:c/d/e</c>: namespace <c>a:b</c>, interface <c>d/e</c>).
/// </summary>
/// <param name="Namespace">The namespace, such as <c>wasi</c>.</param>
/// <param name="Package">The package within it, such as <c>http</c>.</param>
/// <param name="Interface">The interface, such as <c>types</c>.</param>
/// <param name="Version">The version without <c>@</c>, such as <c>0.2.12</c>, or a canonical one such as <c>0.2</c>; null when absent.</param>
public sealed record InterfaceName(string Namespace, string Package, string Interface, string? Version)
{
    /// <summary><c>ns:pkg</c>.</summary>
    public string PackageName => $"{Namespace}:{Package}";

    /// <summary><c>ns:pkg/iface</c>.</summary>
    public string Unversioned => $"{Namespace}:{Package}/{Interface}";

    /// <summary>Takes a name apart; false when it is not an interface name.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out InterfaceName? name)
    {
        ArgumentNullException.ThrowIfNull(text);
        name = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var path = at < 0 ? text : text[..at];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var colon = slash < 0 ? -1 : path.LastIndexOf(':', slash);
        if (colon < 0 || (at >= 0 && at + 1 == text.Length))
            return false;
        foreach (var range in path.AsSpan(0, colon).Split(':'))
        {
            if (!Kebab.IsWords(path.AsSpan(0, colon)[range]))
                return false;
        }

        foreach (var range in path.AsSpan(slash + 1).Split('/'))
        {
            if (!Kebab.IsLabel(path.AsSpan(slash + 1)[range]))
                return false;
        }

        if (!Kebab.IsWords(path.AsSpan(colon + 1, slash - colon - 1)))
            return false;
        name = new InterfaceName(path[..colon], path[(colon + 1)..slash], path[(slash + 1)..], at < 0 ? null : text[(at + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Version is null ? Unversioned : $"{Unversioned}@{Version}";
}
