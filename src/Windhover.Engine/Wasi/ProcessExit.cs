namespace Windhover.Engine;

/// <summary>
/// <c>proc_exit</c> of WASI 0.1, in place of Wasmtime's own: that one traps on every status from 126 on, but a Unix program may end with
/// any up to 255 (200 of a shell script, 255 of ssh).
/// </summary>
internal sealed class ProcessExit() : HostFunction(new FunctionType([ValueKind.I32], []))
{
    protected internal override void Invoke(Store store, Span<RawValue> values) => throw new GuestExitException(values[0].I32);
}
