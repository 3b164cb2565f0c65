using System.Runtime.CompilerServices;

namespace Windhover.Hosting.Capabilities;

/// <summary>One capability's place in the state of an instance.</summary>
public readonly struct CapabilitySlot
{
    private readonly int _index;

    internal CapabilitySlot(int index) => _index = index;

    /// <summary>
    /// The object that answers this instance's calls, made at the first one. What generated glue asks for:
    /// <c>MyWorld.Define(linker, state => slot.Host&lt;MyHost&gt;(state))</c>.
    /// </summary>
    /// <param name="state">The state of an instance, as glue hands it over.</param>
    /// <typeparam name="T">What <see cref="CapabilityGrant.CreateHost"/> makes: it is not checked again.</typeparam>
    public T Host<T>(object? state)
        where T : class => Unsafe.As<T>(((GuestContext)state!).Host(_index));
}
