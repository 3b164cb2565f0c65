using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

// wasmtime/error.h, trap.h and the frames of wasm.h.
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    public static partial void wasmtime_error_message(nint error, NativeBytes* message);

    [LibraryImport(Library)]
    public static partial nint wasmtime_error_new(byte* zeroTerminatedMessage);

    [LibraryImport(Library)]
    public static partial void wasmtime_error_delete(nint error);

    [LibraryImport(Library)]
    public static partial byte wasmtime_error_exit_status(nint error, int* status);

    /// <summary>The frames borrow from the error: delete them first.</summary>
    [LibraryImport(Library)]
    public static partial void wasmtime_error_wasm_trace(nint error, NativePointers* frames);

    [LibraryImport(Library)]
    public static partial nint wasmtime_trap_new(byte* message, nuint length);

    [LibraryImport(Library)]
    public static partial nint wasmtime_trap_new_code(byte code);

    [LibraryImport(Library)]
    public static partial byte wasmtime_trap_code(nint trap, byte* code);

    [LibraryImport(Library)]
    public static partial void wasm_trap_message(nint trap, NativeBytes* message);

    [LibraryImport(Library)]
    public static partial void wasm_trap_trace(nint trap, NativePointers* frames);

    [LibraryImport(Library)]
    public static partial void wasm_trap_delete(nint trap);

    [LibraryImport(Library)]
    public static partial void wasm_frame_vec_delete(NativePointers* frames);

    [LibraryImport(Library)]
    public static partial uint wasm_frame_func_index(nint frame);

    [LibraryImport(Library)]
    public static partial nuint wasm_frame_func_offset(nint frame);

    [LibraryImport(Library)]
    public static partial nuint wasm_frame_module_offset(nint frame);

    [LibraryImport(Library)]
    public static partial NativeBytes* wasmtime_frame_func_name(nint frame);

    [LibraryImport(Library)]
    public static partial NativeBytes* wasmtime_frame_module_name(nint frame);
}
