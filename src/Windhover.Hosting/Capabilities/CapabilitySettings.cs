using System.Collections.Immutable;

namespace Windhover.Hosting.Capabilities;

/// <summary>Something that can stand behind a capability.</summary>
/// <param name="Name">As a manifest names it: <c>sqlite</c>, <c>redis</c>.</param>
/// <param name="Options">The options that it has.</param>
public sealed record BackendKind(string Name, params ImmutableArray<BackendOption> Options);

/// <summary>One option of a backend.</summary>
/// <param name="Name">As a manifest names it: <c>url</c>.</param>
/// <param name="Description">One line, for the manifest's schema.</param>
/// <param name="Required">Whether a manifest must give it.</param>
public sealed record BackendOption(string Name, string Description, bool Required = false);

/// <summary>One thing that an app may use: a store, a bucket, a database, a topic.</summary>
/// <param name="Name">The name by which the guest opens it.</param>
/// <param name="Backend">The <see cref="BackendKind.Name"/> of what stands behind it.</param>
/// <param name="Options">Its options; secrets are resolved.</param>
public sealed record CapabilityResource(string Name, string Backend, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>An option, or null when the manifest does not give it.</summary>
    public string? this[string option] => Options.GetValueOrDefault(option);
}

/// <summary>What one component of an app asks of one capability.</summary>
/// <param name="App">The app's name.</param>
/// <param name="Component">The component's name within it.</param>
/// <param name="DataDirectory">
/// Where embedded backends of this app keep files. All components of the app share it, and so a store of one name. It need not exist yet.
/// </param>
/// <param name="Resources">What is granted; empty: nothing.</param>
public sealed record CapabilityRequest(string App, string Component, string DataDirectory, IReadOnlyList<CapabilityResource> Resources)
{
    /// <summary>
    /// The folder of the app's manifest, for relative paths in options; null where there is none.
    /// </summary>
    public string? BaseDirectory { get; init; }
}
