namespace Windhover.Components.Bindings;

/// <summary>How a <c>result</c> that a function returns appears in C#.</summary>
public enum ResultStyle
{
    /// <summary>As <see cref="Result{T, TError}"/>.</summary>
    Values,

    /// <summary>As the value itself; the error is a <see cref="WitException{TError}"/>.</summary>
    Exceptions,
}

/// <summary>
/// Asks Windhover.Wit.Generator for the bindings of a WIT world, for a host that runs its components. The WIT files are the project's
/// <c>&lt;Wit Include="wit/**" /&gt;</c> items. The types and interfaces go to namespaces under that of the class; the class, which must be
/// <see langword="partial"/>, gets <c>Define</c> for the imports and, unless it is static, <c>Bind</c> for the exports. Naming rules: docs/bindings.md.
/// </summary>
/// <param name="world">The world: <c>shop:pricing/plugin</c>, with <c>@version</c> where there are several, or its bare name in the root package.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class WitWorldAttribute(string world) : Attribute
{
    /// <summary>The world as given.</summary>
    public string World { get; } = world;

    /// <summary>How a returned <c>result</c> appears. Default: as a value.</summary>
    public ResultStyle Results { get; set; }

    /// <summary>The <c>@unstable</c> features to include. Default: none.</summary>
    public string[] Features { get; set; } = [];

    /// <summary>The namespace under which the generated ones stand. Default: the namespace of the class.</summary>
    public string? RootNamespace { get; set; }
}

/// <summary>
/// Says that a package's bindings exist already, generated under another root namespace: they are used and not generated again, so that a
/// resource such as <c>input-stream</c> is one type in all of them.
/// </summary>
/// <param name="package">A package (<c>wasi:io</c>), or a namespace of packages (<c>wasi</c>).</param>
/// <param name="rootNamespace">The root namespace of the existing bindings, such as <c>Windhover.Wasi.Bindings</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class WitExternalAttribute(string package, string rootNamespace) : Attribute
{
    /// <summary>The package or namespace.</summary>
    public string Package { get; } = package;

    /// <summary>The root namespace of its bindings.</summary>
    public string RootNamespace { get; } = rootNamespace;
}
