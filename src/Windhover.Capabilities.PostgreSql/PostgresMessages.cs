using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Windhover.Capabilities.Backends;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>Topics as rows of a table in PostgreSQL.</summary>
internal sealed class PostgresMessages(ILoggerFactory loggers, TimeProvider time) : IMessageBackend
{
    private readonly SharedResources<PostgresBroker> _brokers = new();

    public BackendKind Kind { get; } = new("postgres",
        PostgresAddress.Url,
        new BackendOption("visibility", "Seconds after which a message whose consumer is silent comes again; 60 by default, and more than a run may take"));

    public IMessageTopic Open(CapabilityResource topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        NpgsqlConnectionStringBuilder address = PostgresAddress.Parse(topic);
        int seconds = 60;
        if (topic["visibility"] is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds is < 1 or > 86400))
            throw new CapabilityException($"`visibility` of the topic `{topic.Name}` must be a number of seconds from 1 to 86400.", topic.Name);
        return new PostgresTopic(
            topic.Name, TimeSpan.FromSeconds(seconds),
            _brokers.Open<PostgresBroker>(address.ConnectionString, () => new PostgresBroker(address, Health("replies"), time)), Health($"the topic `{topic.Name}`"), time);

        BackendHealth Health(string what) => new(loggers.CreateLogger<PostgresMessages>(), $"PostgreSQL, for {what},", time);
    }
}
