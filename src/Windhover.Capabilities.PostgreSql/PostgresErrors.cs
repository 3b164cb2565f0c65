using Npgsql;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.PostgreSql;

internal static class PostgresErrors
{
    /// <summary>What an exception of the client means to a guest: a refusal of the server's in its own words, or that it is away.</summary>
    public static BackendException Translate(Exception error, BackendHealth health) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => new BackendException("the statement ran too long and was stopped", BackendFailure.Timeout, error),
        PostgresException { SqlState: ['5', '7', 'P', ..] or ['0', '8', ..] or ['2', '8', ..] or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InvalidCatalogName } => health.Fails(error),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new BackendException("the database is full", BackendFailure.Full, error),
        PostgresException refused => new BackendException(
            $"{refused.MessageText} ({refused.SqlState})", refused.SqlState.StartsWith("22", StringComparison.Ordinal) ? BackendFailure.Invalid : BackendFailure.Other, error),
        NpgsqlException { InnerException: TimeoutException } => new BackendException("the statement ran too long and was stopped", BackendFailure.Timeout, error),
        _ => health.Fails(error),
    };

    /// <summary>Whether an exception comes from the client and is to be translated.</summary>
    public static bool IsClient(Exception error) =>
        error is NpgsqlException or System.Net.Sockets.SocketException or IOException or TimeoutException or ObjectDisposedException;
}
