using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Components.Linking;

// Flattens a component into a LinkPlan by replaying its definitions:
//
//   1. an import of the root is looked up in the linker and checked against its declared type (PlanBuilder.Imports.cs);
//   2. each definition appends to an index space of the frame; types are evaluated at once, so that every type that a function has is made
//      of concrete resource types (PlanBuilder.Types.cs);
//   3. `instantiate` of a nested component is a call: a new frame, its imports bound to the arguments, its definitions replayed;
//   4. `instantiate` of a core module appends to the plan; `canon lift` and `canon lower` turn core items into functions and back
//      (PlanBuilder.Canon.cs).
//
// The binary was validated before (ComponentLoader), so indices and types hold together; what is left to fail is the fit with the host, and
// the number of instances, which a small binary can drive up exponentially (a component that instantiates a component ten times, ten
// levels deep): it is capped.
internal sealed partial class PlanBuilder
{
    private const int MaxInstances = 10_000;

    private readonly ComponentLinker _linker;
    private readonly Component[] _components; // one, or the parts of a composition
    private readonly LinkPlan _plan = new();
    private int _depth;

    private PlanBuilder(ComponentLinker linker, Component[] components)
    {
        _linker = linker;
        _components = components;
    }

    public static LinkPlan Build(ComponentLinker linker, Component component)
    {
        var builder = new PlanBuilder(linker, [component]);
        return builder.Finish(builder.Instantiate(component.Binary, scope: null, parent: -1, arguments: null));
    }

    private LinkPlan Finish(Dictionary<string, Entity> exports)
    {
        foreach ((string name, Entity entity) in exports)
        {
            _plan.Exports.Add(name, entity);
        }

        if (_linker.ElideShims)
            ShimElision.Apply(_plan, step => Array.Find(_components, c => c.Has(step.Module))?.IndirectionOf(step.Module));
        return _plan;
    }

    private Module ModuleOf(CoreModuleDef definition)
    {
        foreach (Component component in _components)
        {
            if (component.TryModuleOf(definition) is { } module)
                return module;
        }

        throw new LinkException("The component defines a core module that was not loaded with it.");
    }

    /// <summary>Replays one component. <paramref name="arguments"/> is null for the root, whose imports come from the linker, or from another part of a composition.</summary>
    private Dictionary<string, Entity> Instantiate(ComponentBinary binary, Frame? scope, int parent, Dictionary<string, Entity>? arguments)
    {
        if (_plan.GuestParents.Count >= MaxInstances || ++_depth > 200)
        {
            throw new LinkException($"The component instantiates too many components: the limit is {MaxInstances} instances and 200 levels.");
        }

        int instance = _plan.GuestParents.Count;
        _plan.GuestParents.Add(parent);
        if (_part is not null)
            _plan.GuestPartOf.Add(_partIndex);
        var frame = new Frame(scope, instance);
        var exports = new Dictionary<string, Entity>(StringComparer.Ordinal);
        foreach (Definition definition in binary.Definitions)
        {
            switch (definition)
            {
                case CoreModuleDef module:
                    frame.CoreModules.Add(new Entity.CoreModule(ModuleOf(module)));
                    break;
                case CoreInstanceDef core:
                    frame.CoreInstances.Add(CoreInstance(frame, core.Expr));
                    break;
                case CoreTypeDef:
                    break; // Used for validation only, which is done.
                case NestedComponentDef nested:
                    frame.Components.Add(new Entity.Component(nested.Component, frame));
                    break;
                case InstanceDef inst:
                    frame.Instances.Add(InstanceOf(frame, inst.Expr));
                    break;
                case AliasDef alias:
                    Alias(frame, alias);
                    break;
                case TypeDef type:
                    frame.Types.Add(Evaluate(frame, type.Type));
                    break;
                case CanonDef canon:
                    Canon(frame, canon.Expr);
                    break;
                case ImportDef import:
                    Import(frame, import, arguments);
                    break;
                case ExportDef export:
                    Entity exported = Item(frame, export.Sort, export.Index);
                    frame.Space(export.Sort).Add(exported);
                    exports[export.Name.Raw] = exported;
                    break;
                default:
                    throw new LinkException($"The component uses a definition ({definition.GetType().Name}) that is behind a gate of the specification and not supported.");
            }
        }

        _depth--;
        return exports;
    }

