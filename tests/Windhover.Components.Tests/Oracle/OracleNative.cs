using System.Runtime.InteropServices;
using System.Text;

namespace Windhover.Components.Tests.Oracle;

/// <summary>
/// Wasmtime's own component API (wasmtime/component/*.h of 50.0.1), which the libraries do not use. An error is a pointer that
/// <see cref="TakeMessage"/> releases; zero is success. Every other pointer is borrowed for the length of the call.
/// </summary>
internal static unsafe partial class OracleNative
{
    private const string Library = "wasmtime";

    [LibraryImport(Library)]
    public static partial nint wasm_config_new();

    [LibraryImport(Library)]
    public static partial nint wasm_engine_new_with_config(nint ownedConfig);

    [LibraryImport(Library)]
    public static partial void wasmtime_engine_increment_epoch(nint engine);

    [LibraryImport(Library)]
    public static partial nint wasmtime_store_new(nint engine, nint data, nint finalizer);

    [LibraryImport(Library)]
    public static partial nint wasmtime_store_context(nint store);

    [LibraryImport(Library)]
    public static partial void wasmtime_store_delete(nint store);

    [LibraryImport(Library)]
    public static partial void wasmtime_context_set_epoch_deadline(nint context, ulong ticks);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_new(nint engine, byte* bytes, nuint length, nint* component);

    [LibraryImport(Library)]
    public static partial void wasmtime_component_delete(nint component);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_linker_new(nint engine);

    [LibraryImport(Library)]
    public static partial void wasmtime_component_linker_delete(nint linker);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_linker_define_unknown_imports_as_traps(nint linker, nint component);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_linker_instantiate_async(
        nint linker, nint context, nint component, OracleInstance* result, nint* error);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_instance_get_export_index(OracleInstance* instance, nint context, nint parent, byte* name, nuint length);

    [LibraryImport(Library)]
    public static partial void wasmtime_component_export_index_delete(nint index);

    [LibraryImport(Library)]
    public static partial byte wasmtime_component_instance_get_func(OracleInstance* instance, nint context, nint index, OracleFunction* result);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_func_type(OracleFunction* function, nint context);

    [LibraryImport(Library)]
    public static partial void wasmtime_component_func_type_delete(nint type);

    [LibraryImport(Library)]
    public static partial byte wasmtime_component_func_type_result(nint type, OracleType* result);

    [LibraryImport(Library)]
    public static partial void wasmtime_component_valtype_delete(OracleType* type);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_func_call_async(
        OracleFunction* function, nint context, OracleValue* arguments, nuint argumentCount, OracleValue* results, nuint resultCount, nint* error);

    [LibraryImport(Library)]
    public static partial byte wasmtime_call_future_poll(nint future);

    [LibraryImport(Library)]
    public static partial void wasmtime_call_future_delete(nint future);

    [LibraryImport(Library)]
    public static partial void wasmtime_component_val_delete(OracleValue* value);

    /// <summary>The message of an error, which is released.</summary>
    public static string TakeMessage(nint error)
    {
        OracleVector message;
        wasmtime_error_message(error, &message);
        var text = message.Text;
        wasm_byte_vec_delete(&message);
        wasmtime_error_delete(error);
        return text;
    }

    [LibraryImport(Library)]
    private static partial void wasmtime_error_message(nint error, OracleVector* message);

    [LibraryImport(Library)]
    private static partial void wasmtime_error_delete(nint error);

    [LibraryImport(Library)]
    private static partial void wasm_byte_vec_delete(OracleVector* bytes);
}

/// <summary>Length and data of every vector of the API: bytes, values, fields, flags.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OracleVector
{
    public nuint Count;
    public void* Data;

    public readonly string Text => Encoding.UTF8.GetString((byte*)Data, checked((int)Count));

    public readonly ReadOnlySpan<T> Items<T>() where T : unmanaged => new(Data, checked((int)Count));
}

/// <summary>wasmtime_component_val_t: 32 bytes, the kind, then a union whose largest member is a variant's name and payload.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct OracleValue
{
    [FieldOffset(0)] public OracleKind Kind;
    [FieldOffset(8)] public byte Bool;
    [FieldOffset(8)] public ulong Bits;
    [FieldOffset(8)] public float F32;
    [FieldOffset(8)] public double F64;
    [FieldOffset(8)] public OracleVector Vector;
    [FieldOffset(8)] public OracleValue* OptionPayload;
    [FieldOffset(16)] public OracleValue* ResultPayload;
    [FieldOffset(24)] public OracleValue* VariantPayload;
}

/// <summary>wasmtime_component_valrecord_entry_t.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OracleField
{
    public OracleVector Name;
    public OracleValue Value;
}

/// <summary>wasmtime_component_valkind_t.</summary>
internal enum OracleKind : byte
{
    Bool, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, Char, String, List, Record, Tuple, Variant, Enum, Option, Result, Flags,
}

[StructLayout(LayoutKind.Sequential)]
internal struct OracleInstance
{
    public ulong Store;
    public ulong Index;
}

/// <summary>24 or 32 bytes, depending on the release: what lies behind is never touched.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct OracleFunction
{
    public ulong Store;
}

[StructLayout(LayoutKind.Sequential)]
internal struct OracleType
{
    public ulong Kind;
    public nint Details;
}
