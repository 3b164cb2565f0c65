using System.Diagnostics.CodeAnalysis;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Wasi;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;

namespace Windhover.Hosting.Apps;

// What satisfies a component's imports beside the host, from its options to its instances:
//
//   options.Imports ─► LoadAsync: each file compiled once, however many import from it   ComponentComposition, providers first
//                  ─► Grant:      what each part may do                                  GuestPart[]
//                  ─► Instantiate: one store, a GuestContext for each part
internal sealed class ComponentParts : IDisposable
{
    private const int MaxParts = 32;
    private const int MaxDepth = 8;

    private readonly List<Component> _components = [];
    private readonly Dictionary<object, ComponentComposition> _loaded = new(ReferenceEqualityComparer.Instance);
    private readonly List<(ComponentComposition Composition, ComponentImport Import)> _order = [];
    private GuestPart[] _parts = [];

    private ComponentParts()
    {
    }

    /// <summary>Compiles what a component's imports come from, and puts it together.</summary>
    public static async Task<(ComponentParts Parts, PreparedComponent Prepared)> LinkAsync(
        ComponentHost host, string path, Component component, ComponentOptions options, ComponentImport[] imports, CancellationToken cancellationToken)
    {
        var parts = new ComponentParts();
        try
        {
            if (imports.Length == 0)
                return (parts, host.Linker.Prepare(component));
            ComponentComposition root = await parts.ComposeAsync(host, path, component, imports, options, 1, cancellationToken).ConfigureAwait(false);
            return (parts, host.Linker.Prepare(root));
        }
        catch
        {
            parts.Dispose();
            throw;
        }
    }

    /// <summary>Opens what the parts are granted.</summary>
    public void Grant(ComponentHost host, string app, BudgetMeter meter, OutputGrant? stdout, OutputGrant? stderr)
    {
        var parts = new List<GuestPart>();
        try
        {
            foreach ((ComponentComposition composition, ComponentImport import) in _order)
            {
                string name = import.Options.Name ?? $"{app}+{composition.Name}";
                WasiOptions wasi = ComponentLoader.Grants(host, import.Path, import.Options, meter);
                parts.Add(new GuestPart(
                    name,
                    wasi with { Stdout = import.Options.Stdout ?? stdout ?? OutputGrant.None, Stderr = import.Options.Stderr ?? stderr ?? OutputGrant.None },
                    host.Capabilities.Grant(import.Path, name, import.Options)));
            }
        }
        finally
        {
            _parts = [.. parts];
        }
    }

    /// <summary>Instantiates the component with its parts.</summary>
    public ComponentInstance Instantiate(PreparedComponent prepared, Store store, GuestContext guest)
    {
        if (_parts.Length == 0)
            return prepared.Instantiate(store, guest);
        var states = new object?[_parts.Length + 1];
        for (int i = 0; i < _parts.Length; i++)
            states[i] = guest.Add(_parts[i]);
        states[^1] = guest;
        return prepared.InstantiateParts(store, states);
    }

    public void Dispose()
    {
        foreach (GuestPart part in _parts)
        {
            foreach (DirectoryGrant directory in part.Wasi.Directories)
                directory.Dispose();
            CapabilitySet.Dispose(part.Grants);
        }

        foreach (Component component in _components)
            component.Dispose();
    }

    private async Task<ComponentComposition> ComposeAsync(
        ComponentHost host, string path, Component component, IEnumerable<ComponentImport> from, ComponentOptions root, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth)
            throw new LinkException($"Components import from each other more than {MaxDepth} deep.");
        var imports = new List<(string?, ComponentComposition)>();
        foreach (ComponentImport import in from)
        {
            if (!_loaded.TryGetValue(import.Identity, out ComponentComposition? provider))
            {
                if (_loaded.Count >= MaxParts)
                    throw new LinkException($"More than {MaxParts} components are put together.");
                provider = await LoadAsync(host, import, root, depth, cancellationToken).ConfigureAwait(false);
                _loaded.Add(import.Identity, provider);
                _order.Add((provider, import));
            }

            if (import.Interfaces.Count == 0)
                imports.Add((null, provider));
            foreach (string name in import.Interfaces)
                imports.Add((name, provider));
        }

        return new ComponentComposition(Path.GetFileName(path), component, imports);
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Disposed of with the parts.")]
    private async Task<ComponentComposition> LoadAsync(ComponentHost host, ComponentImport import, ComponentOptions root, int depth, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = import.Bytes ?? ComponentLoader.Read(import.Path);
        ComponentLoader.CheckKind(import.Path, bytes.Span);
        ComponentLoader.CheckSize(import.Path, bytes.Length, root.Budget);
        Component component;
        try
        {
            component = await host.CompileAsync(bytes, root, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw ComponentLoader.Explained(import.Path, error);
        }

        _components.Add(component);
        return await ComposeAsync(host, import.Path, component, import.Options.Imports, root, depth + 1, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>What one part of a composition may do.</summary>
internal sealed record GuestPart(string Name, WasiOptions Wasi, CapabilityGrant[] Grants);
