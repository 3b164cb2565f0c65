using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Resources;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Values;

// Calls on dynamic values, both ways, following canon_lift and canon_lower; see ExportCall for the numbered way of a call into a guest.
internal static class DynamicCall
{
    /// <summary>A handler for a host function of any type.</summary>
    public static HostCallHandler Handler(FuncType type, DynamicHandler handler) => (ref HostCall call) =>
    {
        object?[] arguments = LiftParameters(ref call.Context, call.Values, type);
        object? result = handler(call.Context.Instance, arguments);
        call.Context.Refresh();
        LowerResult(ref call.Context, call.Values, type, result);
    };

    /// <summary>Lifts the arguments of a lowered function from its caller.</summary>
    public static object?[] LiftParameters(ref CanonicalContext cx, scoped ReadOnlySpan<RawValue> values, FuncType type)
    {
        int elements = 0;
        var arguments = new object?[type.Parameters.Length];
        if (type.FlatParameterCount > FuncType.MaxFlatParams)
        {
            TupleType tuple = type.ParameterTuple!;
            uint address = cx.CheckBlock(values[0].U32, tuple.Size, tuple.Alignment);
            for (int i = 0; i < arguments.Length; i++)
            {
                arguments[i] = DynamicLift.Load(ref cx, address + (uint)tuple.Offsets[i], tuple.Types[i], ref elements);
            }
        }
        else
        {
            int at = 0;
            for (int i = 0; i < arguments.Length; i++)
            {
                arguments[i] = DynamicLift.Flat(ref cx, values, ref at, type.Parameters[i].Type, ref elements);
            }
        }

        return arguments;
    }

    /// <summary>Lowers the result of a lowered function into its caller: flat, or through the pointer that came last.</summary>
    public static void LowerResult(ref CanonicalContext cx, scoped Span<RawValue> values, FuncType type, object? result)
    {
        if (type.Result is not { } resultType)
        {
            return;
        }

        if (type.FlatResultCount > FuncType.MaxFlatResults)
        {
            int pointer = type.FlatParameterCount > FuncType.MaxFlatParams ? 1 : type.FlatParameterCount;
            uint address = cx.CheckBlock(values[pointer].U32, resultType.Size, resultType.Alignment);
            DynamicLower.Store(ref cx, address, resultType, result);
        }
        else
        {
            int at = 0;
            DynamicLower.Flat(ref cx, values, ref at, resultType, result);
        }
    }

    /// <summary>Calls a guest's function. <paramref name="caller"/> is the guest that calls, null for the host.</summary>
    public static object? Call(ComponentInstance root, LiftedFunction function, object?[] arguments, GuestInstance? caller)
    {
        FuncType type = function.Type;
        CanonicalOptions options = function.Options;
        GuestInstance guest = root.Guests[options.InstanceIndex];
        guest.EnterFrom(caller);

        var cx = new CanonicalContext(root, options) { Borrows = new BorrowScope() };
        Span<RawValue> values = stackalloc RawValue[FuncType.MaxFlatParams];
        values.Clear();
        if (type.FlatParameterCount > FuncType.MaxFlatParams)
        {
            TupleType tuple = type.ParameterTuple!;
            uint address = cx.Allocate(tuple.Alignment, tuple.Size);
            for (int i = 0; i < arguments.Length; i++)
            {
                DynamicLower.Store(ref cx, address + (uint)tuple.Offsets[i], tuple.Types[i], arguments[i]);
            }

            values[0] = address;
        }
        else
        {
            int at = 0;
            for (int i = 0; i < arguments.Length; i++)
            {
                DynamicLower.Flat(ref cx, values, ref at, type.Parameters[i].Type, arguments[i]);
            }
        }

        root.GetFunction(function.CoreSlot).Call(root.Store, values);
        cx.Refresh();

        RawValue flat = values[0];
        object? result = null;
        int elements = 0;
        if (type.Result is { } resultType)
        {
            if (type.FlatResultCount > FuncType.MaxFlatResults)
            {
                uint address = cx.CheckBlock(flat.U32, resultType.Size, resultType.Alignment);
                result = DynamicLift.Load(ref cx, address, resultType, ref elements);
            }
            else
            {
                int at = 0;
                result = DynamicLift.Flat(ref cx, values, ref at, resultType, ref elements);
            }
        }

        if (cx.Borrows!.Count > 0)
        {
            throw Traps.Create("borrow handles still remain at the end of the call");
        }

        if (options.PostReturnSlot >= 0)
        {
            guest.MayLeave = false;
            values[0] = flat;
            root.GetFunction(options.PostReturnSlot).Call(root.Store, values[..(function.HasFlatResult ? 1 : 0)]);
            guest.MayLeave = true;
        }

        guest.LeaveTo(caller);
        return result;
    }
}
