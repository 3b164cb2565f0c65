using System.Net;
using StackExchange.Redis;

namespace Windhover.Capabilities.Redis;

/// <summary>Reads <c>redis://user:password@host:6379/0</c> (<c>rediss</c> for TLS), or the client's own notation.</summary>
internal static class RedisAddress
{
    /// <summary>What the client needs; null when the text is no address.</summary>
    public static ConfigurationOptions? Parse(string address)
    {
        if (!address.Contains("://", StringComparison.Ordinal))
            return address.Length == 0 ? null : Complete(ParseNative(address));
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
            return null;
        var options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss" };
        options.EndPoints.Add(uri.IdnHost.Trim('[', ']'), uri.Port < 0 ? 6379 : uri.Port);
        string[] login = uri.UserInfo.Split(':', 2);
        if (login.Length == 2)
            options.Password = WebUtility.UrlDecode(login[1]);
        if (login[0].Length > 0)
            options.User = WebUtility.UrlDecode(login[0]);
        string database = uri.AbsolutePath.Trim('/');
        if (database.Length > 0)
        {
            if (!int.TryParse(database, System.Globalization.CultureInfo.InvariantCulture, out int number) || number < 0)
                return null;
            options.DefaultDatabase = number;
        }

        return Complete(options);
    }

    private static ConfigurationOptions? ParseNative(string address)
    {
        try
        {
            return ConfigurationOptions.Parse(address);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static ConfigurationOptions? Complete(ConfigurationOptions? options)
    {
        if (options is null || options.EndPoints.Count == 0)
            return null;
        options.AbortOnConnectFail = false; // a server that is down at start is found again when it is up
        options.BacklogPolicy = BacklogPolicy.FailFast; // while it is away, calls fail at once instead of piling up
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 5000;
        options.ConnectRetry = 1;
        options.AllowAdmin = true; // the client's own guard before CONFIG, by which is asked whether changes are told (RedisStoreWatch)
        options.ClientName ??= "windhover";
        return options;
    }
}
