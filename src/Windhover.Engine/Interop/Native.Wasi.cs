using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

// wasi.h.
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    public static partial nint wasi_config_new();

    [LibraryImport(Library)]
    public static partial void wasi_config_delete(nint config);

    [LibraryImport(Library)]
    public static partial byte wasi_config_set_argv(nint config, nuint count, byte** arguments);

    [LibraryImport(Library)]
    public static partial byte wasi_config_set_env(nint config, nuint count, byte** names, byte** values);

    [LibraryImport(Library)]
    public static partial byte wasi_config_set_stdin_file(nint config, byte* path);

    [LibraryImport(Library)]
    public static partial void wasi_config_set_stdin_bytes(nint config, NativeBytes* ownedBytes);

    [LibraryImport(Library)]
    public static partial void wasi_config_inherit_stdin(nint config);

    [LibraryImport(Library)]
    public static partial byte wasi_config_set_stdout_file(nint config, byte* path);

    [LibraryImport(Library)]
    public static partial void wasi_config_inherit_stdout(nint config);

    [LibraryImport(Library)]
    public static partial void wasi_config_set_stdout_custom(
        nint config, delegate* unmanaged[Cdecl]<nint, byte*, nuint, nint> callback, nint data, delegate* unmanaged[Cdecl]<nint, void> finalizer);

    [LibraryImport(Library)]
    public static partial byte wasi_config_set_stderr_file(nint config, byte* path);

    [LibraryImport(Library)]
    public static partial void wasi_config_inherit_stderr(nint config);

    [LibraryImport(Library)]
    public static partial void wasi_config_set_stderr_custom(
        nint config, delegate* unmanaged[Cdecl]<nint, byte*, nuint, nint> callback, nint data, delegate* unmanaged[Cdecl]<nint, void> finalizer);

    [LibraryImport(Library)]
    public static partial byte wasi_config_preopen_dir(nint config, byte* hostPath, byte* guestPath, byte mutable);

    [LibraryImport(Library)]
    public static partial nint wasmtime_context_set_wasi(nint context, nint ownedConfig);
}
