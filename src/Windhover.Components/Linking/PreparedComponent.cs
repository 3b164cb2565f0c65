using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>
/// A component linked to a host, ready to be instantiated any number of times, from any thread. Everything that depends on names and types
/// is done. Keep the <see cref="Component"/> and the engine alive while it is used; dispose it when no instance will be made any more.
/// </summary>
public sealed class PreparedComponent : IDisposable
{
    private readonly PreparedStep[] _steps;
    private readonly SharedFunctions _functions;
    private readonly List<Engine.Linker> _linkers = [];

    internal PreparedComponent(Component[] parts, LinkPlan plan)
    {
        Component = parts[^1];
        PartCount = parts.Length;
        Plan = plan;
        _functions = new SharedFunctions(Component.Engine);
        _steps = [.. plan.CoreInstances.Select(Prepare)];
        MemoryNeeds = MemoryNeeds.Of(plan.CoreInstances.Select(step => Array.Find(parts, p => p.Has(step.Module))!.NeedsOf(step.Module)));
    }

    /// <summary>The memories and tables of one instance, all its core modules together: see <see cref="MemoryPlan"/>.</summary>
    public MemoryNeeds MemoryNeeds { get; }

    /// <summary>The component; of a composition, the one whose exports count.</summary>
    public Component Component { get; }

    /// <summary>How many components it is made of: 1 unless it is a composition.</summary>
    public int PartCount { get; }

    internal LinkPlan Plan { get; }

    /// <summary>The number of core modules instantiated per instance: 1 when shims could be elided.</summary>
    public int CoreInstanceCount => Plan.CoreInstances.Count;

    /// <summary>
    /// A module all of whose imports are functions of the host is resolved once, here: instantiating it costs 6–8 µs whatever the number of
    /// imports, against 22–33 µs for a component of 15 interfaces whose imports are handed over each time (docs/benchmarks.md).
    /// </summary>
    private PreparedStep Prepare(CoreInstantiation step)
    {
        if (step.Imports.Any(i => i is not CoreItem.Host))
        {
            return PreparedStep.HandedOver(step, _functions);
        }

        var linker = new Engine.Linker(Component.Engine);
        _linkers.Add(linker);
        var defined = new HashSet<(string, string)>();
        for (int i = 0; i < step.Imports.Count; i++)
        {
            ModuleImport import = step.Module.Imports[i];
            if (defined.Add((import.Module, import.Name)))
            {
                linker.Define(import.Module, import.Name, ((CoreItem.Host)step.Imports[i]).Function);
            }
        }

        return PreparedStep.Resolved(step, linker.Prepare(step.Module));
    }

    /// <summary>Instantiates the component in a fresh store: runs its start functions. One component per store.</summary>
    /// <param name="store">A store that holds nothing yet; the caller disposes it after the instance.</param>
    /// <param name="hostState">What the host's functions find in <c>HostCall.State</c>.</param>
    /// <exception cref="TrapException">A start function trapped, or a limit of the store was reached.</exception>
    public ComponentInstance Instantiate(Store store, object? hostState = null) => Instantiate(store, hostState, null);

    /// <summary>The same for a composition whose parts have host states of their own, and so grants of their own.</summary>
    /// <param name="store">A store that holds nothing yet; the caller disposes it after the instance.</param>
    /// <param name="hostStates">
    /// One for each part, providers before those who import from them, in the order in which they were named; the last is that of the component whose exports count.
    /// </param>
    /// <exception cref="TrapException">A start function trapped, or a limit of the store was reached.</exception>
    public ComponentInstance InstantiateParts(Store store, object?[] hostStates)
    {
        ArgumentNullException.ThrowIfNull(hostStates);
        return hostStates.Length == PartCount
            ? Instantiate(store, hostStates[^1], PartCount == 1 ? null : hostStates)
            : throw new ArgumentException($"The component has {PartCount} parts, and {hostStates.Length} states were given.", nameof(hostStates));
    }

    private ComponentInstance Instantiate(Store store, object? hostState, object?[]? partStates)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.State is not null)
        {
            throw new ArgumentException("The store holds a component already: use one store per component instance.", nameof(store));
        }

        var instance = new ComponentInstance(this, store, hostState, partStates);
        store.State = instance;
        instance.Run(_steps);
        return instance;
    }

    /// <summary>
    /// Finds an exported function: of an exported interface (by name, a compatible version is found too), or of the component itself when
    /// <paramref name="interfaceName"/> is null. Null when there is none.
    /// </summary>
    public ExportedFunction? FindFunction(string? interfaceName, string function)
    {
        ArgumentNullException.ThrowIfNull(function);
        IReadOnlyDictionary<string, Entity> exports = Plan.Exports;
        string full = function;
        if (interfaceName is not null)
        {
            string? name = exports.ContainsKey(interfaceName) ? interfaceName : Match(interfaceName, exports.Keys);
            if (name is null || exports[name] is not Entity.Instance instance)
            {
                return null;
            }

            exports = instance.Exports;
            full = $"{name}#{function}";
        }

        return exports.TryGetValue(function, out Entity? entity) && entity is Entity.Lifted lifted
            ? new ExportedFunction(full, lifted.Target, Plan)
            : null;
    }

    // Last, a pre-release of just the version that is wanted: whoever binds the function compares its type.
    private static string? Match(string wanted, IEnumerable<string> provided) =>
        new ImportMatcher(provided).TryMatch(wanted, out string? name)
            ? name
            : provided.Where(p => p.StartsWith(wanted + "-", StringComparison.Ordinal)).Max(StringComparer.Ordinal);

    /// <summary>Every exported function, as <c>interface#function</c> or <c>function</c>.</summary>
    public IEnumerable<ExportedFunction> ExportedFunctions => Functions("", Plan.Exports);

    private IEnumerable<ExportedFunction> Functions(string prefix, Dictionary<string, Entity> exports)
    {
        foreach ((string name, Entity entity) in exports)
        {
            switch (entity)
            {
                case Entity.Lifted lifted:
                    yield return new ExportedFunction(prefix + name, lifted.Target, Plan);
                    break;
                case Entity.Instance instance:
                    foreach (ExportedFunction function in Functions($"{prefix}{name}#", instance.Exports))
                    {
                        yield return function;
                    }

                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PreparedStep step in _steps)
        {
            step.Dispose();
        }

        foreach (Engine.Linker linker in _linkers)
        {
            linker.Dispose();
        }

        _functions.Dispose();
    }
}

/// <summary>An exported function of a <see cref="PreparedComponent"/>: looked up once, called on any of its instances.</summary>
public sealed class ExportedFunction
{
    internal ExportedFunction(string name, LiftedFunction lifted, LinkPlan plan)
    {
        Name = name;
        Lifted = lifted;
        Plan = plan;
    }

    /// <summary><c>interface#function</c>, or <c>function</c> for one that the component exports itself.</summary>
    public string Name { get; }

    /// <summary>The function's type; resources in it are those of this component.</summary>
    public FuncType Type => Lifted.Type;

    internal LiftedFunction Lifted { get; }

    internal LinkPlan Plan { get; }
}
