using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Binding;

/// <summary>Which way an interface points, seen from the component.</summary>
internal enum Direction
{
    /// <summary>The guest calls, the host implements.</summary>
    Import,

    /// <summary>The host calls, the guest implements.</summary>
    Export,
}

/// <summary>
/// An interface in one direction, or a world's own functions in one direction: one generated file, one namespace. An interface that is both
/// imported and exported has two, since a resource of the one is an object of the host and of the other one of the guest.
/// </summary>
internal sealed class BoundScope(WitScope scope, Direction direction, string? linkName, string name, string ns, bool isExternal, IReadOnlyList<WitFunction> functions)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal) { name + "Imports", name + "Exports", name + "Types", name + "Client" };

    public WitScope Scope { get; } = scope;

    public Direction Direction { get; } = direction;

    /// <summary>The name that a component imports or exports it by; null for a world's own functions.</summary>
    public string? LinkName { get; } = linkName;

    /// <summary>The name in C#, such as <c>Streams</c>.</summary>
    public string Name { get; } = name;

    public string Namespace { get; } = ns;

    /// <summary>Generated elsewhere already.</summary>
    public bool IsExternal { get; } = isExternal;

    public IReadOnlyList<WitFunction> Functions { get; } = functions;

    /// <summary>The types that the scope itself defines; a world's belong to its import side.</summary>
    public IEnumerable<WitTypeDef> Types => Scope is WitWorld && Direction == Direction.Export
        ? []
        : Scope.Types.Where(t => t is not WitAlias);

    public IEnumerable<WitResource> Resources => Types.OfType<WitResource>();

    /// <summary>The functions that no object of the host stands for: free, static and constructors.</summary>
    public IEnumerable<WitFunction> HostFunctions => Functions.Where(f => f.Kind != WitFunctionKind.Method);

    /// <summary>The interface for <see cref="HostFunctions"/>: <c>IPoll</c>, or <c>IErrorFunctions</c> where a resource has that name.</summary>
    public string HostInterface => Resources.Any(r => CSharpNames.Pascal(r.Name) == Name) ? $"I{Name}Functions" : $"I{Name}";

    public string ImportsClass => Name + "Imports";

    public string ExportsClass => Name + "Exports";

    /// <summary>Calls the exports of one plug-in; only where the library of plug-ins is there.</summary>
    public string ClientClass => Name + "Client";

    public string TypesClass => Name + "Types";

    /// <summary>The name of a type that stands in this namespace.</summary>
    public string TypeName(WitTypeDef type)
    {
        string pascal = CSharpNames.Pascal(type.Name);
        if (type is WitResource && Direction == Direction.Import)
            return "I" + pascal;
        return _taken.Contains(pascal) ? pascal + "Type" : pascal;
    }

    /// <summary>The type with its namespace.</summary>
    public string FullTypeName(WitTypeDef type) => Qualify(TypeName(type));

    /// <summary>The static member that holds a resource's identity.</summary>
    public string ResourceIdentity(WitResource resource) => Qualify($"{TypesClass}.{CSharpNames.Pascal(resource.Name)}Resource");

    public string Qualify(string name) => Namespace.Length == 0 ? $"global::{name}" : $"global::{Namespace}.{name}";
}
