namespace Windhover.Capabilities.PostgreSql.Bindings;

/// <summary>The generated bindings of PostgreSQL.</summary>
[WitWorld("windhover:capabilities-postgres/postgres")]
internal static partial class PostgresWorld;
