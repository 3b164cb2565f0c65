using Windhover.Components.Linking;

namespace Windhover.Hosting.Messaging;

/// <summary>Knows interfaces by which components handle messages themselves. Registered as a service by the package that has the interface; one object per server.</summary>
public interface IMessageHandlers
{
    /// <summary>Finds a component's handler; null when it exports none that is known here.</summary>
    /// <exception cref="LinkException">It exports one of another type.</exception>
    MessageHandling? Find(PreparedComponent component);
}

/// <summary>Has an instance handle a message.</summary>
/// <param name="instance">An instance of the component that the handler was found in.</param>
/// <param name="topic">Where the message came from.</param>
/// <param name="message">The message.</param>
/// <returns>Null when it did; otherwise the handler's error.</returns>
/// <exception cref="Engine.TrapException">The guest failed.</exception>
public delegate string? MessageHandling(ComponentInstance instance, string topic, Message message);
