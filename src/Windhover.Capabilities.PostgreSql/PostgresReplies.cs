using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Messaging;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.PostgreSql;

// An inbox is a channel of LISTEN, windhover_INBOX, on one connection of its own for as long as the server runs. What is notified (8,000 bytes at most):
//
//   REQUEST i MESSAGE        a small reply, whole, in base64
//   REQUEST s ID LENGTH      a large one is a row of windhover_replies, which who claims it deletes as he reads it; one that nobody waits for is deleted unread
//
// A notification is sent when the row is there, since both are one statement. The listening session holds an advisory lock made of the inbox's name, and a row is
// written only while somebody holds it: replies to nowhere leave nothing behind. Rows whose reader died go after a minute, with a later reply.
internal sealed class PostgresReplies : IReplyBroker, IDisposable
{
    private const int Small = 5000;
    private const int MaxUnread = 8;
    private const string Schema = """
        CREATE UNLOGGED TABLE IF NOT EXISTS windhover_replies (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, request text NOT NULL, content bytea NOT NULL, sent timestamptz NOT NULL DEFAULT now());
        """;

    private static readonly TimeSpan s_linger = TimeSpan.FromMinutes(1);

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnectionStringBuilder _address;
    private readonly BackendHealth _health;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationToken _end;
    private readonly Lock _lock = new();
    private readonly List<NpgsqlDataSource> _listening = [];
    private volatile bool _prepared;
    private long _cleaned;
    private int _unread;

    public PostgresReplies(NpgsqlDataSource source, NpgsqlConnectionStringBuilder address, BackendHealth health, TimeProvider time)
    {
        _source = source;
        _end = _ending.Token;
        // It waits for hours: a connection that died silently is noticed by asking.
        _address = new NpgsqlConnectionStringBuilder(address.ConnectionString) { Pooling = false, KeepAlive = 15 };
        _health = health;
        _time = time;
        _cleaned = time.GetTimestamp();
    }