    private static Entity Item(Frame frame, Sort sort, int index) => frame.Space(sort)[index];

    private CoreInstanceEntity CoreInstance(Frame frame, CoreInstanceExpr expr)
    {
        switch (expr)
        {
            case CoreInstanceExpr.Bag bag:
                var items = new Dictionary<string, CoreItem>(StringComparer.Ordinal);
                foreach (NamedIndex export in bag.Exports)
                {
                    items[export.Name] = frame.Core(export.Sort)[export.Index];
                }

                return new CoreInstanceEntity(items);
            case CoreInstanceExpr.Instantiate instantiate:
                if (_plan.CoreInstances.Count >= MaxInstances)
                {
                    throw new LinkException($"The component instantiates more than {MaxInstances} core modules.");
                }

                Module module = ((Entity.CoreModule)frame.CoreModules[instantiate.Module]).Module;
                var arguments = new Dictionary<string, CoreInstanceEntity>(StringComparer.Ordinal);
                foreach (NamedIndex argument in instantiate.Args)
                {
                    arguments[argument.Name] = frame.CoreInstances[argument.Index];
                }

                var imports = new CoreItem[module.Imports.Count];
                for (int i = 0; i < imports.Length; i++)
                {
                    ModuleImport import = module.Imports[i];
                    imports[i] = CoreExport(arguments[import.Module], import.Name);
                }

                _plan.CoreInstances.Add(new CoreInstantiation(module, imports, frame.InstanceIndex));
                return new CoreInstanceEntity(_plan.CoreInstances.Count - 1);
            default:
                throw new LinkException("Unknown form of core instance.");
        }
    }

    private static CoreItem CoreExport(CoreInstanceEntity instance, string name) =>
        instance.Bag is { } bag ? bag[name] : new CoreItem.Export(instance.Index, name);

    private Entity.Instance InstanceOf(Frame frame, InstanceExpr expr)
    {
        switch (expr)
        {
            case InstanceExpr.Bag bag:
                var items = new Dictionary<string, Entity>(StringComparer.Ordinal);
                foreach (ExternNamedIndex export in bag.Exports)
                {
                    items[export.Name.Raw] = Item(frame, export.Sort, export.Index);
                }

                return new Entity.Instance(items);
            case InstanceExpr.Instantiate instantiate:
                var component = (Entity.Component)frame.Components[instantiate.Component];
                var arguments = new Dictionary<string, Entity>(StringComparer.Ordinal);
                foreach (NamedIndex argument in instantiate.Args)
                {
                    arguments[argument.Name] = Item(frame, argument.Sort, argument.Index);
                }

                return new Entity.Instance(Instantiate(component.Binary, component.Scope, frame.InstanceIndex, arguments));
            default:
                throw new LinkException("Unknown form of instance.");
        }
    }

    private static void Alias(Frame frame, AliasDef alias)
    {
        switch (alias.Target)
        {
            case AliasTarget.CoreExport export:
                frame.Core(alias.Sort).Add(CoreExport(frame.CoreInstances[export.Instance], export.Name));
                break;
            case AliasTarget.Export export:
                frame.Space(alias.Sort).Add(((Entity.Instance)frame.Instances[export.Instance]).Exports[export.Name]);
                break;
            case AliasTarget.Outer when alias.Sort == Sort.CoreType:
                break;
            case AliasTarget.Outer outer:
                frame.Space(alias.Sort).Add(frame.Outer(outer.Count).Space(alias.Sort)[outer.Index]);
                break;
            default:
                throw new LinkException("Unknown form of alias.");
        }
    }
}
