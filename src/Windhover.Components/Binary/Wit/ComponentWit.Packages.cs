using Windhover.Components.Types;
using Windhover.Wit.Model;

namespace Windhover.Components.Binary;

// A WIT package in binary form is a component without code (WIT.md "Package Format"). Each of its exports is a component type that
// wraps one definition: its imports are the interfaces that the definition uses, its only export is the definition under its full name.
//
//   (component (type (export "a" (component (import "x:y/z" (instance …)) (export "n:p/a" (instance …))))))      an interface
//   (component (type (export "w" (component (export "n:p/w" (component (import …) (export …)))))))               a world
public sealed partial class ComponentWit
{
    private ComponentWit(IReadOnlyList<Definition> package)
    {
        _types = new WitTypes(Declare);
        World = new WitWorld("root");
        var replay = new TypeReplay();
        var worlds = new List<(ExternName Name, ComponentNode Shape)>();
        WitPackage? main = null;
        foreach (var (name, _, item) in replay.Run(package, new TypeScope(null)).Exports)
        {
            if (item is not TypeNode { Expr: TypeExpr.Component wrapper } type)
                throw new InvalidComponentException($"the export `{name.Raw}` is not a component type: this is no WIT package");
            var inner = replay.Run(wrapper.Decls, new TypeScope(type.Scope), arguments: null, Used);
            foreach (var (full, _, definition) in inner.Exports)
            {
                main ??= Package(FullName(full), full.VersionSuffix);
                if (definition is ComponentNode shape)
                    worlds.Add((full, shape));
                else
                    Used(full, Sort.Instance, definition);
            }
        }

        foreach (var (owner, functions) in _functions)
            AddFunctions(owner, functions.Values);
        foreach (var (name, shape) in worlds)
            AddWorld(name, shape, replay);
        if (main is null)
            throw new InvalidComponentException("the component exports nothing: this is no WIT package");
        Packages = new WitPackageSet(main, [.. _packages.Values.Where(p => p != main), main]);
    }

    /// <summary>Reads a WIT package in binary form: interfaces and worlds without code. The package itself is <see cref="WitPackageSet.Main"/>.</summary>
    /// <exception cref="InvalidComponentException">The bytes are not a WIT package, or its types do not hold together.</exception>
    public static WitPackageSet ReadPackage(ReadOnlyMemory<byte> bytes)
    {
        var definitions = ComponentBinary.Decode(bytes).Definitions;
        try
        {
            return new ComponentWit(definitions).Packages;
        }
        catch (ArgumentException e)
        {
            // The model refuses two items of one name.
            throw new InvalidComponentException($"the package's types cannot be written as WIT: {e.Message}", e);
        }
    }

    private void Used(ExternName name, Sort sort, object? item)
    {
        _ = FullName(name);
        InterfaceItem(name, item as InstanceNode ?? throw new InvalidComponentException($"`{name.Raw}` is a {sort.Display()}, not an interface"));
    }

    private static InterfaceName FullName(ExternName name) =>
        name.Interface ?? throw new InvalidComponentException($"`{name.Raw}` is not the full name of an interface or world");

    private void AddWorld(ExternName name, ComponentNode shape, TypeReplay replay)
    {
        var world = World = new WitWorld(FullName(name).Interface);
        var exports = replay.Run(shape.Definitions, new TypeScope(shape.Scope), arguments: null, (n, sort, item) => Extern(n, sort, item, isImport: true));
        foreach (var (n, sort, item) in exports.Exports)
            Extern(n, sort, item, isImport: false);
        foreach (var (owner, functions) in _functions)
        {
            if (owner.Functions.Count == 0)
                AddFunctions(owner, functions.Values);
        }

        Package(FullName(name), name.VersionSuffix).Add(world);
    }
}
