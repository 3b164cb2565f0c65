using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

// wasmtime/memory.h, table.h and global.h.
internal static unsafe partial class Native
{
    // Both read one field of the memory's definition (2–3 ns each without the GC transition).
    [LibraryImport(Library), SuppressGCTransition]
    public static partial byte* wasmtime_memory_data(nint context, NativeItem* memory);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial nuint wasmtime_memory_data_size(nint context, NativeItem* memory);

    [LibraryImport(Library)]
    public static partial nint wasmtime_memory_grow(nint context, NativeItem* memory, ulong delta, ulong* previous);

    [LibraryImport(Library)]
    public static partial nint wasmtime_memory_type(nint context, NativeItem* memory);

    [LibraryImport(Library)]
    public static partial nint wasmtime_memory_new(nint context, nint type, NativeItem* result);

    [LibraryImport(Library)]
    public static partial byte wasmtime_table_get(nint context, NativeItem* table, ulong index, NativeValue* value);

    [LibraryImport(Library)]
    public static partial nint wasmtime_table_set(nint context, NativeItem* table, ulong index, NativeValue* value);

    [LibraryImport(Library)]
    public static partial ulong wasmtime_table_size(nint context, NativeItem* table);

    [LibraryImport(Library)]
    public static partial nint wasmtime_table_grow(nint context, NativeItem* table, ulong delta, NativeValue* value, ulong* previous);

    [LibraryImport(Library)]
    public static partial nint wasmtime_table_type(nint context, NativeItem* table);

    [LibraryImport(Library)]
    public static partial nint wasmtime_global_new(nint context, nint type, NativeValue* value, NativeGlobal* result);

    [LibraryImport(Library)]
    public static partial void wasmtime_global_get(nint context, NativeGlobal* global, NativeValue* value);

    [LibraryImport(Library)]
    public static partial nint wasmtime_global_set(nint context, NativeGlobal* global, NativeValue* value);

    [LibraryImport(Library)]
    public static partial nint wasmtime_global_type(nint context, NativeGlobal* global);

    [LibraryImport(Library)]
    public static partial void wasmtime_val_unroot(NativeValue* value);
}
