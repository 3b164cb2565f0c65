using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

/// <summary>
/// The C API of libwasmtime, one file per header. Every call may be made from any thread; a store's calls from one thread at a time.
/// A pointer argument is borrowed for the length of the call unless its name says <c>owned</c>.
/// </summary>
internal static unsafe partial class Native
{
    private const string Library = "wasmtime";

    [LibraryImport(Library)]
    public static partial void wasm_byte_vec_new(NativeBytes* result, nuint size, byte* data);

    [LibraryImport(Library)]
    public static partial void wasm_byte_vec_delete(NativeBytes* bytes);

    [LibraryImport(Library)]
    public static partial nint wasmtime_wat2wasm(byte* text, nuint length, NativeBytes* result);

    [LibraryImport(Library)]
    public static partial nint wasmtime_component_new(EngineHandle engine, byte* bytes, nuint length, nint* component);

    [LibraryImport(Library)]
    public static partial void wasmtime_component_delete(nint component);
}
