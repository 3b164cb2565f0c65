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
                ExternDesc.Instance instance => ImportInstance(frame, name, (Entity.Scoped)frame.Types[instance.Type], new HostSource(this, name)),
                ExternDesc.Func func => ImportFunction(_linker.Root, name, name, ((Entity.Function)frame.Types[func.Type]).Type),
                ExternDesc.TypeEq eq => frame.Types[eq.Type],
                ExternDesc.SubResource => new Entity.Resource(_linker.Root.FindResource(name) ?? throw _linker.Missing(name, "resource type")),
                ExternDesc.CoreModule => new Entity.CoreModule(_linker.Root.FindModule(name) ?? throw _linker.Missing(name, "core module")),
                _ => throw _linker.Missing(name, import.Desc.Sort.Display()),
            };
        }

        frame.Space(import.Desc.Sort).Add(entity);
    }

    /// <summary>Replays an imported instance's type; its items come from where the import does.</summary>
    private Entity.Instance ImportInstance(Frame frame, string name, Entity.Scoped type, IImportSource source)
    {
        var exprs = (TypeExpr.Instance)(type.Expr ?? throw new LinkException($"Import `{name}` has no instance type."));
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
                    string item = export.Name.Raw;
                    Entity entity = export.Desc switch
                    {
                        ExternDesc.TypeEq eq => scope.Types[eq.Type],
                        ExternDesc.SubResource => source.Resource(item),
                        ExternDesc.Func func => source.Function(item, ((Entity.Function)scope.Types[func.Type]).Type),
                        ExternDesc.CoreModule => source.Module(item),
                        _ => throw new LinkException($"Import `{name}` asks for `{item}`, a {export.Desc.Sort.Display()}: {source.Offer}."),
                    };
                    scope.Space(export.Desc.Sort).Add(entity);
                    exports[item] = entity;
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

    /// <summary>Where the items of an imported instance come from.</summary>
    private interface IImportSource
    {
        /// <summary>What it can give, for the error about anything else.</summary>
        string Offer { get; }

        Entity.Resource Resource(string item);

        /// <summary>A function that fits the declared type.</summary>
        Entity Function(string item, FuncType declared);

        Entity.CoreModule Module(string item);
    }

    // An instance of types only needs no interface of the host.
    private sealed class HostSource(PlanBuilder builder, string name) : IImportSource
    {
        private readonly ComponentLinker _linker = builder._linker;
        private readonly HostInterface? _found = builder._linker.Find(name);

        public string Offer => "a host provides functions and types only";

        private HostInterface Host => _found ?? throw _linker.Missing(name, "instance");

        public Entity.Resource Resource(string item) => new(Host.FindResource(item) ?? throw _linker.MissingItem(name, item, "resource"));

        public Entity Function(string item, FuncType declared) => builder.ImportFunction(Host, name, item, declared);

        public Entity.CoreModule Module(string item) => new(Host.FindModule(item) ?? throw _linker.MissingItem(name, item, "core module"));
    }
}
