namespace Windhover.Hosting.Apps;

/// <summary>
/// A component that satisfies imports of another one, in the same instance: a call between the two is a function call. It has memory and handles of its own, and is
/// granted what its own options say: nothing by default, whatever the importing one has. The instance's budget is that of the component whose exports count.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="options">What it is granted: environment, directories, hosts, network, capabilities, and imports of its own. Budget, tenant, isolation and reuse are not read.</param>
/// <param name="interfaces">The imports that it satisfies, with or without their version; none: all that it exports.</param>
public sealed class ComponentImport(string path, ComponentOptions options, params IEnumerable<string> interfaces)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What it is granted.</summary>
    public ComponentOptions Options { get; } = options;

    /// <summary>The imports that it satisfies; none: all that it exports.</summary>
    public IReadOnlyList<string> Interfaces { get; } = [.. interfaces];

    /// <summary>The same component, and so the same part, for other imports.</summary>
    internal ComponentImport For(IEnumerable<string> interfaces) => new(Path, Options, interfaces) { Bytes = Bytes, Identity = Identity };

    /// <summary>One object, one part.</summary>
    internal object Identity { get; init; } = new();

    /// <summary>The bytes, where the host has read them already.</summary>
    internal ReadOnlyMemory<byte>? Bytes { get; init; }
}
