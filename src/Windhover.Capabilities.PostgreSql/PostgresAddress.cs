using System.Net;
using Npgsql;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>Reads <c>postgres://user:password@host:5432/database</c>, or the client's own <c>Host=…;Database=…</c>.</summary>
internal static class PostgresAddress
{
    /// <summary>The option that every PostgreSQL backend has.</summary>
    public static BackendOption Url { get; } = new("url", "Where it is: postgres://user:password@host:5432/database", Required: true);

    /// <exception cref="CapabilityException">The option is no address.</exception>
    public static NpgsqlConnectionStringBuilder Parse(CapabilityResource resource)
    {
        string text = resource["url"] ?? "";
        try
        {
            NpgsqlConnectionStringBuilder address = text.Contains("://", StringComparison.Ordinal) ? FromUrl(text) : new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(address.Host))
                throw new FormatException();
            address.ApplicationName ??= "windhover";
            if (address.Timeout > 5)
                address.Timeout = 5; // seconds to connect: a guest waits
            return address;
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw new CapabilityException(
                $"`{resource.Name}`: `url` is no address of a PostgreSQL: write it as postgres://user:password@host:5432/database.", resource.Name, error);
        }
    }

    private static NpgsqlConnectionStringBuilder FromUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("postgres" or "postgresql"))
            throw new FormatException();
        var address = new NpgsqlConnectionStringBuilder { Host = uri.Host.Trim('[', ']'), Port = uri.Port < 0 ? 5432 : uri.Port };
        string[] login = uri.UserInfo.Split(':', 2);
        if (login[0].Length > 0)
            address.Username = WebUtility.UrlDecode(login[0]);
        if (login.Length == 2)
            address.Password = WebUtility.UrlDecode(login[1]);
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } database)
            address.Database = WebUtility.UrlDecode(database);
        foreach (string pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            if (parts is ["sslmode", var mode])
                address.SslMode = Enum.TryParse(mode.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out SslMode found) ? found : throw new FormatException();
        }

        return address;
    }
}
