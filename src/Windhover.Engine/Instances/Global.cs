using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>A global. A value without ownership: valid as long as its store.</summary>
public readonly unsafe struct Global
{
    internal readonly NativeGlobal Native;

    internal Global(NativeGlobal native) => Native = native;

    /// <summary>Its type.</summary>
    public GlobalType GetType(Store s)
    {
        var context = s.Own(Native.StoreId);
        var global = Native;
        var type = Interop.Native.wasmtime_global_type(context, &global);
        var result = TypeReader.ReadGlobal(type);
        Interop.Native.wasm_globaltype_delete(type);
        return result;
    }

    /// <summary>Reads a number or vector.</summary>
    /// <exception cref="InvalidOperationException">The global holds a reference.</exception>
    public RawValue Get(Store s)
    {
        var context = s.Own(Native.StoreId);
        var global = Native;
        NativeValue value;
        Interop.Native.wasmtime_global_get(context, &global, &value);
        if (value.Kind <= (byte)ValueKind.V128)
            return value.Raw;
        Interop.Native.wasmtime_val_unroot(&value);
        throw new InvalidOperationException("The global holds a reference.");
    }

    /// <summary>Writes a number or vector, through the field that fits the global's type.</summary>
    /// <exception cref="InvalidOperationException">The global is immutable or holds a reference.</exception>
    public void Set(Store s, RawValue value)
    {
        var context = s.Own(Native.StoreId);
        var global = Native;
        var type = GetType(s);
        if (!type.IsMutable || type.Content > ValueKind.V128)
            throw new InvalidOperationException(type.IsMutable ? "The global holds a reference." : "The global is immutable.");
        var native = new NativeValue { Kind = (byte)type.Content, Raw = value };
        var error = Interop.Native.wasmtime_global_set(context, &global, &native);
        if (error != 0)
            throw new InvalidOperationException(NativeFailure.TakeMessage(error));
    }
}
