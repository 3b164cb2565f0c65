using System.Globalization;
using StackExchange.Redis;

namespace Windhover.Capabilities.Redis;

/// <summary>A connection that is made when it is first needed, and mends itself.</summary>
internal sealed class RedisLink(CapabilityResource topic) : IAsyncDisposable
{
    private readonly ConfigurationOptions _options = Parse(topic);
    private readonly SemaphoreSlim _gate = new(1);
    private ConnectionMultiplexer? _connection;

    public async ValueTask<ConnectionMultiplexer> GetAsync(CancellationToken cancellationToken)
    {
        if (_connection is { } open)
            return open;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _connection ??= await ConnectionMultiplexer.ConnectAsync(_options).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs a command, and tells a backend that is away from other failures.</summary>
    public async ValueTask<T> RunAsync<T>(Func<ConnectionMultiplexer, Task<T>> command, CancellationToken cancellationToken)
    {
        try
        {
            return await command(await GetAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is RedisException or RedisTimeoutException or ObjectDisposedException)
        {
            throw new CapabilityException($"Redis at {string.Join(", ", _options.EndPoints)} does not answer for the topic `{topic.Name}`: {error.Message.Split('\n')[0]}", topic.Name, error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync().ConfigureAwait(false);
        _gate.Dispose();
    }

    private static ConfigurationOptions Parse(CapabilityResource topic)
    {
        string url = topic["url"] ?? "";
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("redis" or "rediss"))
            throw new CapabilityException($"`url` of the topic `{topic.Name}` is not of the form redis://host:port", topic.Name);
        var options = new ConfigurationOptions { AbortOnConnectFail = true, ConnectTimeout = 2000, Ssl = uri.Scheme == "rediss", ClientName = "windhover" };
        options.EndPoints.Add(uri.Host, uri.Port < 0 ? 6379 : uri.Port);
        if (uri.UserInfo.Length > 0)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            options.User = parts[0].Length > 0 && parts.Length == 2 ? Uri.UnescapeDataString(parts[0]) : null;
            options.Password = Uri.UnescapeDataString(parts[^1]);
        }

        if (int.TryParse(uri.AbsolutePath.Trim('/'), NumberStyles.None, CultureInfo.InvariantCulture, out int database))
            options.DefaultDatabase = database;
        return options;
    }
}
