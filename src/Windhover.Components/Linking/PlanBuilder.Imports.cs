using Windhover.Components.Binary;
using Windhover.Components.Types;

namespace Windhover.Components.Linking;

// The fit between the root component's imports and the host.
//
// An imported instance carries its own type: a list of declarations in an index space of its own. They are replayed like definitions, and at
// each exported name the host's item is taken: a resource becomes the host's ResourceType, so that every later mention of it in the component
// is the host's; a function's declared type, now concrete, must equal the host's.
internal sealed partial class PlanBuilder
{
    private void Import(Frame frame, ImportDef import, Dictionary<string, Entity>? arguments)
    {
        string name = import.Name.Raw;
        Entity entity;
        if (arguments is not null)
        {
            entity = arguments.TryGetValue(name, out Entity? argument)
                ? argument
                : throw new LinkException($"A nested component's import `{name}` was not given.");
        }
        else
        {
            entity = ImportFromPart(frame, import) ?? import.Desc switch
            {
                ExternDesc.Instance instance => ImportInstance(frame, name, (Entity.Scoped)frame.Types[instance.Type]),
                ExternDesc.Func func => ImportFunction(_linker.Root, name, name, ((Entity.Function)frame.Types[func.Type]).Type),
                ExternDesc.TypeEq eq => frame.Types[eq.Type],
                ExternDesc.SubResource => new Entity.Resource(_linker.Root.FindResource(name) ?? throw _linker.Missing(name, "resource type")),
                ExternDesc.CoreModule => new Entity.CoreModule(_linker.Root.FindModule(name) ?? throw _linker.Missing(name, "core module")),
                _ => throw _linker.Missing(name, import.Desc.Sort.Display()),
            };
        }

        frame.Space(import.Desc.Sort).Add(entity);
    }

    private Entity.Instance ImportInstance(Frame frame, string name, Entity.Scoped type)
    {
        var exprs = (TypeExpr.Instance)(type.Expr ?? throw new LinkException($"Import `{name}` has no instance type."));
        HostInterface? host = _linker.Find(name);
        var exports = new Dictionary<string, Entity>(StringComparer.Ordinal);
        var scope = new Frame(type.Scope, frame.InstanceIndex);
        foreach (Definition declaration in exprs.Decls)
        {
            switch (declaration)
            {
                case TypeDef def:
                    scope.Types.Add(Evaluate(scope, def.Type));
                    break;
                case CoreTypeDef:
                    break;
                case AliasDef alias:
                    Alias(scope, alias);
                    break;
                case ExportDeclDef export:
                    Entity entity = export.Desc switch
                    {
                        ExternDesc.TypeEq eq => scope.Types[eq.Type],
                        ExternDesc.SubResource => new Entity.Resource(
                            (host ?? throw _linker.Missing(name, "instance")).FindResource(export.Name.Raw)
                            ?? throw _linker.MissingItem(name, export.Name.Raw, "resource")),
                        ExternDesc.Func func => ImportFunction(
                            host ?? throw _linker.Missing(name, "instance"),
                            name,
                            export.Name.Raw,
                            ((Entity.Function)scope.Types[func.Type]).Type),
                        ExternDesc.CoreModule => new Entity.CoreModule(
                            (host ?? throw _linker.Missing(name, "instance")).FindModule(export.Name.Raw)
                            ?? throw _linker.MissingItem(name, export.Name.Raw, "core module")),
                        _ => throw new LinkException($"Import `{name}` asks for `{export.Name.Raw}`, a {export.Desc.Sort.Display()}: a host provides functions and types only."),
                    };
                    scope.Space(export.Desc.Sort).Add(entity);
                    exports[export.Name.Raw] = entity;
                    break;
                default:
                    throw new LinkException($"Import `{name}` has a type with an unknown declaration.");
            }
        }

        return new Entity.Instance(exports);
    }

    private Entity.HostFunction ImportFunction(HostInterface host, string interfaceName, string function, FuncType declared)
    {
        string full = ReferenceEquals(host, _linker.Root) ? function : $"{interfaceName}#{function}";
        HostInterface.FunctionEntry entry = host.FindFunction(function)
            ?? throw (ReferenceEquals(host, _linker.Root) ? _linker.Missing(function, "function") : _linker.MissingItem(interfaceName, function, "function"));
        if (entry.Type is { } provided)
        {
            if (!Subtype.IsSubtype(provided(), declared, out string? reason))
            {
                throw new LinkException($"The import `{full}` has another type than the host's: {reason}.");
            }
        }

        return new Entity.HostFunction(full, declared, entry.CreateHandler?.Invoke(declared), entry.CreateAsyncHandler?.Invoke(declared));
    }
}
