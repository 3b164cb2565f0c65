using Npgsql;
using NpgsqlTypes;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>A value as both faces share it: null (<see cref="DBNull"/>), a .NET number, text, bytes, a date or time; anything else cannot be passed.</summary>
/// <param name="Value">The value.</param>
/// <param name="Type">What the server is told it is.</param>
internal readonly record struct PostgresParameter(object Value, NpgsqlDbType Type);

/// <summary>What a query gave.</summary>
/// <param name="Columns">Names, and PostgreSQL's names of types.</param>
/// <param name="Rows">Values: null, numbers, text, bytes, dates and times; <see cref="Unsupported"/> for the rest.</param>
internal sealed record PostgresRows(IReadOnlyList<(string Name, string Type)> Columns, IReadOnlyList<object?[]> Rows)
{
    /// <summary>Stands for a value of a type that no face can pass.</summary>
    public static object Unsupported { get; } = new();
}

/// <summary>A database that guests run SQL on, as the role that its address names: what that role may do, they may.</summary>
internal sealed class PostgresDatabase(string address, ResourceLease<NpgsqlDataSource> source, TimeSpan timeout, BackendHealth health) : IDisposable
{
    /// <summary>The address as the manifest gives it; a guest may open the database by that too.</summary>
    public string Address => address;

    /// <summary>How long one statement may run.</summary>
    public TimeSpan Timeout => timeout;

    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            NpgsqlConnection connection = await source.Value.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            health.Works();
            return connection;
        }
        catch (Exception error) when (PostgresErrors.IsClient(error))
        {
            throw PostgresErrors.Translate(error, health);
        }
    }

    public BackendException Translate(Exception error) => PostgresErrors.Translate(error, health);

    public void Dispose() => source.Dispose();
}
