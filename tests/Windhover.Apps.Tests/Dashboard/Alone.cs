namespace Windhover.Apps.Tests.Dashboard;

/// <summary>Spans are seen by all servers of a process, and kept in a ring: the load of another test would push out what these look for.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
