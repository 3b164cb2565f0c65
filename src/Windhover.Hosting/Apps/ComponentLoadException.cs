namespace Windhover.Hosting.Apps;

/// <summary>A component cannot be served: the message names the file and the reason, and says what to do where that is known.</summary>
public sealed class ComponentLoadException(string message, Exception? inner = null) : Exception(message, inner);
