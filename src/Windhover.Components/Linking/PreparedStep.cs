using System.Globalization;
using System.Text;
using Windhover.Components.Abi;
using Windhover.Engine;

namespace Windhover.Components.Linking;

// How one core module of a plan is instantiated, as far as that can be settled once:
//
//   all imports are the host's          Pre       resolved; 6–8 µs whatever the number of imports
//   some are exports of other modules   HostNames, Exports   handed over one by one: 0.1 µs each, from the shared linker or by name from the instance
//
// A function of the host could be made anew in each store, but its type is then registered with the engine again: 1.5 µs each, 60 of them in a
// component of 15 interfaces.
internal sealed class PreparedStep : IDisposable
{
    // As many imports are handed over by way of the stack (32 bytes each); more take an array.
    private const int OnStack = 128;

    private readonly InstancePre? _pre;
    private readonly byte[][] _hostNames; // of the imports from the host, in their order
    private readonly int[] _hostImports; // and where each goes
    private readonly ExportImport[] _exports;
    private readonly SharedFunctions? _functions;

    private PreparedStep(CoreInstantiation step, InstancePre pre)
    {
        (Module, Guest, _pre) = (step.Module, step.Guest, pre);
        (_hostNames, _hostImports, _exports) = ([], [], []);
    }

    private PreparedStep(CoreInstantiation step, SharedFunctions functions)
    {
        (Module, Guest, _functions) = (step.Module, step.Guest, functions);
        var hosts = new List<(byte[] Name, int Import)>();
        var exports = new List<ExportImport>();
        for (int i = 0; i < step.Imports.Count; i++)
        {
            if (step.Imports[i] is CoreItem.Host host)
                hosts.Add((functions.NameOf(host.Function), i));
            else if (step.Imports[i] is CoreItem.Export export)
                exports.Add(new ExportImport(i, export.Instance, Encoding.UTF8.GetBytes(export.Name)));
        }

        _hostNames = [.. hosts.Select(h => h.Name)];
        _hostImports = [.. hosts.Select(h => h.Import)];
        _exports = [.. exports];
    }

    public Module Module { get; }

    /// <summary>The component instance that it belongs to.</summary>
    public int Guest { get; }

    public static PreparedStep Resolved(CoreInstantiation step, InstancePre pre) => new(step, pre);

    public static PreparedStep HandedOver(CoreInstantiation step, SharedFunctions functions) => new(step, functions);

    /// <param name="store">The store of the component.</param>
    /// <param name="instances">What was instantiated before.</param>
    public Instance Instantiate(Store store, ReadOnlySpan<Instance> instances)
    {
        if (_pre is not null)
            return _pre.Instantiate(store);
        int count = _hostNames.Length + _exports.Length;
        Span<Extern> imports = count <= OnStack ? stackalloc Extern[count] : new Extern[count];
        Span<Extern> hosts = _hostNames.Length <= OnStack ? stackalloc Extern[_hostNames.Length] : new Extern[_hostNames.Length];
        _functions!.GetAll(store, _hostNames, hosts);
        for (int i = 0; i < hosts.Length; i++)
            imports[_hostImports[i]] = hosts[i];
        foreach (ref readonly ExportImport export in _exports.AsSpan())
        {
            if (!instances[export.Instance].TryGetExport(store, export.Utf8Name, out imports[export.Import]))
                throw Traps.Create($"the core instance has no export `{Encoding.UTF8.GetString(export.Utf8Name)}`");
        }

        return store.Instantiate(Module, imports);
    }

    public void Dispose() => _pre?.Dispose();

    /// <summary>An import that is an export of a core instance.</summary>
    private readonly record struct ExportImport(int Import, int Instance, byte[] Utf8Name);
}

// Not under the empty name: Rust keeps an empty string at address 1, and glibc's `memcmp` of nothing reads there with an empty mask, which costs the
// processor 130 ns to find out that no byte of that missing page is wanted. That was a quarter of the instantiation.

/// <summary>The host's functions that are handed over one by one, each defined once, under its number.</summary>
internal sealed class SharedFunctions(WasmEngine engine) : IDisposable
{
    private readonly Dictionary<HostFunction, byte[]> _names = new(ReferenceEqualityComparer.Instance);
    private Engine.Linker? _linker;

    public byte[] NameOf(HostFunction function)
    {
        if (!_names.TryGetValue(function, out byte[]? utf8))
        {
            string name = _names.Count.ToString(CultureInfo.InvariantCulture);
            _linker ??= new Engine.Linker(engine);
            _linker.Define("host", name, function);
            _names.Add(function, utf8 = Encoding.UTF8.GetBytes(name));
        }

        return utf8;
    }

    public void GetAll(Store store, byte[][] names, Span<Extern> functions)
    {
        if (names.Length > 0)
            _linker!.GetAll(store, "host"u8, names, functions);
    }

    public void Dispose() => _linker?.Dispose();
}
