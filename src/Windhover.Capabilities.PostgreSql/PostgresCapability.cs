using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Npgsql;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.PostgreSql.Bindings;
using Windhover.Components.Linking;
using Spin2 = Windhover.Capabilities.PostgreSql.Bindings.Fermyon.Spin.Postgres;
using Spin3 = Windhover.Capabilities.PostgreSql.Bindings.Spin.Postgres.Postgres;
using Types2 = Windhover.Capabilities.PostgreSql.Bindings.Fermyon.Spin.RdbmsTypes;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>
/// PostgreSQL: <c>fermyon:spin/postgres@2.0.0</c> and <c>spin:postgres@3.0.0</c>. Each resource is a database; a guest opens it by the resource's name, or by
/// exactly the address that the manifest gives.
/// </summary>
public sealed class PostgresCapability(ILoggerFactory loggers, TimeProvider time) : ICapability
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "postgres";

    private static readonly BackendKind s_server = new("server",
        PostgresAddress.Url,
        new BackendOption("timeout", "Seconds that one statement may run; 30 by default, and never longer than the request has left"));

    private readonly SharedResources<NpgsqlDataSource> _sources = new();

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends { get; } = [s_server];

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        PostgresHost Host(object? state) => slot.Host<PostgresHost>(state);
        PostgresWorld.Define(linker, Host, Host);
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new PostgresGrant(BackendTable.Open(CapabilityName, [s_server], request, (request, resource) =>
        {
            NpgsqlConnectionStringBuilder address = PostgresAddress.Parse(resource);
            TimeSpan timeout = TimeSpan.FromSeconds(EmbeddedFiles.Number(resource, "timeout", 30, 1, 3600));
            var database = new PostgresDatabase(
                resource["url"]!, _sources.Open<NpgsqlDataSource>(address.ConnectionString, () => new NpgsqlSlimDataSourceBuilder(address.ConnectionString).Build()),
                timeout, new BackendHealth(loggers.CreateLogger<PostgresCapability>(), $"PostgreSQL, for the database `{resource.Name}` of app `{request.App}`,", time));
            return new ResourceLease<PostgresDatabase>(database, database.Dispose);
        }));
    }

    private sealed class PostgresGrant(FrozenDictionary<string, ResourceLease<PostgresDatabase>> databases) : CapabilityGrant
    {
        public override object CreateHost(GuestContext guest) => new PostgresHost(databases, guest);

        public override async ValueTask CheckAsync(CancellationToken cancellationToken)
        {
            foreach ((string name, ResourceLease<PostgresDatabase> database) in databases)
            {
                await BackendTable.CheckAsync(
                    $"database `{name}`", name,
                    async cancellation => await (await database.Value.OpenAsync(cancellation).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false),
                    cancellationToken).ConfigureAwait(false);
            }
        }

        protected override void Dispose(bool disposing)
        {
            foreach (ResourceLease<PostgresDatabase> database in databases.Values)
                database.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class PostgresHost(FrozenDictionary<string, ResourceLease<PostgresDatabase>> databases, GuestContext guest) : Spin2.IPostgres, Spin3.IPostgres
    {
        private const int MaxConnections = 16;
        private int _open;

        Result<Spin2.IConnection, Types2.Error> Spin2.IPostgres.ConnectionOpen(string address)
        {
            Outcome<PostgresConnectionResource> outcome = Open(address);
            return outcome.Failure is { } failure ? PostgresConnectionResource.Error2(failure) : Result.Ok<Spin2.IConnection>(outcome.Value);
        }

        Result<Spin3.IConnection, Spin3.Error> Spin3.IPostgres.ConnectionOpen(string address)
        {
            Outcome<PostgresConnectionResource> outcome = Open(address);
            return outcome.Failure is { } failure ? PostgresConnectionResource.Error3(failure) : Result.Ok<Spin3.IConnection>(outcome.Value);
        }

        private Outcome<PostgresConnectionResource> Open(string address)
        {
            PostgresDatabase? database = databases.GetValueOrDefault(address)?.Value ?? databases.Values.FirstOrDefault(d => d.Value.Address == address)?.Value;
            if (database is null)
                return Refused("this database is not granted to this component", BackendFailure.Unavailable);
            if (_open >= MaxConnections)
                return Refused($"this instance has {MaxConnections} connections open already", BackendFailure.Unavailable);
            Outcome<NpgsqlConnection> outcome = Outcome.Get(guest, database.OpenAsync(guest.Aborted));
            if (outcome.Failure is { } failure)
                return new(null!, failure);
            _open++;
            return new(new PostgresConnectionResource(new PostgresSession(database, outcome.Value, guest), () => _open--));
        }

        private static Outcome<PostgresConnectionResource> Refused(string why, BackendFailure kind) => new(null!, new BackendException(why, kind));
    }
}
