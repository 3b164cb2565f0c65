using Microsoft.Win32.SafeHandles;

namespace Windhover.Engine.Interop;

// One SafeHandle per owned native type. Wasmtime counts references inside (a store keeps its engine, an instance its module),
// so these may be released in any order and from the finalizer thread.

internal sealed class EngineHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    public EngineHandle(nint handle) : this() => SetHandle(handle);

    protected override bool ReleaseHandle()
    {
        Native.wasm_engine_delete(handle);
        return true;
    }
}

internal sealed class CompiledModuleHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    public CompiledModuleHandle(nint handle) : this() => SetHandle(handle);

    protected override bool ReleaseHandle()
    {
        Native.wasmtime_module_delete(handle);
        return true;
    }
}

internal sealed class LinkerHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    public LinkerHandle(nint handle) : this() => SetHandle(handle);

    protected override bool ReleaseHandle()
    {
        Native.wasmtime_linker_delete(handle);
        return true;
    }
}

internal sealed class InstancePreHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    public InstancePreHandle(nint handle) : this() => SetHandle(handle);

    protected override bool ReleaseHandle()
    {
        Native.wasmtime_instance_pre_delete(handle);
        return true;
    }
}
