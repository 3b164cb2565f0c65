using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>What a guest stops with when a function of the host that it called threw: names the function, the exception is inside.</summary>
public sealed class HostImportException(string import, Exception innerException)
    : TrapException(TrapKind.Host, $"A host function failed: `{import}`: {innerException.Message}", innerException)
{
    /// <summary>The function as the component imports it: <c>interface#function</c>, or <c>function</c>.</summary>
    public string Import { get; } = import;
}
