using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>Compiles and instantiates core modules on WASI 0.1.</summary>
internal static class CoreHost
{
    public const string Wasi = "wasi_snapshot_preview1";

    public static Module Compile(WasmEngine engine, GuestFile file, CompileCache? cache)
    {
        using var progress = new ProgressLine($"compiling {file.Name} ({Units.Size(file.Bytes.Length)})");
        try
        {
            return cache is null ? Module.Compile(engine, file.Bytes.Span) : cache.GetOrCompile(engine, file.Bytes.Span);
        }
        catch (InvalidModuleException e)
        {
            throw ErrorReport.Invalid(file.Path, e);
        }
    }

    /// <summary>Instantiates a module with the grants; the process's own standard streams are the guest's.</summary>
    /// <exception cref="CliException">It imports what nobody here provides.</exception>
    public static Instance Instantiate(Store store, Module module, GuestFile file, Grants grants, IReadOnlyList<string> arguments, DeterministicWorld? world = null)
    {
        var foreign = module.Imports.Where(i => i.Module != Wasi).Select(i => $"`{i.Module}` `{i.Name}`").ToArray();
        if (foreign.Length > 0)
        {
            throw CliException.Failure(
                $"{file.Path} imports {Some(foreign)}, which nobody here provides",
                foreign.Any(f => f.StartsWith("`wasi_unstable`", StringComparison.Ordinal))
                    ? $"wasi_unstable is older than WASI 0.1: rebuild the module for `{Wasi}`"
                    : $"for core modules there is WASI 0.1 (`{Wasi}`) and nothing else; the rest an embedding host defines");
        }

        if (grants.NeedComponent)
            throw CliException.Usage($"{file.Path} is a core module: WASI 0.1 has neither sockets nor HTTP, so --allow-net and --allow-host are for components");

        store.SetWasi(new WasiPreview1Config
        {
            Arguments = arguments,
            Environment = grants.Environment,
            Directories = [.. grants.Directories.Select(d => new WasiDirectory(d.HostPath, d.GuestPath, d.Writable))],
            StandardInput = world is null ? WasiInput.Inherit : WasiInput.FromBytes(Streams.ReadInput()),
            // No terminal, whatever it is: a guest could tell.
            StandardOutput = world is null ? WasiOutput.Inherit : WasiOutput.To(Streams.RawOutput.Write),
            StandardError = world is null ? WasiOutput.Inherit : WasiOutput.To(Streams.RawError.Write),
        });
        using var linker = new Linker(store.Engine);
        if (world is null)
            linker.DefineWasiPreview1();
        else
            linker.DefineWasiPreview1(world);
        var instance = linker.Instantiate(store, module);
        if (world is not null && module.Imports.Count > 0)
            world.Bind(store, instance);
        return instance;
    }

    private static string Some(string[] names)
    {
        const int Shown = 5;
        var listed = string.Join(", ", names.Take(Shown));
        return names.Length > Shown ? $"{listed} and {names.Length - Shown} more" : listed;
    }
}
