namespace Windhover.Components.Binary;

/// <summary>
/// Walks the definitions of a component and finds the type of everything that it imports and exports.
/// <code>
///   imports         carry their types: their declarators are replayed in a scope of their own
///   canon lift      names its function's type
///   instantiate     replays the component's definitions with its imports bound to the arguments (tools wrap every exported
///                   interface in such a component, which does nothing but name things)
///   exports, bags   collect what the indices stand for
/// </code>
/// Works on components that were not validated: bad indices are refused. The walk of a small binary that instantiates itself
/// exponentially often ends at a limit.
/// </summary>
internal sealed class TypeReplay
{
    private const int MaxDefinitions = 1_000_000;

    private int _definitions;
    private int _depth;

    /// <summary>Replays a component or the declarators of a type.</summary>
    /// <param name="definitions">Definitions or declarators.</param>
    /// <param name="scope">The new scope to fill.</param>
    /// <param name="arguments">What the imports are bound to; null leaves them as declared.</param>
    /// <param name="onImport">Told of each import as it is made, so that its types have names before they are used.</param>
    /// <returns>The exports.</returns>
    public InstanceNode Run(
        IReadOnlyList<Definition> definitions,
        TypeScope scope,
        IReadOnlyDictionary<string, object?>? arguments = null,
        Action<ExternName, Sort, object?>? onImport = null)
    {
        if (++_depth > ComponentDecoder.MaxDepth)
            throw new InvalidComponentException($"components are instantiated more than {ComponentDecoder.MaxDepth} levels deep");
        var exports = new InstanceNode();
        foreach (var definition in definitions)
        {
            if (++_definitions > MaxDefinitions)
                throw new InvalidComponentException($"the component stands for more than {MaxDefinitions} definitions");
            Define(definition, scope, arguments, onImport, exports);
        }

        _depth--;
        return exports;
    }

    private void Define(
        Definition definition,
        TypeScope scope,
        IReadOnlyDictionary<string, object?>? arguments,
        Action<ExternName, Sort, object?>? onImport,
        InstanceNode exports)
    {
        switch (definition)
        {
            case TypeDef type:
                scope.Types.Add(new TypeNode(type.Type, scope));
                break;
            case NestedComponentDef nested:
                scope.Components.Add(new ComponentNode(nested.Component.Definitions, scope));
                break;
            case InstanceDef instance:
                scope.Instances.Add(Instance(instance.Expr, scope));
                break;
            case AliasDef alias:
                Alias(alias, scope);
                break;
            case CanonDef { Expr: CanonExpr.Lift lift }:
                scope.Funcs.Add(scope.Type(lift.Type));
                break;
            case ImportDef import:
                var imported = arguments is not null && arguments.TryGetValue(import.Name.Raw, out var given)
                    ? import.Desc is ExternDesc.Func ? Described(import.Desc, scope) : given
                    : Described(import.Desc, scope);
                scope.Add(import.Desc.Sort, imported);
                onImport?.Invoke(import.Name, import.Desc.Sort, imported);
                break;
            case ExportDeclDef export:
                var declared = Described(export.Desc, scope);
                scope.Add(export.Desc.Sort, declared);
                exports.Add(export.Name, export.Desc.Sort, declared);
                break;
            case ExportDef export:
                // An ascribed function type names the exported types, the inferred one those inside.
                var item = export.Desc is ExternDesc.Func ? Described(export.Desc, scope) : scope.Item(export.Sort, export.Index);
                if (item is TypeNode node && export.Sort == Sort.Type)
                    item = node.Renamed();
                scope.Add(export.Sort, item);
                exports.Add(export.Name, export.Sort, item);
                break;
        }
    }

    /// <summary>The item that an import or export declarator stands for.</summary>
    private object? Described(ExternDesc desc, TypeScope scope)
    {
        switch (desc)
        {
            case ExternDesc.Func func:
                var type = scope.Type(func.Type);
                return type.Expr is TypeExpr.Func ? type : throw new InvalidComponentException($"type {func.Type} is not a function type");
            case ExternDesc.TypeEq eq:
                return scope.Type(eq.Type).Renamed();
            case ExternDesc.SubResource:
                return new TypeNode(null, scope);
            case ExternDesc.Instance instance:
                var node = scope.Type(instance.Type);
                return node.Expr is TypeExpr.Instance expr
                    ? Run(expr.Decls, new TypeScope(node.Scope))
                    : throw new InvalidComponentException($"type {instance.Type} is not an instance type");
            case ExternDesc.Component component:
                var shape = scope.Type(component.Type);
                return shape.Expr is TypeExpr.Component decls
                    ? new ComponentNode(decls.Decls, shape.Scope)
                    : throw new InvalidComponentException($"type {component.Type} is not a component type");
            default:
                return null;
        }
    }

    private InstanceNode Instance(InstanceExpr expr, TypeScope scope)
    {
        switch (expr)
        {
            case InstanceExpr.Instantiate instantiate:
                var component = (ComponentNode)scope.Item(Sort.Component, instantiate.Component)!;
                var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var argument in instantiate.Args)
                    arguments[argument.Name] = scope.Item(argument.Sort, argument.Index);
                return Run(component.Definitions, new TypeScope(component.Scope), arguments);
            case InstanceExpr.Bag bag:
                var instance = new InstanceNode();
                foreach (var export in bag.Exports)
                    instance.Add(export.Name, export.Sort, scope.Item(export.Sort, export.Index));
                return instance;
            default:
                throw new InvalidOperationException($"unknown instance expression {expr}");
        }
    }

    private static void Alias(AliasDef alias, TypeScope scope)
    {
        switch (alias.Target)
        {
            case AliasTarget.Export export:
                var (sort, item) = ((InstanceNode)scope.Item(Sort.Instance, export.Instance)!).Find(export.Name);
                if (sort != alias.Sort)
                    throw new InvalidComponentException($"the export `{export.Name}` is a {sort.Display()}, not a {alias.Sort.Display()}");
                scope.Add(alias.Sort, item);
                break;
            case AliasTarget.Outer outer:
                scope.Add(alias.Sort, scope.Outer(outer.Count).Item(alias.Sort, outer.Index));
                break;
        }
    }
}
