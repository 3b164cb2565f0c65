using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.Redis;

/// <summary>
/// One connection to a Redis, shared by all stores and queues of the same address: the client sends the calls of all threads down one socket. Connects at the
/// first call, and again by itself.
/// </summary>
internal sealed class RedisConnection(ConfigurationOptions options, BackendHealth replies, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private Task<ConnectionMultiplexer>? _connecting;
    private volatile ConnectionMultiplexer? _multiplexer;
    private bool _disposed;

    /// <summary>Carries the replies to requests over this Redis.</summary>
    public RedisReplies Replies => LazyInitializer.EnsureInitialized(ref field, () => new RedisReplies(_ => GetAsync(), replies, time));

    /// <summary>The database, connected or on its way to be.</summary>
    public ValueTask<IDatabase> GetDatabaseAsync() =>
        _multiplexer is { } multiplexer ? new(multiplexer.GetDatabase()) : new(ConnectAsync());

    /// <summary>The connection itself.</summary>
    public async ValueTask<ConnectionMultiplexer> GetAsync()
    {
        await GetDatabaseAsync().ConfigureAwait(false);
        return _multiplexer!;
    }

    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        _multiplexer?.Dispose();
    }

    private async Task<IDatabase> ConnectAsync()
    {
        Task<ConnectionMultiplexer> connecting;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            connecting = _connecting is { IsFaulted: false } ? _connecting : _connecting = ConnectionMultiplexer.ConnectAsync(options);
        }

        ConnectionMultiplexer multiplexer = await connecting.ConfigureAwait(false);
        bool late;
        lock (_lock)
        {
            _multiplexer = multiplexer;
            late = _disposed;
        }

        if (late)
            await multiplexer.DisposeAsync().ConfigureAwait(false);
        return multiplexer.GetDatabase();
    }
}

/// <summary>The connections of a server, one per address.</summary>
public sealed class RedisConnections(ILoggerFactory loggers, TimeProvider time)
{
    private readonly SharedResources<RedisConnection> _connections = new();

    /// <summary>The option that every Redis backend has.</summary>
    internal static BackendOption Url { get; } = new("url", "Where it is: redis://user:password@host:6379/0", Required: true);

    internal BackendHealth ReplyHealth() => new(loggers.CreateLogger<RedisConnections>(), "Redis, for replies,", time);

    internal ResourceLease<RedisConnection> Open(CapabilityResource resource)
    {
        ConfigurationOptions options = RedisAddress.Parse(resource["url"] ?? "")
            ?? throw new CapabilityException($"`{resource.Name}`: `url` is no address of a Redis: write it as redis://user:password@host:6379/0.", resource.Name);
        return _connections.Open<RedisConnection>(options.ToString(includePassword: true), () => new RedisConnection(options, ReplyHealth(), time));
    }
}

internal static class RedisErrors
{
    /// <summary>What an exception of the client means to a guest.</summary>
    public static BackendException Translate(Exception error, BackendHealth health) => error switch
    {
        RedisTimeoutException => new BackendException("the backend did not answer in time", BackendFailure.Timeout, error),
        RedisServerException { Message: var message } when message.StartsWith("OOM", StringComparison.Ordinal) =>
            new BackendException("the backend is out of memory", BackendFailure.Full, error),
        RedisServerException { Message: var message } when message.StartsWith("WRONGTYPE", StringComparison.Ordinal)
            || message.Contains("not an integer", StringComparison.Ordinal) =>
            new BackendException("the value is not a number, or of another type", BackendFailure.WrongType, error),
        RedisServerException { Message: var message } when message.Contains("overflow", StringComparison.Ordinal) =>
            new BackendException("the sum does not fit 64 bits", BackendFailure.WrongType, error),
        RedisServerException { Message: var message } when message.StartsWith("LOADING", StringComparison.Ordinal)
            || message.StartsWith("NOAUTH", StringComparison.Ordinal) || message.StartsWith("WRONGPASS", StringComparison.Ordinal)
            || message.StartsWith("READONLY", StringComparison.Ordinal) => health.Fails(error),
        RedisServerException => new BackendException($"Redis: {error.Message}", BackendFailure.Other, error),
        _ => health.Fails(error),
    };

    /// <summary>Whether an exception comes from the client and is to be translated.</summary>
    public static bool IsClient(Exception error) =>
        error is RedisException or RedisTimeoutException or RedisCommandException or System.Net.Sockets.SocketException or IOException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException;
}
