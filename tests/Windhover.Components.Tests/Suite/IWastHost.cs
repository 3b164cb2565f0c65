namespace Windhover.Components.Tests.Suite;

/// <summary>What runs the components of a .wast file. One per file; disposed at its end.</summary>
internal interface IWastHost : IDisposable
{
    /// <summary>The calls that follow belong to this directive.</summary>
    void Begin(WastDirective directive)
    {
    }

    /// <summary>Decodes, validates and compiles. Throws InvalidComponentException or InvalidModuleException when it is not valid.</summary>
    object Define(byte[] component);

    /// <summary>Links and instantiates a definition. Throws LinkException or TrapException.</summary>
    object Instantiate(object definition);

    /// <summary>Calls an export of an instance; null when it returns nothing. Throws TrapException.</summary>
    ValueTask<WastValue?> InvokeAsync(object instance, string export, IReadOnlyList<WastValue> arguments, CancellationToken cancellation);
}
