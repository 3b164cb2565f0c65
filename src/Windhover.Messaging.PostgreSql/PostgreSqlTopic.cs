using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Messaging.PostgreSql;

// A topic is the rows of one table that have its name.
//
//   send      insert                                    complete   delete
//   receive   take rows that are due, skipping those    retry      due again after the delay
//             that others take at this moment, and
//             make them due after `visibility`
//
// So a row is never locked while a guest runs, and one whose consumer died is simply due again. Who waits looks every 200 ms, and at once after a sending of this process.
internal sealed class PostgreSqlTopic(string name, NpgsqlDataSource source, TimeSpan visibility, TimeProvider time) : IMessageTopic
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _lock = new();
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _prepared;

    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken)
    {
        await RunAsync(
            "insert into windhover_messages (topic, headers, body) values ($1, $2, $3)",
            static async command => await command.ExecuteNonQueryAsync().ConfigureAwait(false),
            cancellationToken,
            new() { Value = name }, new() { Value = MessageEnvelope.HeadersToJson(message.Headers) }, new() { Value = message.Body.ToArray() }).ConfigureAwait(false);
        TaskCompletionSource signal;
        lock (_lock)
        {
            signal = _signal;
            _signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.TrySetResult();
    }

    public async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task signal;
            lock (_lock)
                signal = _signal.Task;
            List<Delivery> found = await RunAsync(
                """
                with due as (
                    select id from windhover_messages where topic = $1 and due <= now() order by due, id limit $2 for update skip locked)
                update windhover_messages m set due = now() + $3, attempt = m.attempt + 1 from due where m.id = due.id
                returning m.id, m.attempt, m.sent, m.headers, m.body
                """,
                ReadAsync, cancellationToken, new() { Value = name }, new() { Value = most }, new() { Value = visibility, NpgsqlDbType = NpgsqlDbType.Interval }).ConfigureAwait(false);
            if (found.Count > 0)
                return found;
            try
            {
                await signal.WaitAsync(s_poll, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Other processes send too.
            }
        }
    }

    public async ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) => await RunAsync(
        "delete from windhover_messages where id = any($1)",
        static async command => await command.ExecuteNonQueryAsync().ConfigureAwait(false),
        cancellationToken,
        new NpgsqlParameter { Value = deliveries.Select(d => long.Parse(d.Id, CultureInfo.InvariantCulture)).ToArray() }).ConfigureAwait(false);

    public async ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken) => await RunAsync(
        "update windhover_messages set due = now() + $2, attempt = $3 where id = $1",
        static async command => await command.ExecuteNonQueryAsync().ConfigureAwait(false),
        cancellationToken,
        new() { Value = long.Parse(delivery.Id, CultureInfo.InvariantCulture) },
        new() { Value = delay < TimeSpan.Zero ? TimeSpan.Zero : delay, NpgsqlDbType = NpgsqlDbType.Interval },
        new() { Value = delivery.Attempt }).ConfigureAwait(false);

    public async ValueTask<long> CountAsync(CancellationToken cancellationToken) => await RunAsync(
        "select count(*) from windhover_messages where topic = $1",
        static async command => (long)(await command.ExecuteScalarAsync().ConfigureAwait(false))!,
        cancellationToken,
        new NpgsqlParameter { Value = name }).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        _gate.Dispose();
        await source.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<List<Delivery>> ReadAsync(NpgsqlCommand command)
    {
        var found = new List<Delivery>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            found.Add(new Delivery(
                reader.GetInt64(0).ToString(CultureInfo.InvariantCulture),
                new Message(reader.GetFieldValue<byte[]>(4), MessageEnvelope.HeadersFromJson(reader.GetString(3))),
                reader.GetInt32(1),
                reader.GetFieldValue<DateTimeOffset>(2)));
        }

        // `returning` knows no order.
        found.Sort(static (a, b) => long.Parse(a.Id, CultureInfo.InvariantCulture).CompareTo(long.Parse(b.Id, CultureInfo.InvariantCulture)));
        return found;
    }

    private async Task<T> RunAsync<T>(string sql, Func<NpgsqlCommand, Task<T>> run, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
            await using NpgsqlCommand command = source.CreateCommand(sql);
            command.Parameters.AddRange(parameters);
            return await run(command).ConfigureAwait(false);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
        {
            throw new CapabilityException($"PostgreSQL does not answer for the topic `{name}`: {error.Message}", name, error);
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_prepared)
            return;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_prepared)
                return;
            // The lock: two servers that create the table at once would fail one of them.
            await using NpgsqlCommand command = source.CreateCommand(
                """
                select pg_advisory_lock(7390021);
                create table if not exists windhover_messages (
                    id bigint generated always as identity primary key,
                    topic text not null, attempt int not null default 0, sent timestamptz not null default now(), due timestamptz not null default now(),
                    headers text not null, body bytea not null);
                create index if not exists windhover_messages_due on windhover_messages (topic, due, id);
                select pg_advisory_unlock(7390021);
                """);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            _prepared = true;
        }
        finally
        {
            _gate.Release();
        }
    }
}
