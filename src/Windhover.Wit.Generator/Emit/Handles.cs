using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

/// <summary>How handles are lifted and lowered where the code stands: in the glue of imports, or in the client of exports.</summary>
internal interface IHandles
{
    /// <summary>What stands before a helper's type: <c>static </c>, or nothing where handles need an object.</summary>
    string Modifier { get; }

    /// <summary>An expression for the object behind a handle.</summary>
    string Lift(WitType handle, string index);

    /// <summary>An expression for the handle of an object.</summary>
    string Lower(WitType handle, string value);
}

/// <summary>In imports every resource is the host's: the table of handles stores its object.</summary>
internal sealed class ImportHandles(TypeMapper types) : IHandles
{
    public string Modifier => "static ";

    public string Lift(WitType handle, string index)
    {
        (WitResource resource, string verb) = Take(handle);
        return $"context.Lift{verb}<{types.Named(resource, Direction.Import)}>({index}, {types.Owner(resource, Direction.Import).ResourceIdentity(resource)})";
    }

    public string Lower(WitType handle, string value)
    {
        (WitResource resource, string verb) = Take(handle);
        return $"context.Lower{verb}({value}, {types.Owner(resource, Direction.Import).ResourceIdentity(resource)})";
    }

    private static (WitResource Resource, string Verb) Take(WitType handle) => handle switch
    {
        WitOwnType own => ((WitResource)own.Resource.Definition, "Own"),
        WitBorrowType borrow => ((WitResource)borrow.Resource.Definition, "Borrow"),
        _ => throw new ArgumentException("not a handle", nameof(handle)),
    };
}
