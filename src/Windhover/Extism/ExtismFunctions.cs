using System.Text;
using Windhover.Engine;

namespace Windhover.Plugins.Extism;

// The module `extism:host/env` as plug-ins import it. All addresses are of the shared memory (ExtismMemory), 64 bits wide.
//
//   alloc free length length_unsafe             blocks
//   load_u8 load_u64 store_u8 store_u64         their bytes
//   input_length input_offset input_load_*      what the call was given
//   output_set error_set                        what it answers
//   config_get var_get var_set                  settings, and what stays between calls
//   http_request http_status_code http_headers
//   log_trace … log_error get_log_level
internal static class ExtismFunctions
{
    public const string Module = "extism:host/env";

    private const ValueKind I32 = ValueKind.I32, I64 = ValueKind.I64;

    public static void Define(Linker linker)
    {
        Add(linker, "alloc", [I64], [I64], static (p, v) => v[0] = p.Memory.Allocate(v[0].U64));
        Add(linker, "free", [I64], [], static (p, v) => p.Memory.Free(v[0].U64));
        Add(linker, "length", [I64], [I64], static (p, v) => v[0] = p.Memory.Length(v[0].U64));
        Add(linker, "length_unsafe", [I64], [I64], static (p, v) => v[0] = p.Memory.Length(v[0].U64));
        Add(linker, "load_u8", [I64], [I32], static (p, v) => v[0] = (uint)p.Memory.LoadU8(v[0].U64));
        Add(linker, "load_u64", [I64], [I64], static (p, v) => v[0] = p.Memory.LoadU64(v[0].U64));
        Add(linker, "store_u8", [I64, I32], [], static (p, v) => p.Memory.StoreU8(v[0].U64, (byte)v[1].U32));
        Add(linker, "store_u64", [I64, I64], [], static (p, v) => p.Memory.StoreU64(v[0].U64, v[1].U64));
        Add(linker, "input_length", [], [I64], static (p, v) => v[0] = p.InputLength);
        Add(linker, "input_offset", [], [I64], static (p, v) => v[0] = p.InputOffset);
        Add(linker, "input_load_u8", [I64], [I32], static (p, v) => v[0] = v[0].U64 < p.InputLength ? (uint)p.Memory.LoadU8(p.InputOffset + v[0].U64) : 0u);
        Add(linker, "input_load_u64", [I64], [I64], static (p, v) =>
            v[0] = p.InputLength >= 8 && v[0].U64 <= p.InputLength - 8 ? p.Memory.LoadU64(p.InputOffset + v[0].U64) : 0ul);
        Add(linker, "output_set", [I64, I64], [], static (p, v) => p.SetOutput(v[0].U64, v[1].U64));
        Add(linker, "error_set", [I64], [], static (p, v) => p.Error = v[0].U64 == 0 ? null : Encoding.UTF8.GetString(p.Block("error_set", v[0].U64)));
        Add(linker, "error_get", [], [I64], static (p, v) => v[0] = p.Error is null ? 0ul : p.Memory.Allocate(Encoding.UTF8.GetBytes(p.Error)));
        Add(linker, "config_get", [I64], [I64], static (p, v) =>
            v[0] = p.Manifest.Config.TryGetValue(Encoding.UTF8.GetString(p.Block("config_get", v[0].U64)), out string? value) ? p.Memory.Allocate(Encoding.UTF8.GetBytes(value)) : 0ul);
        Add(linker, "var_get", [I64], [I64], static (p, v) =>
            v[0] = p.Variables.TryGetValue(Encoding.UTF8.GetString(p.Block("var_get", v[0].U64)), out byte[]? value) ? p.Memory.Allocate(value) : 0ul);
        Add(linker, "var_set", [I64, I64], [], static (p, v) =>
            p.SetVariable(Encoding.UTF8.GetString(p.Block("var_set", v[0].U64)), v[1].U64 == 0 ? null : p.Block("var_set", v[1].U64)));
        Add(linker, "http_request", [I64, I64], [I64], static (p, v) =>
            v[0] = p.Memory.Allocate(p.Http.Send(p.Block("http_request", v[0].U64), v[1].U64 == 0 ? null : p.Block("http_request", v[1].U64), p.TimeLeft)));
        Add(linker, "http_status_code", [], [I32], static (p, v) => v[0] = p.Http.Status);
        Add(linker, "http_headers", [], [I64], static (p, v) => v[0] = p.Memory.Allocate(p.Http.Headers));
        Add(linker, "get_log_level", [], [I32], static (p, v) => v[0] = (int)p.LogLevel);
        foreach (ExtismLogLevel level in Enum.GetValues<ExtismLogLevel>().Where(l => l < ExtismLogLevel.Off))
        {
            string name = "log_" + level.ToString().ToLowerInvariant();
            Add(linker, name, [I64], [], (p, v) => p.Log(level, Encoding.UTF8.GetString(p.Block(name, v[0].U64))));
        }
    }

    private static void Add(Linker linker, string name, ValueKind[] parameters, ValueKind[] results, ExtismHandler handler) =>
        linker.Define(Module, name, new ExtismHostFunction(Module, name, new FunctionType([.. parameters], [.. results]), handler));
}

/// <summary>A function of the host for an Extism plug-in.</summary>
/// <param name="plugin">The calling plug-in.</param>
/// <param name="values">The arguments; the result goes into the first.</param>
public delegate void ExtismHandler(ExtismPlugin plugin, Span<RawValue> values);

internal sealed class ExtismHostFunction(string module, string name, FunctionType type, ExtismHandler handler) : HostFunction(type)
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        try
        {
            handler((ExtismPlugin)store.State!, values);
        }
        catch (Exception error) when (error is not (TrapException or UnwindException))
        {
            throw new Components.Linking.HostImportException($"{module}#{name}", error);
        }
    }
}
