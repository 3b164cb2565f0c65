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

    /// <summary>A handler for an asynchronous host function of any type.</summary>
    public static HostAsyncHandler AsyncHandler(FuncType type, DynamicAsyncHandler handler) => (ref HostCall call, CancellationToken cancellation) =>
    {
        object?[] arguments = LiftParameters(
            ref call.Context, call.Values, type, call.IsAsync ? FuncType.MaxFlatAsyncParams : FuncType.MaxFlatParams);
        return new HostOperation<object?>(
            handler(call.Context.Instance, arguments, cancellation),
            (ref HostCall back, object? result) => LowerResult(ref back.Context, back.Values, type, result, back.IsAsync));
    };

    /// <summary>Lifts the arguments of a lowered function from its caller.</summary>
    /// <param name="cx">The caller.</param>
    /// <param name="values">The flat values.</param>
    /// <param name="type">The function.</param>
    /// <param name="maxFlat">How many core values may pass flat: 16, or 4 for an asynchronously lowered function.</param>
    public static object?[] LiftParameters(
        ref CanonicalContext cx, scoped ReadOnlySpan<RawValue> values, FuncType type, int maxFlat = FuncType.MaxFlatParams)
    {
        int elements = 0;
        var arguments = new object?[type.Parameters.Length];
        if (type.FlatParameterCount > maxFlat)
        {
            TupleType tuple = type.ParameterTuple!;
            uint address = cx.CheckBlock(values[0].U32, tuple.Size, tuple.Alignment);
            for (int i = 0; i < arguments.Length; i++)
                arguments[i] = DynamicLift.Load(ref cx, address + (uint)tuple.Offsets[i], tuple.Types[i], ref elements);
        }
        else
        {
            int at = 0;
            for (int i = 0; i < arguments.Length; i++)
                arguments[i] = DynamicLift.Flat(ref cx, values, ref at, type.Parameters[i].Type, ref elements);
        }

        return arguments;
    }

    /// <summary>Lowers the result of a lowered function into its caller: flat, or through the pointer that came last.</summary>
    /// <param name="cx">The caller.</param>
    /// <param name="values">The flat values that the caller passed; the flat result goes into the first.</param>
    /// <param name="type">The function.</param>
    /// <param name="result">The value.</param>
    /// <param name="isAsync">Whether the function was lowered asynchronously: then every result goes through the pointer.</param>
    public static void LowerResult(ref CanonicalContext cx, scoped Span<RawValue> values, FuncType type, object? result, bool isAsync = false)
    {
        if (type.Result is not { } resultType)
            return;
        if (isAsync || type.FlatResultCount > FuncType.MaxFlatResults)
        {
            int maxFlat = isAsync ? FuncType.MaxFlatAsyncParams : FuncType.MaxFlatParams;
            int pointer = type.FlatParameterCount > maxFlat ? 1 : type.FlatParameterCount;
            uint address = cx.CheckBlock(values[pointer].U32, resultType.Size, resultType.Alignment);
            DynamicLower.Store(ref cx, address, resultType, result);
        }
        else
        {
            int at = 0;
            DynamicLower.Flat(ref cx, values, ref at, resultType, result);
        }
    }

    /// <summary>Lowers arguments into a callee: flat, or as a tuple in its memory.</summary>
    public static void LowerParameters(ref CanonicalContext cx, scoped Span<RawValue> values, FuncType type, object?[] arguments)
    {
        if (type.FlatParameterCount > FuncType.MaxFlatParams)
        {
            TupleType tuple = type.ParameterTuple!;
            uint address = cx.Allocate(tuple.Alignment, tuple.Size);
            for (int i = 0; i < arguments.Length; i++)
                DynamicLower.Store(ref cx, address + (uint)tuple.Offsets[i], tuple.Types[i], arguments[i]);
            values[0] = address;
            return;
        }

        int at = 0;
        for (int i = 0; i < arguments.Length; i++)
            DynamicLower.Flat(ref cx, values, ref at, type.Parameters[i].Type, arguments[i]);
    }

    /// <summary>Lifts the result of a synchronously lifted function from what its core function returned.</summary>
    public static object? LiftResult(ref CanonicalContext cx, scoped ReadOnlySpan<RawValue> values, FuncType type)
    {
        if (type.Result is not { } resultType)
            return null;
        int elements = 0;
        if (type.FlatResultCount > FuncType.MaxFlatResults)
        {
            uint address = cx.CheckBlock(values[0].U32, resultType.Size, resultType.Alignment);
            return DynamicLift.Load(ref cx, address, resultType, ref elements);
        }

        int at = 0;
        return DynamicLift.Flat(ref cx, values, ref at, resultType, ref elements);
    }

    /// <summary>Lets the guest free its result. It may not call out meanwhile.</summary>
    public static void PostReturn(ComponentInstance root, LiftedFunction function, RawValue flat, GuestInstance guest)
    {
        if (function.Options.PostReturnSlot < 0)
            return;
        guest.MayLeave = false;
        Span<RawValue> values = stackalloc RawValue[1];
        values[0] = flat;
        root.GetFunction(function.Options.PostReturnSlot).Call(root.Store, values[..(function.HasFlatResult ? 1 : 0)]);
        guest.MayLeave = true;
    }

    /// <summary>Calls a synchronous function of a guest. <paramref name="caller"/> is the guest that calls, null for the host.</summary>
    public static object? Call(ComponentInstance root, LiftedFunction function, object?[] arguments, GuestInstance? caller)
    {
        GuestInstance guest = root.Guests[function.Options.InstanceIndex];
        guest.EnterFrom(caller);
        ComponentInstance.SyncFrame outer = root.PushSyncFrame();
        var cx = new CanonicalContext(root, function.Options) { Borrows = new BorrowScope() };
        Span<RawValue> values = stackalloc RawValue[FuncType.MaxFlatParams];
        values.Clear();
        LowerParameters(ref cx, values, function.Type, arguments);
        root.GetFunction(function.CoreSlot).Call(root.Store, values);
        cx.Refresh();
        RawValue flat = values[0];
        object? result = LiftResult(ref cx, values, function.Type);
        if (cx.Borrows!.Count > 0)
            throw Traps.Create("borrow handles still remain at the end of the call");
        PostReturn(root, function, flat, guest);
        root.PopSyncFrame(outer);
        guest.LeaveTo(caller);
        return result;
    }
}
