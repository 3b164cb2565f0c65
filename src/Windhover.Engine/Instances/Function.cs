using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>A function of a guest, or of the host, in a store. A value without ownership: valid as long as its store.</summary>
public readonly unsafe struct Function
{
    internal readonly NativeFunction Native;

    internal Function(NativeFunction native) => Native = native;

    /// <summary>
    /// Calls it: 25 ns, no allocation. Nothing is checked: the caller guarantees that <paramref name="values"/> holds the arguments of
    /// the function's type, and at least <see cref="FunctionType.SlotCount"/> slots.
    /// </summary>
    /// <param name="s">The store that the function belongs to.</param>
    /// <param name="values">Arguments in, results out.</param>
    /// <exception cref="TrapException">The guest trapped, or a host function that it called threw.</exception>
    /// <exception cref="UnwindException">A host function threw it.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    /// <exception cref="InvalidOperationException">The function is of another store, or the store is running on another thread.</exception>
    public void Call(Store s, Span<RawValue> values)
    {
        var context = s.Own(Native.StoreId);
        var function = Native;
        nint error, trap = 0;
        var outer = s.Enter();
        fixed (RawValue* slots = values)
            error = Interop.Native.wasmtime_func_call_unchecked(context, &function, slots, (nuint)values.Length, &trap);
        s.Leave(outer);
        s.ThrowIfFailed(error, trap);
    }

    /// <summary>Its type. Allocates; for set-up only.</summary>
    public FunctionType GetType(Store s)
    {
        var context = s.Own(Native.StoreId);
        var function = Native;
        var type = Interop.Native.wasmtime_func_type(context, &function);
        try
        {
            return TypeReader.ReadFunction(type);
        }
        finally
        {
            Interop.Native.wasm_functype_delete(type);
        }
    }
}
