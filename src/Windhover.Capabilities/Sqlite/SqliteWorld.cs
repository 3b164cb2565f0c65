namespace Windhover.Capabilities.Sqlite.Bindings;

/// <summary>The generated bindings of embedded databases.</summary>
[WitWorld("windhover:capabilities/sqlite")]
internal static partial class SqliteWorld;
