using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Async;

/// <summary>A built-in of the asynchronous ABI as a core function. One object per definition and component; see <see cref="HostFunction"/>.</summary>
internal sealed class Builtin(FunctionType type, int instance, BuiltinBody body, bool leaves = true) : HostFunction(type)
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        ComponentInstance root = ComponentInstance.Of(store);
        GuestInstance guest = root.Guests[instance];
        if (leaves && !guest.MayLeave)
            Traps.CannotLeave();
        body(root, guest, values);
    }
}

/// <summary>What a built-in does: arguments in <paramref name="values"/>, the result into its first.</summary>
internal delegate void BuiltinBody(ComponentInstance root, GuestInstance guest, Span<RawValue> values);
