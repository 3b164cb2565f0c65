namespace Windhover.Components.Types;

/// <summary>
/// A resource type. It is itself and no other: two are the same only when they are one object. A component that defines a resource makes a
/// fresh one each time it is instantiated.
/// </summary>
/// <param name="name">For messages; need not be unique.</param>
/// <param name="hostTag">Whatever the host that provides the resource wants to find again, such as the type of its objects.</param>
public sealed class ResourceType(string name, object? hostTag = null)
{
    public string Name { get; } = name;

    public object? HostTag { get; } = hostTag;

    /// <inheritdoc/>
    public override string ToString() => $"resource {Name}";
}
