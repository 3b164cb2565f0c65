using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Resources;

/// <summary>
/// The host's handle to a resource that a guest defines. An owned one runs the guest's destructor when it is disposed, unless it was given
/// away before; a borrowed one only names the resource for the duration of a call. It belongs to its <see cref="ComponentInstance"/>'s
/// store: it may be used only with it and not after it ended. Not thread-safe, as the store is not.
/// </summary>
public sealed class GuestResource : IDisposable
{
    private readonly ComponentInstance _root;
    private readonly object? _object;
    private readonly uint _rep;
    private State _state;

    internal GuestResource(ComponentInstance root, ResourceType type, object? obj, uint rep, bool owned)
    {
        _root = root;
        Type = type;
        _object = obj;
        _rep = rep;
        _state = owned ? State.Owned : State.Borrowed;
    }

    private enum State : byte
    {
        Owned,
        Borrowed,
        Gone,
    }

    /// <summary>The resource's type.</summary>
    public ResourceType Type { get; }

    /// <summary>The host's object, when the resource is the host's own and only passed through a guest; otherwise null.</summary>
    public object? HostObject => _object;

    /// <summary>Whether this handle owns the resource.</summary>
    public bool IsOwned => _state == State.Owned;

    internal (object? Object, uint Rep) Take(ComponentInstance root, ResourceType type)
    {
        if (_state != State.Owned)
        {
            throw new InvalidOperationException(_state == State.Gone
                ? $"The handle to `{Type.Name}` was given away or disposed before."
                : $"A borrowed handle to `{Type.Name}` cannot be given away.");
        }

        (object?, uint) value = Peek(root, type);
        _state = State.Gone;
        return value;
    }

    internal (object? Object, uint Rep) Peek(ComponentInstance root, ResourceType type)
    {
        if (_state == State.Gone)
        {
            throw new InvalidOperationException($"The handle to `{Type.Name}` was given away or disposed before.");
        }

        if (!ReferenceEquals(root, _root))
        {
            throw new ArgumentException($"The handle to `{Type.Name}` belongs to another instance.");
        }

        return ReferenceEquals(type, Type)
            ? (_object, _rep)
            : throw new ArgumentException($"The handle is a `{Type.Name}`, not a `{type.Name}`.");
    }

    /// <summary>Runs the guest's destructor if this handle owns the resource and the store lives; otherwise does nothing.</summary>
    /// <exception cref="Engine.TrapException">The destructor trapped.</exception>
    public void Dispose()
    {
        if (_state == State.Owned)
        {
            _state = State.Gone;
            _root.DropResource(Type, _object, _rep);
        }
    }
}
