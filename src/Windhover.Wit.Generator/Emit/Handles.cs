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

    /// <summary>An expression for the type of a stream or future, as the component knows it.</summary>
    string Channel(WitType channel);
}

/// <summary>In imports every resource is the host's: the table of handles stores its object.</summary>
internal sealed class ImportHandles(TypeMapper types, DescriptorEmitter descriptors) : IHandles
{
    public string Modifier => "static ";

    public string Channel(WitType channel) => descriptors.ChannelType(channel);

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

    internal static (WitResource Resource, string Verb) Take(WitType handle) => handle switch
    {
        WitOwnType own => ((WitResource)own.Resource.Definition, "Own"),
        WitBorrowType borrow => ((WitResource)borrow.Resource.Definition, "Borrow"),
        _ => throw new ArgumentException("not a handle", nameof(handle)),
    };
}

/// <summary>
/// In exports a resource is the component's, behind the class generated for it, unless an imported interface defines it: then it is the
/// host's object as in imports. Keeps the fields that the client's glue needs for the component's ones.
/// </summary>
internal sealed class ExportHandles(TypeMapper types, BoundScope scope, DescriptorEmitter descriptors) : IHandles
{
    private readonly ImportHandles _imports = new(types, descriptors);
    private readonly List<(string Field, string Type, string Kind)> _channels = [];
    private readonly List<(string Field, string Identity)> _resources = [];
    private readonly List<(string Field, BoundScope Scope)> _clients = [];

    public string Modifier => "";

    /// <summary>Fields that hold the component's resource types, and what each stands for.</summary>
    public IReadOnlyList<(string Field, string Identity)> Resources => _resources;

    /// <summary>Fields that hold the clients of other interfaces, whose resources this one passes.</summary>
    public IReadOnlyList<(string Field, BoundScope Scope)> Clients => _clients;

    /// <summary>Fields that hold types of streams and futures, the type that they begin as, and its kind.</summary>
    public IReadOnlyList<(string Field, string Type, string Kind)> Channels => _channels;

    public string Channel(WitType channel)
    {
        string type = descriptors.ChannelType(channel);
        int index = _channels.FindIndex(c => c.Type == type);
        if (index < 0)
        {
            index = _channels.Count;
            _channels.Add(($"_channel{index}", type, channel is WitStreamType ? "Stream" : "Future"));
        }

        return _channels[index].Field;
    }

    public string Lift(WitType handle, string index)
    {
        (WitResource resource, string verb) = ImportHandles.Take(handle);
        BoundScope owner = types.Owner(resource, Direction.Export);
        return owner.Direction == Direction.Import
            ? _imports.Lift(handle, index)
            : $"new {owner.FullTypeName(resource)}({Client(owner)}, context.Instance, context.Lift{verb}Guest({index}, {Field(owner, resource)}))";
    }

    public string Lower(WitType handle, string value)
    {
        (WitResource resource, string verb) = ImportHandles.Take(handle);
        BoundScope owner = types.Owner(resource, Direction.Export);
        return owner.Direction == Direction.Import
            ? _imports.Lower(handle, value)
            : $"context.Lower{verb}Guest({value}.Resource, {Field(owner, resource)})";
    }

    private string Field(BoundScope owner, WitResource resource)
    {
        string identity = owner.ResourceIdentity(resource);
        int index = _resources.FindIndex(r => r.Identity == identity);
        if (index < 0)
        {
            index = _resources.Count;
            _resources.Add(($"_resource{index}", identity));
        }

        return _resources[index].Field;
    }

    private string Client(BoundScope owner)
    {
        if (owner == scope)
            return "_exports";
        int index = _clients.FindIndex(c => c.Scope == owner);
        if (index < 0)
        {
            index = _clients.Count;
            _clients.Add(($"_client{index}", owner));
        }

        return _clients[index].Field;
    }
}
