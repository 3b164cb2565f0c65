using Windhover.Components.Bindings;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>The world of guests/values, bound at build time as a customer would.</summary>
[WitWorld("windhover:values/values", RootNamespace = "Acme")]
public sealed partial class ValuesWorld;
