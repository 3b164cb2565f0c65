using Npgsql;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>A PostgreSQL as topics share it: its connections, and the replies to requests.</summary>
internal sealed class PostgresBroker : IDisposable
{
    public PostgresBroker(NpgsqlConnectionStringBuilder address, BackendHealth health, TimeProvider time)
    {
        Source = new NpgsqlSlimDataSourceBuilder(address.ConnectionString).EnableArrays().Build();
        Replies = new PostgresReplies(Source, address, health, time);
    }

    public NpgsqlDataSource Source { get; }

    public PostgresReplies Replies { get; }

    public void Dispose()
    {
        Replies.Dispose();
        Source.Dispose();
    }
}
