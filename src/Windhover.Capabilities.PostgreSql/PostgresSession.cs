using System.Data;
using System.Text;
using Npgsql;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>One guest's connection: runs SQL that nobody trusts, within time and memory.</summary>
internal sealed class PostgresSession(PostgresDatabase database, NpgsqlConnection connection, GuestContext guest) : IDisposable
{
    /// <summary>Bytes of one result in the host's memory.</summary>
    public const int ResultBytes = 64 << 20;

    public Outcome<PostgresRows> Query(string statement, PostgresParameter[] parameters) => Run(statement, parameters, ReadAsync);

    public Outcome<ulong> Execute(string statement, PostgresParameter[] parameters) => Run(statement, parameters, static async (command, cancellation) =>
        (ulong)Math.Max(0, await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false)));

    /// <summary>Back to the pool, which clears what the guest left on it.</summary>
    public void Dispose() => connection.Dispose();

    private Outcome<T> Run<T>(string statement, PostgresParameter[] parameters, Func<NpgsqlCommand, CancellationToken, Task<T>> action) =>
        Outcome.Get(guest, RunAsync(statement, parameters, action));

    private async ValueTask<T> RunAsync<T>(string statement, PostgresParameter[] parameters, Func<NpgsqlCommand, CancellationToken, Task<T>> action)
    {
        TimeSpan left = guest.TimeLeft < database.Timeout ? guest.TimeLeft : database.Timeout;
        // The client tells the server to stop when this fires, so that nothing runs on for a guest that is gone.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(guest.Aborted);
        limit.CancelAfter(left);
        try
        {
            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
            foreach (PostgresParameter parameter in parameters)
                command.Parameters.Add(new NpgsqlParameter { Value = parameter.Value, NpgsqlDbType = parameter.Type });
            return await action(command, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!guest.Aborted.IsCancellationRequested)
        {
            throw new BackendException($"the statement ran longer than {left.TotalSeconds:0.###} s and was stopped", BackendFailure.Timeout);
        }
        catch (Exception error) when (PostgresErrors.IsClient(error))
        {
            throw database.Translate(error);
        }
        catch (Exception error) when (error is InvalidCastException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new BackendException(error.Message, BackendFailure.Invalid, error);
        }
    }

    private static async Task<PostgresRows> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation).ConfigureAwait(false);
        var columns = new (string Name, string Type)[reader.FieldCount];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = (reader.GetName(i), reader.GetDataTypeName(i));
        var rows = new List<object?[]>();
        long held = 0;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var row = new object?[columns.Length];
            held += 48 + (row.Length * 40);
            for (int i = 0; i < row.Length; i++)
                row[i] = await ReadAsync(reader, i, columns[i].Type, held, cancellation).ConfigureAwait(false);
            held += row.Sum(value => value is string text ? 2L * text.Length : value is byte[] bytes ? bytes.Length : 0);
            Check(held);
            rows.Add(row);
        }

        return new PostgresRows(columns, rows);
    }

    private static async ValueTask<object?> ReadAsync(NpgsqlDataReader reader, int column, string type, long held, CancellationToken cancellation)
    {
        if (await reader.IsDBNullAsync(column, cancellation).ConfigureAwait(false))
            return null;
        int length = type.IndexOf('(', StringComparison.Ordinal);
        switch (length < 0 ? type : type[..length])
        {
            case "boolean":
                return reader.GetBoolean(column);
            case "smallint":
                return reader.GetInt16(column);
            case "integer":
                return reader.GetInt32(column);
            case "bigint":
                return reader.GetInt64(column);
            case "real":
                return reader.GetFloat(column);
            case "double precision":
                return reader.GetDouble(column);
            case "\"char\"":
                return (sbyte)reader.GetFieldValue<char>(column);
            case "text" or "character varying" or "character" or "bpchar" or "name" or "json" or "xml":
                return Encoding.UTF8.GetString(await BytesAsync(reader, column, held, cancellation).ConfigureAwait(false));
            case "bytea":
                return await BytesAsync(reader, column, held, cancellation).ConfigureAwait(false);
            case "date":
                return reader.GetFieldValue<DateOnly>(column);
            case "time" or "time without time zone":
                return reader.GetFieldValue<TimeOnly>(column);
            case "timestamp" or "timestamp without time zone" or "timestamp with time zone":
                return reader.GetDateTime(column);
            default:
                return PostgresRows.Unsupported;
        }
    }

    // Its length is asked before it is read.
    private static async ValueTask<byte[]> BytesAsync(NpgsqlDataReader reader, int column, long held, CancellationToken cancellation)
    {
        await using Stream stream = await reader.GetStreamAsync(column, cancellation).ConfigureAwait(false);
        Check(held + stream.Length);
        byte[] bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellation).ConfigureAwait(false);
        return bytes;
    }

    private static void Check(long held)
    {
        if (held > ResultBytes)
            throw new BackendException($"the result has more than {ResultBytes >> 20} MiB: ask for less at a time (LIMIT)", BackendFailure.Invalid);
    }
}
