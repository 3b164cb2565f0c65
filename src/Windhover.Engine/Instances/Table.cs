using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>A table. A value without ownership: valid as long as its store.</summary>
public readonly unsafe struct Table
{
    private const byte KindFunction = 5;

    internal readonly NativeItem Native;

    internal Table(NativeItem native) => Native = native;

    /// <summary>Its type.</summary>
    public TableType GetType(Store s)
    {
        var context = s.Own(Native.StoreId);
        var table = Native;
        var type = Interop.Native.wasmtime_table_type(context, &table);
        var result = TypeReader.ReadTable(type);
        Interop.Native.wasm_tabletype_delete(type);
        return result;
    }

    /// <summary>The number of its elements.</summary>
    public ulong Size(Store s)
    {
        var context = s.Own(Native.StoreId);
        var table = Native;
        return Interop.Native.wasmtime_table_size(context, &table);
    }

    /// <summary>Reads an element of a table of functions.</summary>
    /// <returns>The function, or null for a null reference.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside of the table.</exception>
    /// <exception cref="InvalidOperationException">The table does not hold functions.</exception>
    public Function? GetFunction(Store s, ulong index)
    {
        var context = s.Own(Native.StoreId);
        var table = Native;
        NativeValue value;
        if (Interop.Native.wasmtime_table_get(context, &table, index, &value) == 0)
            throw new ArgumentOutOfRangeException(nameof(index), index, "The index is outside of the table.");
        if (value.Kind == KindFunction)
            return value.Function.StoreId == 0 ? null : new Function(value.Function);
        Interop.Native.wasmtime_val_unroot(&value);
        throw new InvalidOperationException("The table does not hold functions.");
    }

    /// <summary>Writes an element of a table of functions; null writes a null reference.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside of the table.</exception>
    /// <exception cref="InvalidOperationException">The table does not hold functions, or not of this type.</exception>
    public void SetFunction(Store s, ulong index, Function? function)
    {
        var context = s.Own(Native.StoreId);
        var table = Native;
        if (index >= Interop.Native.wasmtime_table_size(context, &table))
            throw new ArgumentOutOfRangeException(nameof(index), index, "The index is outside of the table.");
        var value = Reference(s, function);
        var error = Interop.Native.wasmtime_table_set(context, &table, index, &value);
        if (error != 0)
            throw new InvalidOperationException(NativeFailure.TakeMessage(error));
    }

    /// <summary>Grows a table of functions.</summary>
    /// <returns>The size before; −1 when the table's maximum, the store's limits or the engine's forbid it.</returns>
    public long Grow(Store s, ulong elements, Function? function)
    {
        var context = s.Own(Native.StoreId);
        var table = Native;
        var value = Reference(s, function);
        ulong previous;
        var error = Interop.Native.wasmtime_table_grow(context, &table, elements, &value, &previous);
        if (error == 0)
            return checked((long)previous);
        Interop.Native.wasmtime_error_delete(error);
        return -1;
    }

    private static NativeValue Reference(Store s, Function? function)
    {
        if (function is not { } f)
            return new NativeValue { Kind = KindFunction };
        s.Own(f.Native.StoreId);
        return new NativeValue { Kind = KindFunction, Function = f.Native };
    }
}
