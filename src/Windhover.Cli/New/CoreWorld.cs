using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>A function of a world as a core module sees it.</summary>
/// <param name="Module">What it is imported from; null for an export.</param>
/// <param name="Name">Its name in the module.</param>
/// <param name="Identifier">Its name in the language, as <c>rules_price</c>.</param>
/// <param name="Comments">The WIT, and how the types of it lie in memory.</param>
/// <param name="Signature">Its core type.</param>
internal sealed record CoreItem(string? Module, string Name, string Identifier, IReadOnlyList<string> Comments, CoreSignature Signature)
{
    /// <summary>Called when the host has dropped an object of the plug-in's; to do nothing then is no mistake.</summary>
    public bool IsDestructor => Module is null && Name.Contains(CoreWorld.DestructorMark, StringComparison.Ordinal);
}

/// <summary>A world as core functions: what languages without a generator of bindings write against.</summary>
internal sealed class CoreWorld
{
    private static readonly CoreParameter s_handle = new("handle", CoreType.I32), s_value = new("value", CoreType.I32, IsAddress: true, IsMutable: true);

    public CoreWorld(WitWorld world)
    {
        World = world;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        Exports = [.. Unique(Items(world.Exports, isImport: false).Concat(world.Exports.OfType<WitInterfaceItem>().SelectMany(Destructors)), taken, "")];
        Imports = [.. Unique(Items(world.Imports, isImport: true).Concat(world.Exports.OfType<WitInterfaceItem>().SelectMany(OwnResources)), taken, "host_")];
    }

    public const string DestructorMark = "[dtor]";

    // A middleware exports what it imports, and two packages may have an interface of the same name.
    private static IEnumerable<CoreItem> Unique(IEnumerable<CoreItem> items, HashSet<string> taken, string prefix)
    {
        foreach (CoreItem item in items)
        {
            string name = item.Identifier;
            if (!taken.Add(name) && (prefix.Length == 0 || !taken.Add(name = prefix + item.Identifier)))
            {
                for (int i = 2; !taken.Add(name); i++)
                    name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{prefix}{item.Identifier}_{i}");
            }

            yield return name == item.Identifier ? item : item with { Identifier = name };
        }
    }

    public WitWorld World { get; }

    public IReadOnlyList<CoreItem> Imports { get; }

    public IReadOnlyList<CoreItem> Exports { get; }

    private static IEnumerable<CoreItem> Items(IReadOnlyList<WitWorldItem> items, bool isImport)
    {
        foreach (WitWorldItem item in items)
        {
            if (item is WitFunctionItem f)
                yield return Item(null, f.Function, isImport);
            if (item is not WitInterfaceItem i)
                continue;
            foreach (WitFunction function in i.Interface.Functions)
                yield return Item(i.Name, function, isImport);
            if (!isImport)
                continue;
            foreach (WitResource resource in i.Interface.Types.OfType<WitResource>())
                yield return Make(i.Name, $"[resource-drop]{resource.Name}", i.Name, "Gives a handle back.", [s_handle], null);
        }
    }

    private static CoreItem Item(string? from, WitFunction function, bool isImport) => new(
        isImport ? from ?? "$root" : null,
        isImport || from is null ? function.CanonicalName : $"{from}#{function.CanonicalName}",
        Names.Function(from, function.CanonicalName),
        [$"{function.CanonicalName}: {SignatureText.Of(function)}", .. TypeLayout.Describe(function)],
        Signature(function, isImport));

    // What a method of the plug-in's own gets is its object, not a handle.
    private static CoreSignature Signature(WitFunction function, bool isImport)
    {
        CoreSignature signature = CoreSignature.Of(function, isImport);
        return isImport || function.Kind != WitFunctionKind.Method || signature.Parameters[0].Name == "arguments"
            ? signature
            : signature with { Parameters = [signature.Parameters[0] with { IsAddress = true, IsMutable = true }, .. signature.Parameters.Skip(1)] };
    }

    // A resource that the plug-in defines: a handle stands for an address (or any number) of its own.
    private static IEnumerable<CoreItem> OwnResources(WitInterfaceItem item) => item.Interface.Types.OfType<WitResource>().SelectMany(r => (CoreItem[])
    [
        Make("[export]" + item.Name, $"[resource-new]{r.Name}", item.Name, $"A handle of a {r.Name} that you made: what a constructor returns.", [s_value], s_handle),
        Make("[export]" + item.Name, $"[resource-rep]{r.Name}", item.Name, $"Your {r.Name} behind an own handle. Methods get it as their first parameter already.", [s_handle], s_value),
        Make("[export]" + item.Name, $"[resource-drop]{r.Name}", item.Name, "Gives a handle back.", [s_handle], null),
    ]);

    private static IEnumerable<CoreItem> Destructors(WitInterfaceItem item) => item.Interface.Types.OfType<WitResource>().Select(r =>
        Make(null, $"{item.Name}#[dtor]{r.Name}", item.Name, $"The host has dropped a {r.Name}: free it.", [s_value], null, DestructorMark + r.Name));

    private static CoreItem Make(string? module, string name, string from, string comment, CoreParameter[] parameters, CoreParameter? result, string? plain = null) =>
        new(module, name, Names.Function(from, plain ?? name), [comment], new CoreSignature(parameters, result, UsesMemory: false));
}
