using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Messaging;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Redis;

// An inbox is a channel, windhover:inbox:INBOX; the client listens to it again by itself after its connection broke. What is published:
//
//   'i' REQUEST MESSAGE            a small reply, whole
//   's' REQUEST KEY LENGTH         a large one lies at windhover:reply:KEY for a minute: Redis drops a listener who lets more than 32 MiB wait, and with it
//                                  everybody's replies; and one that nobody waits for is never fetched
//
// Published and set by one script, and set only when somebody listens: replies to nowhere leave nothing behind.
internal sealed class RedisReplies(Func<CancellationToken, ValueTask<ConnectionMultiplexer>> connect, BackendHealth health, TimeProvider time) : IReplyBroker
{
    private const int PartLength = 32;
    private const int Small = 16 << 10;
    private const int LingerSeconds = 60;
    private const byte Inline = (byte)'i';
    private const byte Stored = (byte)'s';

    private const string Store = """
        if redis.call('PUBLISH', ARGV[1], ARGV[2]) > 0 then
          redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4])
        end
        return 1
        """;

    private static readonly TimeSpan s_opening = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public async ValueTask OpenInboxAsync(string inbox, MessageReplies replies, CancellationToken cancellationToken) => await RunAsync(
        redis => redis.GetSubscriber().SubscribeAsync(Channel(inbox), (_, notice) => Receive(redis, inbox, notice, replies)), cancellationToken).ConfigureAwait(false);

    public async ValueTask SendAsync(string inbox, string request, Message reply, CancellationToken cancellationToken)
    {
        byte[] whole = MessageCodec.WriteWhole(reply);
        if (whole.Length <= Small)
        {
            byte[] notice = Notice(Inline, request, whole);
            await RunAsync(redis => redis.GetDatabase().PublishAsync(Channel(inbox), notice), cancellationToken).ConfigureAwait(false);
            return;
        }

        string key = RandomNumberGenerator.GetHexString(PartLength, lowercase: true);
        byte[] rest = new byte[PartLength + sizeof(long)];
        Encoding.ASCII.GetBytes(key, rest);
        BinaryPrimitives.WriteInt64LittleEndian(rest.AsSpan(PartLength), MessageReplies.SizeOf(reply));
        byte[] stored = Notice(Stored, request, rest);
        await RunAsync(
            redis => redis.GetDatabase().ScriptEvaluateAsync(Store, [Key(key)], [Channel(inbox).ToString(), stored, whole, LingerSeconds]), cancellationToken).ConfigureAwait(false);
    }

    // What is published and listened to has a connection of its own, which comes up after the other one: what was not sent for want of it is tried again.
    private async ValueTask RunAsync(Func<ConnectionMultiplexer, Task> action, CancellationToken cancellationToken)
    {
        for (long start = time.GetTimestamp(); ;)
        {
            try
            {
                await action(await connect(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
                health.Works();
                return;
            }
            catch (RedisConnectionException error) when (error.CommandStatus != CommandStatus.Sent && time.GetElapsedTime(start) < s_opening)
            {
                await Task.Delay(s_pause, time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (RedisErrors.IsClient(error))
            {
                throw new CapabilityException($"replies: {RedisErrors.Translate(error, health).Message}", null, error);
            }
        }
    }

    private static RedisChannel Channel(string inbox) => RedisChannel.Literal("windhover:inbox:" + inbox);

    private static RedisKey Key(string key) => "windhover:reply:" + key;

    private static byte[] Notice(byte kind, string request, ReadOnlySpan<byte> rest)
    {
        byte[] notice = new byte[1 + PartLength + rest.Length];
        notice[0] = kind;
        Encoding.ASCII.GetBytes(request, notice.AsSpan(1));
        rest.CopyTo(notice.AsSpan(1 + PartLength));
        return notice;
    }

    // Called for one notice after the other. Anybody who may publish may have written it.
    private static void Receive(ConnectionMultiplexer redis, string inbox, RedisValue value, MessageReplies replies)
    {
        ReadOnlyMemory<byte> notice = (byte[]?)value ?? [];
        if (notice.Length < 1 + PartLength)
            return;
        string request = Encoding.ASCII.GetString(notice.Span.Slice(1, PartLength));
        ReadOnlyMemory<byte> rest = notice[(1 + PartLength)..];
        if (notice.Span[0] == Inline)
        {
            if (MessageCodec.ReadWhole(rest) is { } reply)
                replies.Claim(inbox, request, MessageReplies.SizeOf(reply))?.Deliver(reply);
        }
        else if (notice.Span[0] == Stored && rest.Length == PartLength + sizeof(long))
        {
            RedisKey key = Key(Encoding.ASCII.GetString(rest.Span[..PartLength]));
            if (replies.Claim(inbox, request, BinaryPrimitives.ReadInt64LittleEndian(rest.Span[PartLength..])) is { } place)
                _ = FetchAsync(redis.GetDatabase(), key, place);
            else
                redis.GetDatabase().KeyDelete(key, CommandFlags.FireAndForget);
        }
    }

    private static async Task FetchAsync(IDatabase database, RedisKey key, ReplyClaim place)
    {
        using (place)
        {
            try
            {
                Task<RedisValue> found = database.StringGetAsync(key);
                database.KeyDelete(key, CommandFlags.FireAndForget);
                if ((byte[]?)await found.ConfigureAwait(false) is { } whole && MessageCodec.ReadWhole(whole) is { } reply)
                    place.Deliver(reply);
            }
            catch (Exception error) when (RedisErrors.IsClient(error))
            {
                // Lost, as replies may be.
            }
        }
    }
}
