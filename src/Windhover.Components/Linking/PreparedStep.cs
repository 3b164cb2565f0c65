using System.Globalization;
using System.Text;
using Windhover.Engine;

namespace Windhover.Components.Linking;

// How one core module of a plan is instantiated, as far as that can be settled once:
//
//   all imports are the host's          Pre       resolved; 6–8 µs whatever the number of imports
//   some are exports of other modules   Imports   handed over one by one: 0.1 µs each, from the shared linker or by name from the instance
//
// A function of the host could be made anew in each store, but its type is then registered with the engine again: 1.5 µs each, 60 of them in a
// component of 15 interfaces.
internal sealed class PreparedStep
{
    private PreparedStep(CoreInstantiation step, InstancePre? pre, ImportSource[] imports)
    {
        Module = step.Module;
        Guest = step.Guest;
        Pre = pre;
        Imports = imports;
    }

    public Module Module { get; }

    public int Guest { get; }

    public InstancePre? Pre { get; }

    public ImportSource[] Imports { get; }

    public static PreparedStep Resolved(CoreInstantiation step, InstancePre pre) => new(step, pre, []);

    public static PreparedStep HandedOver(CoreInstantiation step, SharedFunctions functions) =>
        new(step, null, [.. step.Imports.Select(functions.SourceOf)]);
}

/// <summary>Where an import comes from: an export of a core instance, or of <see cref="SharedFunctions"/> where that is -1.</summary>
internal readonly record struct ImportSource(int Instance, byte[] Utf8Name);

/// <summary>The host's functions that are handed over one by one, each defined once, under its number.</summary>
internal sealed class SharedFunctions(WasmEngine engine) : IDisposable
{
    private readonly Dictionary<HostFunction, ImportSource> _sources = new(ReferenceEqualityComparer.Instance);
    private Engine.Linker? _linker;

    public ImportSource SourceOf(CoreItem item)
    {
        if (item is CoreItem.Export export)
            return new ImportSource(export.Instance, Encoding.UTF8.GetBytes(export.Name));
        HostFunction function = ((CoreItem.Host)item).Function;
        if (!_sources.TryGetValue(function, out ImportSource source))
        {
            string name = _sources.Count.ToString(CultureInfo.InvariantCulture);
            _linker ??= new Engine.Linker(engine);
            _linker.Define("", name, function);
            _sources.Add(function, source = new ImportSource(-1, Encoding.UTF8.GetBytes(name)));
        }

        return source;
    }

    public Extern Get(Store store, in ImportSource source) => _linker!.TryGet(store, default, source.Utf8Name, out Extern function)
        ? function
        : throw new InvalidOperationException("A function of the host is not defined.");

    public void Dispose() => _linker?.Dispose();
}
