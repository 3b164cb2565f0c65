using Windhover.Components.Types;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Components.Binary;

/// <summary>
/// The WIT of a component, read back out of its types: a world <c>root:component/root</c> with its imports and exports, and the interfaces
/// that these mention. Documentation and feature gates are not in a component, and so not here.
/// </summary>
public sealed partial class ComponentWit
{
    private readonly WitPackage _root = new(new WitPackageName("root", "component"));
    private readonly Dictionary<WitPackageName, WitPackage> _packages = [];
    private readonly Dictionary<WitInterface, OrderedDictionary<string, WitFunction>> _functions = [];
    private readonly List<string> _notInWit = [];
    private readonly WitTypes _types;

    private ComponentWit(ComponentBinary component)
    {
        _types = new WitTypes(Declare);
        World = new WitWorld("root");
        var exports = new TypeReplay().Run(component.Definitions, new TypeScope(null), arguments: null, (name, sort, item) => Extern(name, sort, item, isImport: true));
        foreach (var (name, sort, item) in exports.Exports)
            Extern(name, sort, item, isImport: false);
        foreach (var (owner, functions) in _functions)
            AddFunctions(owner, functions.Values);
        _root.Add(World);
        Packages = new WitPackageSet(_root, [.. _packages.Values, _root]);
    }

    /// <summary>What the component imports and exports.</summary>
    public WitWorld World { get; private set; }

    /// <summary>The package of the world, and those of the interfaces.</summary>
    public WitPackageSet Packages { get; }

    /// <summary>Imports and exports that WIT has no words for, such as core modules, each in one sentence.</summary>
    public IReadOnlyList<string> NotInWit => _notInWit;

    /// <summary>Reads the WIT of a component.</summary>
    /// <exception cref="InvalidComponentException">The bytes are not a component, or its types do not hold together.</exception>
    public static ComponentWit Read(ReadOnlyMemory<byte> bytes) => Read(ComponentBinary.Decode(bytes));

    internal static ComponentWit Read(ComponentBinary component)
    {
        try
        {
            return new ComponentWit(component);
        }
        catch (ArgumentException e)
        {
            // The model refuses what a validated component does not have: two items of one name.
            throw new InvalidComponentException($"the component's types cannot be written as WIT: {e.Message}", e);
        }
    }

    /// <summary>The text of the world and its interfaces.</summary>
    public override string ToString() => WitPrinter.Print(Packages);

    private void Extern(ExternName name, Sort sort, object? item, bool isImport)
    {
        switch (item)
        {
            case InstanceNode instance:
                Add(InterfaceItem(name, instance), isImport);
                break;
            case TypeNode type when sort == Sort.Func:
                Add(new WitFunctionItem(Function(World, name, type)) { ExternalId = name.ExternalId }, isImport);
                break;
            case TypeNode { Expr: not (TypeExpr.Func or TypeExpr.Instance or TypeExpr.Component) } type when isImport:
                _types.Declare(World, name.Raw, type);
                break;
            default:
                _notInWit.Add($"the {(isImport ? "import" : "export")} `{name.Raw}` is a {sort.Display()}");
                break;
        }
    }

    private void Add(WitWorldItem item, bool isImport)
    {
        if (isImport)
            World.AddImport(item);
        else
            World.AddExport(item);
    }

    private WitInterfaceItem InterfaceItem(ExternName name, InstanceNode instance)
    {
        WitInterface target;
        if (name.SemanticInterface is { } full)
        {
            var package = Package(full, name.VersionSuffix);
            if (!package.TryGetInterface(full.Interface, out var found))
                package.Add(found = new WitInterface(full.Interface));
            target = found;
        }
        else
        {
            target = new WitInterface(null);
        }

        if (!_functions.TryGetValue(target, out var functions))
            _functions.Add(target, functions = new OrderedDictionary<string, WitFunction>(StringComparer.Ordinal));
        foreach (var (item, sort, node) in instance.Exports)
        {
            if (sort == Sort.Type && node is TypeNode { Expr: not (TypeExpr.Func or TypeExpr.Instance or TypeExpr.Component) } type)
                _types.Declare(target, item.Raw, type);
            else if (sort != Sort.Func)
                _notInWit.Add($"`{item.Raw}` of `{name.Raw}` is a {sort.Display()}");
            else
                functions.TryAdd(item.Raw, Function(target, item, (TypeNode)node!));
        }

        return new WitInterfaceItem(target, name.Interface is null ? name.Raw : null) { ExternalId = name.ExternalId };
    }

    /// <summary>
    /// In the order in which WIT can write them: each resource's functions together, where the resource stands, then the free ones. A binary
    /// may mix them, and one interface may come in two parts, when it is imported and exported.
    /// </summary>
    private static void AddFunctions(WitInterface owner, IEnumerable<WitFunction> functions)
    {
        var places = owner.Types.Index().ToDictionary(t => t.Item, t => t.Index);
        foreach (var function in functions.OrderBy(f => f.Resource is null ? int.MaxValue : places[f.Resource]))
            owner.Add(function);
    }

    private WitFunction Function(WitScope owner, ExternName name, TypeNode type)
    {
        var func = type.Expr as TypeExpr.Func ?? throw new InvalidComponentException($"`{name.Raw}` does not have a function type");
        var parameters = func.Parameters.Select(p => new WitParameter(p.Name, _types.Convert(p.Type, type.Scope, owner))).ToList();
        var result = _types.Convert(func.Returns, type.Scope, owner);
        var kind = name.Kind switch
        {
            ExternNameKind.Method => WitFunctionKind.Method,
            ExternNameKind.Static => WitFunctionKind.Static,
            ExternNameKind.Constructor => WitFunctionKind.Constructor,
            _ => WitFunctionKind.Freestanding,
        };
        if (kind == WitFunctionKind.Freestanding)
            return new WitFunction(name.Raw, parameters, result) { IsAsync = func.IsAsync, ExternalId = name.ExternalId };
        if (!owner.TryGetType(name.Resource!, out var resource) || !resource.IsResource)
            throw new InvalidComponentException($"`{name.Raw}` names a resource that is not there");
        return new WitFunction(kind, resource, name.Label!, parameters, result) { IsAsync = func.IsAsync, ExternalId = name.ExternalId };
    }

    private WitPackage Package(InterfaceName name, string? versionSuffix)
    {
        var key = new WitPackageName(name.Namespace, name.Package, Version(name.Version, versionSuffix));
        if (!_packages.TryGetValue(key, out var package))
            _packages.Add(key, package = new WitPackage(key));
        return package;
    }

    /// <summary>A full version again: of <c>0.2</c> and its suffix <c>.4</c>, or, when the suffix is lost, <c>0.2.0</c>.</summary>
    private static WitVersion? Version(string? version, string? suffix)
    {
        if (version is null)
            return null;
        foreach (var text in (string[])[version + suffix, version, version + ".0", version + ".0.0"])
        {
            if (WitVersion.TryParse(text, out var parsed))
                return parsed;
        }

        throw new InvalidComponentException($"`{version}` is not a version");
    }

    private void Declare(WitScope owner, WitTypeDef type)
    {
        if (owner is WitInterface @interface)
            @interface.Add(type);
        else
            World.AddImport(new WitTypeItem(type));
    }
}
