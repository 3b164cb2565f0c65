using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

// wasmtime/module.h and the types of wasm.h.
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    public static partial nint wasmtime_module_new(EngineHandle engine, byte* wasm, nuint length, nint* module);

    [LibraryImport(Library)]
    public static partial nint wasmtime_module_validate(EngineHandle engine, byte* wasm, nuint length);

    [LibraryImport(Library)]
    public static partial void wasmtime_module_delete(nint module);

    [LibraryImport(Library)]
    public static partial nint wasmtime_module_serialize(CompiledModuleHandle module, NativeBytes* result);

    [LibraryImport(Library)]
    public static partial nint wasmtime_module_deserialize(EngineHandle engine, byte* bytes, nuint length, nint* module);

    [LibraryImport(Library)]
    public static partial nint wasmtime_module_deserialize_file(EngineHandle engine, byte* path, nint* module);

    [LibraryImport(Library)]
    public static partial void wasmtime_module_imports(CompiledModuleHandle module, NativePointers* result);

    [LibraryImport(Library)]
    public static partial void wasmtime_module_exports(CompiledModuleHandle module, NativePointers* result);

    [LibraryImport(Library)]
    public static partial void wasm_importtype_vec_delete(NativePointers* types);

    [LibraryImport(Library)]
    public static partial void wasm_exporttype_vec_delete(NativePointers* types);

    [LibraryImport(Library)]
    public static partial NativeBytes* wasm_importtype_module(nint type);

    [LibraryImport(Library)]
    public static partial NativeBytes* wasm_importtype_name(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_importtype_type(nint type);

    [LibraryImport(Library)]
    public static partial NativeBytes* wasm_exporttype_name(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_exporttype_type(nint type);

    [LibraryImport(Library)]
    public static partial byte wasm_externtype_kind(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_functype_const(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_globaltype_const(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_memorytype_const(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_tabletype_const(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_tagtype_const(nint type);

    [LibraryImport(Library)]
    public static partial NativePointers* wasm_functype_params(nint type);

    [LibraryImport(Library)]
    public static partial NativePointers* wasm_functype_results(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_functype_new(NativePointers* ownedParameters, NativePointers* ownedResults);

    [LibraryImport(Library)]
    public static partial void wasm_functype_delete(nint type);

    [LibraryImport(Library)]
    public static partial void wasm_valtype_vec_new(NativePointers* result, nuint size, nint* ownedTypes);

    [LibraryImport(Library)]
    public static partial nint wasm_globaltype_content(nint type);

    [LibraryImport(Library)]
    public static partial byte wasm_globaltype_mutability(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_globaltype_new(nint ownedContent, byte mutability);

    [LibraryImport(Library)]
    public static partial void wasm_globaltype_delete(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_tabletype_element(nint type);

    [LibraryImport(Library)]
    public static partial void wasm_tabletype_delete(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_tagtype_functype(nint type);

    [LibraryImport(Library)]
    public static partial ulong wasmtime_memorytype_minimum(nint type);

    [LibraryImport(Library)]
    public static partial byte wasmtime_memorytype_maximum(nint type, ulong* maximum);

    [LibraryImport(Library)]
    public static partial byte wasmtime_memorytype_is64(nint type);

    [LibraryImport(Library)]
    public static partial byte wasmtime_memorytype_isshared(nint type);

    [LibraryImport(Library)]
    public static partial byte wasmtime_memorytype_page_size_log2(nint type);

    [LibraryImport(Library)]
    public static partial nint wasmtime_memorytype_new(
        ulong minimum, byte hasMaximum, ulong maximum, byte is64, byte shared, byte pageSizeLog2, nint* result);

    [LibraryImport(Library)]
    public static partial void wasm_memorytype_delete(nint type);

    [LibraryImport(Library)]
    public static partial void wasmtime_valtype_new(nint type, NativeValueType* result);

    [LibraryImport(Library)]
    public static partial void wasmtime_valtype_delete(NativeValueType* type);

    /// <summary>The engine is read for concrete (indexed) types only, which we never pass.</summary>
    [LibraryImport(Library)]
    public static partial nint wasmtime_valtype_to_wasm(nint engine, NativeValueType* type);
}