    public async ValueTask OpenInboxAsync(string inbox, MessageReplies replies, CancellationToken cancellationToken)
    {
        NpgsqlDataSource source = new NpgsqlSlimDataSourceBuilder(_address.ConnectionString).Build();
        try
        {
            NpgsqlConnection connection = await ListenAsync(source, inbox, replies, cancellationToken).ConfigureAwait(false);
            lock (_lock)
                _listening.Add(source);
            _ = ReceiveAsync(connection, source, inbox, replies);
        }
        catch (Exception error) when (PostgresErrors.IsClient(error))
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw Failure(error);
        }
    }

    public async ValueTask SendAsync(string inbox, string request, Message reply, CancellationToken cancellationToken)
    {
        byte[] whole = MessageCodec.WriteWhole(reply);
        try
        {
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            if (whole.Length <= Small)
            {
                await using var notify = new NpgsqlCommand("SELECT pg_notify($1, $2)", connection);
                notify.Parameters.Add(Text(Channel(inbox)));
                notify.Parameters.Add(Text($"{request} i {Convert.ToBase64String(whole)}"));
                await notify.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await StoreAsync(connection, inbox, request, whole, MessageReplies.SizeOf(reply), cancellationToken).ConfigureAwait(false);
            }

            _health.Works();
        }
        catch (Exception error) when (PostgresErrors.IsClient(error))
        {
            throw Failure(error);
        }
    }

    public void Dispose()
    {
        _ending.Cancel();
        NpgsqlDataSource[] listening;
        lock (_lock)
            listening = [.. _listening];
        foreach (NpgsqlDataSource source in listening)
            source.Dispose();
        _ending.Dispose();
    }

    private static string Channel(string inbox) => "windhover_" + inbox;

    private static long LockOf(string inbox) => long.Parse(inbox.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static NpgsqlParameter Text(string text) => new() { Value = text, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long number) => new() { Value = number, NpgsqlDbType = NpgsqlDbType.Bigint };

    private CapabilityException Failure(Exception error) => new($"replies: {PostgresErrors.Translate(error, _health).Message}", null, error);

    private async Task StoreAsync(NpgsqlConnection connection, string inbox, string request, byte[] whole, long size, CancellationToken cancellationToken)
    {
        await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
        await using (var store = new NpgsqlCommand(
            """
            WITH reply AS (
              INSERT INTO windhover_replies (request, content) SELECT $2, $3
              WHERE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND ((classid::bigint << 32) | objid::bigint) = $4
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
              RETURNING id)
            SELECT pg_notify($1, $2 || ' s ' || id || ' ' || $5) FROM reply
            """,
            connection))
        {
            store.Parameters.AddRange(new NpgsqlParameter[]
            {
                Text(Channel(inbox)), Text(request), new() { Value = whole, NpgsqlDbType = NpgsqlDbType.Bytea }, Number(LockOf(inbox)), Text($"{size}"),
            });
            await store.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        long cleaned = Volatile.Read(ref _cleaned);
        if (_time.GetElapsedTime(cleaned) < s_linger || Interlocked.CompareExchange(ref _cleaned, _time.GetTimestamp(), cleaned) != cleaned)
            return;
        await using var clean = new NpgsqlCommand("DELETE FROM windhover_replies WHERE sent < now() - $1", connection);
        clean.Parameters.Add(new NpgsqlParameter { Value = s_linger, NpgsqlDbType = NpgsqlDbType.Interval });
        await clean.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_prepared)
            return;
        // Two servers that start at once would both find no table: one waits for the other.
        await using var command = new NpgsqlCommand($"BEGIN; SELECT pg_advisory_xact_lock(7203654321); {Schema} COMMIT;", connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        _prepared = true;
    }

    private async Task<NpgsqlConnection> ListenAsync(NpgsqlDataSource source, string inbox, MessageReplies replies, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            connection.Notification += (_, notice) => Receive(inbox, notice.Payload, replies);
            await using var listen = new NpgsqlCommand($"LISTEN \"{Channel(inbox)}\"; SELECT pg_advisory_lock({LockOf(inbox)})", connection);
            await listen.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Listens until the end, on a new connection when the old one breaks.
    private async Task ReceiveAsync(NpgsqlConnection? connection, NpgsqlDataSource source, string inbox, MessageReplies replies)
    {
        int failures = 0;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                connection ??= await ListenAsync(source, inbox, replies, _end).ConfigureAwait(false);
                _health.Works();
                failures = 0;
                while (true)
                    await connection.WaitAsync(_end).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // The end, the backend is away, or something is wrong that nobody foresaw. The loop must not end by itself.
                if (!_end.IsCancellationRequested)
                    _health.Fails(error);
                failures = Math.Min(failures + 1, 6);
            }

            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
            connection = null;
            await Task.Delay(TimeSpan.FromMilliseconds(50 * (1 << failures)), _time, _end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Anybody who may use the database may have written it.
    private void Receive(string inbox, string notice, MessageReplies replies)
    {
        string[] words = notice.Split(' ');
        if (words is [var request, "i", var small])
        {
            byte[] whole = new byte[small.Length];
            if (Convert.TryFromBase64String(small, whole, out int length) && MessageCodec.ReadWhole(whole.AsMemory(0, length)) is { } reply)
                replies.Claim(inbox, request, MessageReplies.SizeOf(reply))?.Deliver(reply);
        }
        else if (words is [var large, "s", var number, var size] && long.TryParse(number, CultureInfo.InvariantCulture, out long id)
            && long.TryParse(size, CultureInfo.InvariantCulture, out long bytes))
        {
            if (replies.Claim(inbox, large, bytes) is { } place)
                _ = FetchAsync(large, id, place);
            else if (Interlocked.Increment(ref _unread) <= MaxUnread)
                _ = DropAsync(large, id);
            else
                Interlocked.Decrement(ref _unread); // many at once: they go with the next cleaning
        }
    }

    private async Task FetchAsync(string request, long id, ReplyClaim place)
    {
        using (place)
        {
            if (await TakeAsync("DELETE FROM windhover_replies WHERE id = $1 AND request = $2 RETURNING content", request, id).ConfigureAwait(false) is byte[] whole
                && MessageCodec.ReadWhole(whole) is { } reply)
                place.Deliver(reply);
        }
    }

    private async Task DropAsync(string request, long id)
    {
        await TakeAsync("DELETE FROM windhover_replies WHERE id = $1 AND request = $2", request, id).ConfigureAwait(false);
        Interlocked.Decrement(ref _unread);
    }

    private async Task<object?> TakeAsync(string sql, string request, long id)
    {
        try
        {
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync(_end).ConfigureAwait(false);
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(Number(id));
            command.Parameters.Add(Text(request));
            return await command.ExecuteScalarAsync(_end).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException || PostgresErrors.IsClient(error))
        {
            return null; // lost, as replies may be
        }
    }
}
