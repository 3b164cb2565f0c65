using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Sqlite.Bindings;
using Windhover.Components.Linking;

namespace Windhover.Capabilities.Sqlite;

/// <summary>
/// Embedded SQL databases: <c>fermyon:spin/sqlite@2.0.0</c> and <c>spin:sqlite@3.1.0</c>. Each resource is a database, a file
/// <c>DATA/sql/NAME.db</c> that all components of the app share.
/// </summary>
public sealed class SqliteCapability(ILoggerFactory loggers, TimeProvider time) : ICapability
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "sql";

    private readonly SharedResources<SqliteDatabase> _databases = new();
    private readonly BackendTable<BackendKind> _backends = new(CapabilityName, [s_file], kind => kind);

    private static readonly BackendKind s_file = new("sqlite",
        new BackendOption("path", "The file; by default below the app's data directory"),
        new BackendOption("max-size", "How large the file may grow, such as 100MiB; 1GiB by default"),
        new BackendOption("timeout", "Seconds that one statement may run; 30 by default, and never longer than the request has left"));

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends => _backends.Kinds;

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        SqliteHost Host(object? state) => slot.Host<SqliteHost>(state);
        SqliteWorld.Define(linker, Host, Host);
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new SqliteGrant(_backends.Open(request, (_, request, resource) =>
        {
            string path = EmbeddedFiles.PathOf(request, resource, CapabilityName, ".db");
            long maxBytes = EmbeddedFiles.Size(resource, "max-size", 1L << 30);
            TimeSpan timeout = TimeSpan.FromSeconds(EmbeddedFiles.Number(resource, "timeout", 30, 1, 3600));
            return _databases.Open<SqliteDatabase>(path, () => new SqliteDatabase(
                path, maxBytes, timeout, new BackendHealth(loggers.CreateLogger<SqliteCapability>(), $"the database `{resource.Name}` of app `{request.App}`", time), time));
        }));
    }

    private sealed class SqliteGrant(FrozenDictionary<string, ResourceLease<SqliteDatabase>> databases) : CapabilityGrant
    {
        public override object CreateHost(GuestContext guest) => new SqliteHost(databases, guest);

        public override async ValueTask CheckAsync(CancellationToken cancellationToken)
        {
            foreach ((string name, ResourceLease<SqliteDatabase> database) in databases)
            {
                await BackendTable.CheckAsync($"database `{name}`", name, _ =>
                {
                    database.Value.Close(database.Value.Open(), isClean: true);
                    return ValueTask.CompletedTask;
                }, cancellationToken).ConfigureAwait(false);
            }
        }

        protected override void Dispose(bool disposing)
        {
            foreach (ResourceLease<SqliteDatabase> database in databases.Values)
                database.Dispose();
            base.Dispose(disposing);
        }
    }
}
