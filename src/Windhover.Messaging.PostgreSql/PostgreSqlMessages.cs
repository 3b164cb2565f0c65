using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Messaging.PostgreSql;

/// <summary>PostgreSQL as a backend of topics.</summary>
public static class PostgreSqlMessagesExtensions
{
    /// <summary>Adds the backend <c>postgresql</c>.</summary>
    public static IServiceCollection AddPostgreSqlMessages(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageBackend, PostgreSqlMessages>());
        return services;
    }
}

internal sealed class PostgreSqlMessages(TimeProvider time) : IMessageBackend
{
    // Of the 100 that a server allows by itself, for each topic.
    private const int DefaultConnections = 8;

    private static readonly TimeSpan s_visibility = TimeSpan.FromMinutes(5);

    public BackendKind Kind { get; } = new(
        "postgresql",
        new BackendOption("url", "A connection string: Host=…;Username=…;Password=…;Database=….", Required: true),
        new BackendOption("visibility", "Seconds after which a message whose consumer died is handed out again; more than a run may take. Default: 300."));

    public IMessageTopic Open(CapabilityResource topic)
    {
        TimeSpan visibility = s_visibility;
        if (topic["visibility"] is { } text)
        {
            visibility = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 1e6
                ? TimeSpan.FromSeconds(seconds)
                : throw new CapabilityException($"`visibility` of the topic `{topic.Name}` is no number of seconds", topic.Name);
        }

        try
        {
            var connection = new NpgsqlConnectionStringBuilder(topic["url"] ?? "");
            if (!connection.ConnectionString.Contains("Pool Size", StringComparison.OrdinalIgnoreCase))
                connection.MaxPoolSize = DefaultConnections;
            return new PostgreSqlTopic(topic.Name, NpgsqlDataSource.Create(connection), visibility, time);
        }
        catch (ArgumentException error)
        {
            throw new CapabilityException($"`url` of the topic `{topic.Name}` is no connection string: {error.Message}", topic.Name, error);
        }
    }
}
