using System.Security.Cryptography;
using System.Text;
using Windhover.Apps.Commands;
using Windhover.Apps.Functions;
using Windhover.Apps.Manifest;
using Windhover.Components.Binary;
using Windhover.Components.Inspection;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Http;

namespace Windhover.Apps.Runtime;

/// <summary>From a manifest's component to one that runs: reads the file, checks its digest, and sees by its exports what it is.</summary>
internal static class ComponentFactory
{
    /// <exception cref="ComponentLoadException">The file is not what the manifest says, or does not fit this server.</exception>
    public static async Task<LoadedComponent> LoadAsync(ComponentUnit unit, AppServices services)
    {
        ComponentManifest manifest = unit.Manifest;
        byte[] bytes = Read(manifest);
        ComponentOptions options = Options(unit, services);
        AddOthers(unit, options, services, []);
        switch (WasmFile.Detect(bytes))
        {
            case WasmKind.CoreModule:
                return LoadCore(unit, bytes, options, services);
            case WasmKind.Component:
                return await LoadComponentAsync(unit, bytes, options, services).ConfigureAwait(false);
            default:
                throw new ComponentLoadException($"{manifest.Source}: is {WasmFile.Explain(bytes)}.");
        }
    }

    private static async Task<LoadedComponent> LoadComponentAsync(ComponentUnit unit, byte[] bytes, ComponentOptions options, AppServices services)
    {
        ComponentSummary summary;
        try
        {
            summary = ComponentSummary.Read(bytes);
        }
        catch (InvalidComponentException error)
        {
            throw new ComponentLoadException($"{unit.Manifest.Source}: the component is invalid: {error.Message}", error);
        }

        bool isHandler = summary.Exports.Any(e =>
            e.Name.StartsWith("wasi:http/incoming-handler@", StringComparison.Ordinal) || e.Name.StartsWith("wasi:http/handler@", StringComparison.Ordinal));
        if (isHandler)
        {
            ComponentApp app = await services.Host.LoadAsync(unit.Manifest.Source, bytes, options).ConfigureAwait(false);
            return new LoadedComponent { Http = app, Endpoint = new ComponentEndpoint(app) };
        }

        GuestComponent guest = await GuestComponent.LoadAsync(unit, bytes, options, services).ConfigureAwait(false);
        return new LoadedComponent
        {
            Guest = guest,
            Command = ComponentCommand.Find(guest),
            Functions = ComponentFunctions.Find(guest),
        }.Owning(guest);
    }

    private static LoadedComponent LoadCore(ComponentUnit unit, byte[] bytes, ComponentOptions options, AppServices services)
    {
        CoreGuest core = CoreGuest.Load(unit, bytes, options, services);
        return new LoadedComponent { Command = CoreCommand.Find(core), Functions = CoreFunctions.Find(core) }.Owning(core);
    }

    private static ComponentOptions Options(ComponentUnit unit, AppServices services)
    {
        ComponentManifest manifest = unit.Manifest;
        var options = new ComponentOptions
        {
            Name = unit.LogName,
            Budget = manifest.Budget,
            Tenant = unit.App.Meter, // The app's totals hold over its components', and the tenant's over those.
            Network = manifest.Network.Count == 0 ? Wasi.Sockets.NetworkPolicy.None : Wasi.Sockets.NetworkPolicy.Allow(manifest.Network),
            Stdout = services.Logs.Output(unit.App.Name, manifest.Name, "stdout"),
            Stderr = services.Logs.Output(unit.App.Name, manifest.Name, "stderr"),
        };
        foreach ((string name, string value) in manifest.Environment)
            options.Environment[name] = value;
        foreach (string host in manifest.AllowedHosts)
            options.AllowedHosts.Add(host);
        foreach (DirectoryGrantManifest directory in manifest.Directories)
            options.Directories.Add(new DirectoryMount(directory.Host, directory.Guest, directory.Writable));
        foreach ((string name, CapabilityRequest request) in manifest.Capabilities)
            options.Capabilities[name] = request;
        return options;
    }

    private static byte[] Read(ComponentManifest manifest)
    {
        byte[] bytes = ComponentLoader.Read(manifest.Source);
        if (manifest.Digest is { } digest && Convert.ToHexStringLower(SHA256.HashData(bytes)) is var actual && actual != digest)
            throw new ComponentLoadException($"{manifest.Source}: the file is not the one that the manifest pins: its digest is sha256:{actual}.");
        return FromText(manifest.Source, bytes);
    }

    // What its imports come from, and what stands in front of it. Each of them once, however many import from it; the manifest has no circles.
    private static void AddOthers(ComponentUnit unit, ComponentOptions options, AppServices services, Dictionary<string, ComponentImport> made)
    {
        foreach (IGrouping<string, ImportManifest> from in unit.Manifest.Imports.GroupBy(i => i.Component))
        {
            string[] interfaces = [.. from.Select(i => i.Interface).OfType<string>()];
            options.Imports.Add(Other(from.Key, unit, services, made, interfaces));
        }

        foreach ((string component, _) in unit.Manifest.Middleware)
            options.MiddlewareComponents.Add(Other(component, unit, services, [], []));
    }

    private static ComponentImport Other(string component, ComponentUnit unit, AppServices services, Dictionary<string, ComponentImport> made, string[] interfaces)
    {
        ComponentUnit other = unit.App.Unit(component);
        if (!made.TryGetValue(component, out ComponentImport? import))
        {
            ComponentOptions options = Options(other, services);
            AddOthers(other, options, services, made);
            made.Add(component, import = new ComponentImport(other.Manifest.Source, options, interfaces) { Bytes = Read(other.Manifest) });
        }

        return import.For(interfaces);
    }

    private static byte[] FromText(string path, byte[] bytes)
    {
        if (!IsText(bytes))
            return bytes;
        try
        {
            return WatCompiler.Compile(Encoding.UTF8.GetString(bytes));
        }
        catch (InvalidModuleException error)
        {
            throw new ComponentLoadException($"{path}: {error.Message}", error);
        }
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> text = bytes.TrimStart(" \t\r\n"u8);
        return text.StartsWith("(module"u8) || text.StartsWith("(component"u8) || text.StartsWith(";;"u8) || text.StartsWith("(;"u8);
    }
}
