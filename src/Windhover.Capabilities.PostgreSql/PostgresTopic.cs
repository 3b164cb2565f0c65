using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Messaging;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.PostgreSql;

// A topic is the rows of one table that have its name. A row is due at a time; receiving moves that time ahead and counts the attempt, so that a
// consumer that dies needs nobody to notice: the row is due again by itself.
//
//   send      INSERT, due now
//   receive   UPDATE … SET due = now + visibility, attempt + 1 WHERE id IN (SELECT … FOR UPDATE SKIP LOCKED): no two get the same row
//   complete  DELETE
//   retry     UPDATE … SET due = now + delay
//
// Senders of this process wake the receivers; for those of others there is a look every PollEvery.
internal sealed class PostgresTopic(
    string name, TimeSpan visibility, ResourceLease<PostgresBroker> broker, BackendHealth health, TimeProvider time) : IReplyTopic
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS windhover_messages (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, body bytea NOT NULL, headers bytea NOT NULL,
          attempt integer NOT NULL DEFAULT 0, sent timestamptz NOT NULL DEFAULT now(), due timestamptz NOT NULL DEFAULT now());
        CREATE INDEX IF NOT EXISTS windhover_messages_due ON windhover_messages (topic, due);
        """;

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _preparing = new(1);
    private volatile TaskCompletionSource _signal = NewSignal();
    private volatile bool _prepared;

    public IReplyBroker Replies => broker.Value.Replies;

    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken)
    {
        await RunAsync(
            "INSERT INTO windhover_messages (topic, body, headers) VALUES ($1, $2, $3)",
            async (command, cancellation) => await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false),
            cancellationToken, Text(name), Bytes(message.Body), Bytes(MessageCodec.Write(message.Headers))).ConfigureAwait(false);
        Wake();
    }

    public async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource signal = _signal;
            List<Delivery> taken = await RunAsync(
                """
                UPDATE windhover_messages SET due = now() + $3, attempt = attempt + 1
                WHERE id IN (SELECT id FROM windhover_messages WHERE topic = $1 AND due <= now() ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED)
                RETURNING id, body, headers, attempt, sent
                """,
                ReadAsync, cancellationToken, Text(name), new() { Value = most, NpgsqlDbType = NpgsqlDbType.Integer },
                new() { Value = visibility, NpgsqlDbType = NpgsqlDbType.Interval }).ConfigureAwait(false);
            if (taken.Count > 0)
                return taken;
            try
            {
                await signal.Task.WaitAsync(s_pollEvery, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Nobody told; look all the same.
            }
        }
    }

    public async ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) => await RunAsync(
        "DELETE FROM windhover_messages WHERE id = ANY($1)",
        async (command, cancellation) => await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false),
        cancellationToken,
        new NpgsqlParameter { Value = deliveries.Select(Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint }).ConfigureAwait(false);

    public async ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken)
    {
        await RunAsync(
            "UPDATE windhover_messages SET due = now() + $2, attempt = $3 WHERE id = $1",
            async (command, cancellation) => await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false),
            cancellationToken, new() { Value = Id(delivery), NpgsqlDbType = NpgsqlDbType.Bigint },
            new() { Value = delay > TimeSpan.Zero ? delay : TimeSpan.Zero, NpgsqlDbType = NpgsqlDbType.Interval },
            new() { Value = delivery.Attempt, NpgsqlDbType = NpgsqlDbType.Integer }).ConfigureAwait(false);
        if (delay <= TimeSpan.Zero)
            Wake();
    }

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => RunAsync(
        "SELECT count(*) FROM windhover_messages WHERE topic = $1",
        async (command, cancellation) => (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!, cancellationToken, Text(name));

    public ValueTask DisposeAsync()
    {
        broker.Dispose();
        _preparing.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static NpgsqlParameter Text(string text) => new() { Value = text, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Bytes(ReadOnlyMemory<byte> bytes) => new() { Value = bytes.ToArray(), NpgsqlDbType = NpgsqlDbType.Bytea };

    private static long Id(Delivery delivery) => long.Parse(delivery.Id, CultureInfo.InvariantCulture);

    private static async ValueTask<List<Delivery>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var taken = new List<Delivery>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            taken.Add(new Delivery(
                reader.GetInt64(0).ToString(CultureInfo.InvariantCulture),
                new Message(reader.GetFieldValue<byte[]>(1), MessageCodec.Read(reader.GetFieldValue<byte[]>(2))),
                reader.GetInt32(3), new DateTimeOffset(reader.GetDateTime(4))));
        }

        return taken;
    }

    private void Wake() => Interlocked.Exchange(ref _signal, NewSignal()).TrySetResult();

    private async ValueTask<T> RunAsync<T>(
        string sql, Func<NpgsqlCommand, CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        try
        {
            await using NpgsqlConnection connection = await broker.Value.Source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            if (!_prepared)
                await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.AddRange(parameters);
            T result = await action(command, cancellationToken).ConfigureAwait(false);
            health.Works();
            return result;
        }
        catch (Exception error) when (PostgresErrors.IsClient(error))
        {
            BackendException failure = PostgresErrors.Translate(error, health);
            throw new CapabilityException($"the topic `{name}`: {failure.Message}", name, error);
        }
    }

    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await _preparing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_prepared)
                return;
            // Two servers that start at once would both find no table: one waits for the other.
            await using var command = new NpgsqlCommand($"BEGIN; SELECT pg_advisory_xact_lock(7203654321); {Schema} COMMIT;", connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            _prepared = true;
        }
        finally
        {
            _preparing.Release();
        }
    }
}
