using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;
using Windhover.Engine;

namespace Windhover.Apps.Runtime;

// Tenants, and the totals of each over its apps: a file of the operator's beside the apps.
//
//   tenants.toml              [tenant.acme]  memory = "16GiB"
//   APP/windhover.toml        tenant = "acme"
//
// Without the file an app may name any tenant: its use is counted, and nothing is limited. With it, a tenant that it does not have is an error, so that no app gets out
// of its limits by a slip of the pen. While the file is wrong the former limits hold; when there were none, apps with a tenant are not served.
internal sealed class Tenants(string folder)
{
    public const string FileName = "tenants.toml";

    private readonly string _file = Path.Combine(folder, FileName);
    private readonly Dictionary<string, BudgetMeter> _meters = new(StringComparer.Ordinal);
    private Dictionary<string, Budget>? _totals;
    private FileStamp _stamp;
    private ManifestException? _error;
    private bool _isKnown = true;

    /// <summary>Takes over what changed in the file.</summary>
    public void Read(Action<string, ManifestException> report)
    {
        FileStamp stamp = FileStamp.Of(_file);
        if (stamp != _stamp)
        {
            _stamp = stamp;
            _error = null;
            try
            {
                _totals = stamp == default ? null : Parse(_file, File.ReadAllText(_file));
                _isKnown = true;
            }
            catch (ManifestException error)
            {
                _error = error;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _error = new ManifestException(new Place(_file, 1, 1), $"cannot be read: {error.Message}", error);
            }

            _isKnown &= _error is null || _totals is not null;
        }

        if (_error is not null)
            report(_file, _error);
    }

    /// <summary>Why an app cannot be served, or null.</summary>
    public string? Refuse(AppManifest manifest)
    {
        if (manifest.Tenant is not { } name)
            return null;
        if (!_isKnown)
            return $"{manifest.TenantPlace}: the limits of the tenant `{name}` are not known: {_file} is wrong";
        return _totals is null || _totals.ContainsKey(name)
            ? null
            : $"{manifest.TenantPlace}: {_file} has no [tenant.{name}]{Nearest.Hint(name, _totals.Keys)}";
    }

    /// <summary>What all apps of a tenant are charged to; another one when its limits changed.</summary>
    public BudgetMeter? Meter(string? name)
    {
        if (name is null)
            return null;
        Budget budget = _totals?.GetValueOrDefault(name) ?? Budget.None;
        if (!_meters.TryGetValue(name, out BudgetMeter? meter) || meter.Budget.ToString() != budget.ToString())
            _meters[name] = meter = new BudgetMeter(name, budget);
        return meter;
    }

    internal static Dictionary<string, Budget> Parse(string file, string text)
    {
        var root = new StrictTable(TomlReader.Read(file, text), FileName);
        var totals = new Dictionary<string, Budget>(StringComparer.Ordinal);
        foreach ((string name, Place place, StrictTable table) in root.NamedTables("tenant"))
        {
            if (!ManifestReader.IsName(name))
                throw new ManifestException(place, $"`{name}` is no name of a tenant: lower-case letters, digits and hyphens, at most 63, a letter first");
            foreach (string key in table.Keys)
            {
                if (Budget.Entries.FirstOrDefault(e => e.Key == key) is { Scope: not BudgetScope.Total } run)
                {
                    throw new ManifestException(
                        table.PlaceOf(key),
                        $"`{run.Key}` is no total: a tenant has {string.Join(", ", Budget.Entries.Where(e => e.Scope == BudgetScope.Total).Select(e => $"`{e.Key}`"))}");
                }
            }

            totals.Add(name, ManifestReader.ReadBudget(table, Budget.None));
        }

        root.Finish();
        return totals;
    }
}
