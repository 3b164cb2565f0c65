using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

// wasmtime/store.h, func.h, instance.h and linker.h.
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    public static partial nint wasmtime_store_new(EngineHandle engine, nint data, nint finalizer);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial nint wasmtime_store_context(nint store);

    [LibraryImport(Library)]
    public static partial void wasmtime_store_delete(nint store);

    [LibraryImport(Library)]
    public static partial void wasmtime_store_limiter(
        nint store, long memoryBytes, long tableElements, long instances, long tables, long memories);

    // The three getters read one field each (2 ns): without a GC transition the host call costs 12.5 ns instead of 25.
    [LibraryImport(Library), SuppressGCTransition]
    public static partial nint wasmtime_context_get_data(nint context);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial nint wasmtime_caller_context(nint caller);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial void wasmtime_context_set_epoch_deadline(nint context, ulong ticksBeyondCurrent);

    [LibraryImport(Library)]
    public static partial void wasmtime_store_epoch_deadline_callback(
        nint store, delegate* unmanaged[Cdecl]<nint, nint, ulong*, byte*, nint> callback, nint data, nint finalizer);

    [LibraryImport(Library)]
    public static partial nint wasmtime_context_set_fuel(nint context, ulong fuel);

    [LibraryImport(Library)]
    public static partial nint wasmtime_context_get_fuel(nint context, ulong* fuel);

    [LibraryImport(Library)]
    public static partial nint wasmtime_context_gc(nint context);

    [LibraryImport(Library)]
    public static partial byte wasmtime_context_has_exception(nint context);

    [LibraryImport(Library)]
    public static partial byte wasmtime_context_take_exception(nint context, NativeReference* exception);

    [LibraryImport(Library)]
    public static partial void wasmtime_exnref_unroot(NativeReference* exception);

    [LibraryImport(Library)]
    public static partial nint wasmtime_func_call_unchecked(
        nint context, NativeFunction* function, RawValue* values, nuint count, nint* trap);

    [LibraryImport(Library)]
    public static partial void wasmtime_func_new_unchecked(
        nint context, nint type, delegate* unmanaged[Cdecl]<nint, nint, RawValue*, nuint, nint> callback, nint data,
        delegate* unmanaged[Cdecl]<nint, void> finalizer, NativeFunction* result);

    [LibraryImport(Library)]
    public static partial nint wasmtime_func_type(nint context, NativeFunction* function);

    [LibraryImport(Library)]
    public static partial void wasmtime_func_from_raw(nint context, nint raw, NativeFunction* result);

    [LibraryImport(Library)]
    public static partial nint wasmtime_func_to_raw(nint context, NativeFunction* function);

    [LibraryImport(Library)]
    public static partial nint wasmtime_instance_new(
        nint context, CompiledModuleHandle module, NativeExtern* imports, nuint count, NativeInstance* instance, nint* trap);

    // Two look-ups in tables that never change, 50 ns; no lock, no way back into the host.
    [LibraryImport(Library), SuppressGCTransition]
    public static partial byte wasmtime_instance_export_get(
        nint context, NativeInstance* instance, byte* name, nuint length, NativeExtern* item);

    [LibraryImport(Library)]
    public static partial byte wasmtime_instance_export_nth(
        nint context, NativeInstance* instance, nuint index, byte** name, nuint* length, NativeExtern* item);

    [LibraryImport(Library)]
    public static partial void wasmtime_extern_delete(NativeExtern* item);

    [LibraryImport(Library)]
    public static partial nint wasmtime_linker_new(EngineHandle engine);

    [LibraryImport(Library)]
    public static partial void wasmtime_linker_delete(nint linker);

    [LibraryImport(Library)]
    public static partial nint wasmtime_linker_define_func_unchecked(
        LinkerHandle linker, byte* module, nuint moduleLength, byte* name, nuint nameLength, nint type,
        delegate* unmanaged[Cdecl]<nint, nint, RawValue*, nuint, nint> callback, nint data,
        delegate* unmanaged[Cdecl]<nint, void> finalizer);

    [LibraryImport(Library)]
    public static partial byte wasmtime_linker_get(
        nint linker, nint context, byte* module, nuint moduleLength, byte* name, nuint nameLength, NativeExtern* item);

    [LibraryImport(Library)]
    public static partial void wasmtime_linker_allow_shadowing(LinkerHandle linker, byte allow);

    [LibraryImport(Library)]
    public static partial nint wasmtime_linker_define_wasi(LinkerHandle linker);

    [LibraryImport(Library)]
    public static partial nint wasmtime_linker_define_unknown_imports_as_traps(LinkerHandle linker, CompiledModuleHandle module);

    [LibraryImport(Library)]
    public static partial nint wasmtime_linker_instantiate_pre(LinkerHandle linker, CompiledModuleHandle module, nint* result);

    [LibraryImport(Library)]
    public static partial nint wasmtime_instance_pre_instantiate(InstancePreHandle pre, nint context, NativeInstance* instance, nint* trap);

    [LibraryImport(Library)]
    public static partial void wasmtime_instance_pre_delete(nint pre);
}
