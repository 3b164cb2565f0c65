using System.Collections.Frozen;
using Windhover.Components.Linking;
using Windhover.Hosting.Capabilities.Config.Bindings;

namespace Windhover.Hosting.Capabilities.Config;

/// <summary>
/// Configuration and secrets of an app: <c>wasi:config</c> in all its drafts, and Spin's variables. Each resource is one value: its name, and the option
/// <c>value</c>. Where values come from (the manifest, files, the environment, a vault) is decided before: here they are fixed.
/// </summary>
public sealed class ConfigCapability : ICapability
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "config";

    /// <summary>The one backend: the value itself.</summary>
    public const string ValueBackend = "value";

    private const string Store = "wasi:config/store@0.2.0-rc.1";
    private const string Variables = "fermyon:spin/variables@2.0.0";

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends { get; } = [new BackendKind(ValueBackend, new BackendOption("value", "The value.", Required: true))];

    /// <summary>One value of an app's configuration.</summary>
    public static CapabilityResource Value(string name, string value) =>
        new(name, ValueBackend, new Dictionary<string, string>(StringComparer.Ordinal) { ["value"] = value });

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        ConfigHost Host(object? state) => slot.Host<ConfigHost>(state);
        ConfigWorld.Define(linker, configStore: Host, spinVariables: Host);

        // The drafts have the same two functions. The first called its interface `runtime`.
        foreach (string draft in new[] { "store@0.2.0-draft", "store@0.2.0-draft-2024-09-27", "runtime@0.2.0-draft", "runtime@0.2.0-draft-2024-09-27" })
            linker.Alias($"wasi:config/{draft}", Store);
        foreach (string name in new[] { "spin:variables/variables", "spin:variables/variables@2.0.0", "spin:variables/variables@3.0.0" })
            linker.Alias(name, Variables);
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Resources.Count == 0 ? ConfigGrant.None : new ConfigGrant(request.Resources);
    }

    private sealed class ConfigGrant : CapabilityGrant
    {
        public static readonly ConfigGrant None = new([]);

        // A host without state of an instance serves all of them.
        private readonly ConfigHost _host;

        public ConfigGrant(IReadOnlyList<CapabilityResource> resources) =>
            _host = new ConfigHost(resources.ToFrozenDictionary(r => r.Name, r => r["value"] ?? "", StringComparer.Ordinal));

        public override object CreateHost(GuestContext guest) => _host;
    }
}
