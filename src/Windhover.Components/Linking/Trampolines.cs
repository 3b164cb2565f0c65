using Windhover.Components.Abi;
using Windhover.Components.Resources;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Linking;

// The core functions that the host gives to a component's modules. One object per definition and component, shared by every instance:
// what belongs to the running instance is reached through the store's state.

/// <summary>A host function that <c>canon lower</c> made callable from core code.</summary>
internal sealed class LoweredHostFunction(Entity.HostFunction target, CanonicalOptions options)
    : HostFunction(Signatures.Of(target.Type.FlattenForLower()))
{
    private readonly HostCallHandler _handler = target.Handler!;

    public string Name => target.Name;

    protected override void Invoke(Store store, Span<RawValue> values)
    {
        ComponentInstance root = ComponentInstance.Of(store);
        var call = new HostCall(new CanonicalContext(root, options), values);
        if (!call.Context.Guest.MayLeave)
        {
            Traps.CannotLeave();
        }

        try
        {
            _handler(ref call);
        }
        catch (Exception error) when (error is not (TrapException or UnwindException))
        {
            throw new HostImportException(Name, error);
        }

        call.Context.ReleaseLends();
    }
}

/// <summary><c>canon resource.new</c>: (rep: i32) -> (handle: i32).</summary>
internal sealed class ResourceNew(ResourceType type, int instance) : HostFunction(Signatures.I32ToI32)
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        GuestInstance guest = ComponentInstance.Of(store).Guests[instance];
        if (!guest.MayLeave)
        {
            Traps.CannotLeave();
        }

        values[0] = guest.Handles.AddOwn(type, null, values[0].U32);
    }
}

/// <summary><c>canon resource.rep</c>: (handle: i32) -> (rep: i32).</summary>
internal sealed class ResourceRep(ResourceType type, int instance) : HostFunction(Signatures.I32ToI32)
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        GuestInstance guest = ComponentInstance.Of(store).Guests[instance];
        values[0] = guest.Handles.GetResource(values[0].U32, type).Rep;
    }
}

/// <summary><c>canon resource.drop</c>: (handle: i32). Runs the destructor of an owned handle.</summary>
internal sealed class ResourceDrop(ResourceType type, int instance) : HostFunction(Signatures.I32ToNothing)
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        ComponentInstance root = ComponentInstance.Of(store);
        GuestInstance guest = root.Guests[instance];
        if (!guest.MayLeave)
        {
            Traps.CannotLeave();
        }

        uint index = values[0].U32;
        ref HandleTable.Entry entry = ref guest.Handles.GetResource(index, type);
        if (entry.Lends != 0)
        {
            throw Traps.Create($"cannot remove owned resource while borrowed (handle {index} of `{type.Name}`)");
        }

        HandleTable.Entry taken = guest.Handles.Remove(index);
        if (taken.Kind == HandleTable.EntryKind.Borrow)
        {
            taken.Scope!.Count--;
        }
        else
        {
            root.Destroy(type, taken.Object, taken.Rep, guest);
        }
    }
}

/// <summary>The core types of the built-ins, and of lifted and lowered functions (flatten_functype).</summary>
internal static class Signatures
{
    public static readonly Engine.FunctionType I32ToI32 = new([ValueKind.I32], [ValueKind.I32]);

    public static readonly Engine.FunctionType I32ToNothing = new([ValueKind.I32], []);

    public static Engine.FunctionType Of(CoreSignature signature) =>
        new([.. signature.Parameters.Select(Kind)], [.. signature.Results.Select(Kind)]);

    private static ValueKind Kind(CoreValueType type) => type switch
    {
        CoreValueType.I32 => ValueKind.I32,
        CoreValueType.I64 => ValueKind.I64,
        CoreValueType.F32 => ValueKind.F32,
        _ => ValueKind.F64,
    };
}
