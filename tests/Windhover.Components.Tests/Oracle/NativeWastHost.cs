using System.Text;
using Windhover.Components.Linking;
using Windhover.Components.Tests.Suite;
using Windhover.Engine;
using static Windhover.Components.Tests.Oracle.OracleNative;

namespace Windhover.Components.Tests.Oracle;

/// <summary>
/// Runs components on Wasmtime's own component API, each instance in a store of its own. All calls are the asynchronous ones: the synchronous
/// ones cannot run a guest that lowers a function asynchronously (<c>BUG: Instance::start_call called without a running event loop</c>). They
/// run on a native fiber, where no managed code may ever run, so guests get no host function.
/// </summary>
/// <param name="trapImports">Whether imports that nobody provides become functions that trap; otherwise linking fails.</param>
internal sealed unsafe class NativeWastHost(bool trapImports = false) : IWastHost
{
    private const int MaxPolls = 200_000;

    private readonly List<nint> _components = [];
    private readonly List<nint> _stores = [];

    public object Define(byte[] component)
    {
        nint result;
        fixed (byte* bytes = component)
            ThrowIf(wasmtime_component_new(OracleEngine.Handle, bytes, (nuint)component.Length, &result), m => new InvalidModuleException(m));
        _components.Add(result);
        return result;
    }

    public object Instantiate(object definition)
    {
        var linker = wasmtime_component_linker_new(OracleEngine.Handle);
        var store = wasmtime_store_new(OracleEngine.Handle, 0, 0);
        _stores.Add(store);
        var context = wasmtime_store_context(store);
        wasmtime_context_set_epoch_deadline(context, OracleEngine.DeadlineTicks);
        try
        {
            if (trapImports)
                ThrowIf(wasmtime_component_linker_define_unknown_imports_as_traps(linker, (nint)definition), m => new LinkException(m));
            OracleInstance instance;
            nint error = 0;
            Finish(wasmtime_component_linker_instantiate_async(linker, context, (nint)definition, &instance, &error));
            ThrowIf(error, m => IsLinkError(m) ? new LinkException(m) : Trap(m));
            return new Running(context, instance);
        }
        finally
        {
            wasmtime_component_linker_delete(linker);
        }
    }

    /// <inheritdoc/>
    /// <param name="export">A function, or a function of an instance: <c>instance#function</c>.</param>
    public ValueTask<WastValue?> InvokeAsync(object instance, string export, IReadOnlyList<WastValue> arguments, CancellationToken cancellation) =>
        ValueTask.FromResult(Invoke((Running)instance, export, arguments));

    public void Dispose()
    {
        _stores.ForEach(wasmtime_store_delete);
        _components.ForEach(wasmtime_component_delete);
    }

    private static WastValue? Invoke(Running target, string export, IReadOnlyList<WastValue> arguments)
    {
        wasmtime_context_set_epoch_deadline(target.Context, OracleEngine.DeadlineTicks);
        var function = Find(target, export);
        var type = wasmtime_component_func_type(&function, target.Context);
        OracleType resultType;
        var hasResult = wasmtime_component_func_type_result(type, &resultType) != 0;
        if (hasResult)
            wasmtime_component_valtype_delete(&resultType);
        wasmtime_component_func_type_delete(type);

        using var values = new OracleValues();
        OracleValue result = default;
        nint error = 0;
        Finish(wasmtime_component_func_call_async(
            &function, target.Context, values.Write(arguments), (nuint)arguments.Count, &result, hasResult ? 1u : 0u, &error));
        ThrowIf(error, Trap);
        if (!hasResult)
            return null;
        try
        {
            return OracleValues.Read(result);
        }
        finally
        {
            wasmtime_component_val_delete(&result);
        }
    }

    // Nothing outside of the guest is ever waited for, so a call that is not at its end only yielded.
    private static void Finish(nint future)
    {
        for (var polls = 0; wasmtime_call_future_poll(future) == 0; polls++)
        {
            if (polls == MaxPolls)
            {
                wasmtime_call_future_delete(future);
                throw new TimeoutException($"The native call is not at its end after {MaxPolls} polls.");
            }
        }

        wasmtime_call_future_delete(future);
    }

    private static OracleFunction Find(Running target, string export)
    {
        var instance = target.Instance;
        nint index = 0;
        foreach (var name in export.Split('#'))
        {
            var parent = index;
            var bytes = Encoding.UTF8.GetBytes(name);
            fixed (byte* pointer = bytes)
                index = wasmtime_component_instance_get_export_index(&instance, target.Context, parent, pointer, (nuint)bytes.Length);
            if (parent != 0)
                wasmtime_component_export_index_delete(parent);
            if (index == 0)
                throw new LinkException($"There is no export `{export}`.");
        }

        OracleFunction function;
        var found = wasmtime_component_instance_get_func(&instance, target.Context, index, &function) != 0;
        wasmtime_component_export_index_delete(index);
        return found ? function : throw new LinkException($"The export `{export}` is not a function.");
    }

    // The API has no code that would tell the two apart.
    private static bool IsLinkError(string message) => message.Contains("matching implementation", StringComparison.Ordinal);

    private static TrapException Trap(string message) => new(CoreTraps.KindOf(message), message);

    private static void ThrowIf(nint error, Func<string, Exception> exception)
    {
        if (error != 0)
            throw exception(TakeMessage(error));
    }

    private sealed record Running(nint Context, OracleInstance Instance);
}
