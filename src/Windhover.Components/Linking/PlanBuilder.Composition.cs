using Windhover.Components.Binary;
using Windhover.Components.Types;

namespace Windhover.Components.Linking;

// Components that are put together when they are linked. The plan becomes what that of one composed binary would be:
//
//   composition                        guests of the plan
//     front ── acme:stock/api ─► stock     0  the outer component, which has no code of its own
//       └───── acme:auth/api ──► auth      1  stock   parent 0 ─┐ siblings: each may call the other's exports, none may be entered again
//                                          2  auth    parent 0  │ while it runs
//                                          3  front   parent 0 ─┘
//
//   1. parts are replayed with providers first; their exports are kept;
//   2. an import that has a provider is bound to the provider's export of that name (or a compatible version): its declared type is replayed, a resource
//      becomes the provider's, and each function's type, now concrete, must fit;
//   3. every other import is the host's, as for a component alone. Host resources are the same for all parts, so they can be handed from one to another;
//   4. each guest knows its part (LinkPlan.GuestPartOf), so that a call to the host finds the state, and with it the grants, of the part that calls.
internal sealed partial class PlanBuilder
{
    private readonly Dictionary<ComponentComposition, Dictionary<string, Entity>> _partExports = new(ReferenceEqualityComparer.Instance);
    private ComponentComposition? _part; // null where there is only one
    private int _partIndex;

    public static LinkPlan Build(ComponentLinker linker, ComponentComposition composition)
    {
        IReadOnlyList<ComponentComposition> parts = composition.Parts();
        var builder = new PlanBuilder(linker, [.. parts.Select(p => p.Component)]);
        builder._plan.GuestParents.Add(-1);
        builder._plan.GuestPartOf.Add(parts.Count - 1);
        for (int i = 0; i < parts.Count; i++)
        {
            (builder._part, builder._partIndex) = (parts[i], i);
            try
            {
                builder._partExports[parts[i]] = builder.Instantiate(parts[i].Component.Binary, scope: null, parent: 0, arguments: null);
            }
            catch (LinkException error) when (parts.Count > 1)
            {
                throw new LinkException($"{parts[i].Name}: {error.Message}", error);
            }
        }

        return builder.Finish(builder._partExports[composition]);
    }

    /// <summary>The provider's export that an import of the part at hand is bound to; null where it is the host's.</summary>
    private Entity? ImportFromPart(Frame frame, ImportDef import)
    {
        string name = import.Name.Raw;
        if (_part?.ProviderOf(name) is not { } provider)
            return null;
        Dictionary<string, Entity> exports = _partExports[provider];
        if (!new ImportMatcher(exports.Keys).TryMatch(name, out string? export))
        {
            string nearest = new ImportMatcher(exports.Keys).Nearest(name) is { } near ? $"; the nearest of its exports is `{near}`" : "";
            throw new LinkException($"The import `{name}` is to come from {provider.Name}, which does not export it{nearest}.");
        }

        return (import.Desc, exports[export]) switch
        {
            (ExternDesc.Instance type, Entity.Instance instance) => ImportInstance(frame, name, (Entity.Scoped)frame.Types[type.Type], new PartSource(instance.Exports, name, provider.Name)),
            (ExternDesc.Func func, var function) => FromFunction(function, ((Entity.Function)frame.Types[func.Type]).Type, name, provider.Name),
            (ExternDesc.CoreModule, Entity.CoreModule module) => module,
            _ => throw new LinkException($"The import `{name}`, a {import.Desc.Sort.Display()}, cannot come from {provider.Name}: instances, functions and core modules can."),
        };
    }

    private static Entity FromFunction(Entity function, FuncType declared, string name, string provider)
    {
        FuncType provided = function switch
        {
            Entity.Lifted lifted => lifted.Target.Type,
            Entity.HostFunction host => host.Type,
            _ => throw new LinkException($"The import `{name}` is a function, and {provider} exports something else under its name."),
        };
        return Subtype.IsSubtype(provided, declared, out string? reason)
            ? function
            : throw new LinkException($"The import `{name}` has another type than what {provider} exports: {reason}.");
    }

    private sealed class PartSource(Dictionary<string, Entity> exports, string name, string provider) : IImportSource
    {
        public string Offer => "functions, types and core modules can come from another component";

        public Entity.Resource Resource(string item) => exports.GetValueOrDefault(item) as Entity.Resource ?? throw Lacks(item, "resource type");

        public Entity Function(string item, FuncType declared) =>
            FromFunction(exports.GetValueOrDefault(item) ?? throw Lacks(item, "function"), declared, $"{name}#{item}", provider);

        public Entity.CoreModule Module(string item) => exports.GetValueOrDefault(item) as Entity.CoreModule ?? throw Lacks(item, "core module");

        private LinkException Lacks(string item, string kind) =>
            new($"The import `{name}` asks for the {kind} `{item}`, which the instance that {provider} exports does not have.");
    }
}
