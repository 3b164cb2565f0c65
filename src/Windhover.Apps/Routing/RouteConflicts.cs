using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;

namespace Windhover.Apps.Routing;

/// <summary>Two routes that match the same requests: a mistake, wherever they stand.</summary>
internal static class RouteConflicts
{
    /// <exception cref="ManifestException">Two routes of the app are the same.</exception>
    public static void CheckWithin(AppManifest manifest)
    {
        var seen = new Dictionary<string, HttpTrigger>(StringComparer.OrdinalIgnoreCase);
        foreach (HttpTrigger trigger in manifest.Http)
        {
            if (!seen.TryAdd(Key(trigger), trigger))
            {
                HttpTrigger first = seen[Key(trigger)];
                throw new ManifestException(trigger.Place, $"the route `{trigger.Route}` matches the same requests as `{first.Route}` at {Short(first.Place)}");
            }
        }
    }

    /// <summary>Of apps in the order in which they were found, those whose routes are not taken by an earlier one.</summary>
    public static List<AppManifest> CheckBetween(IEnumerable<AppManifest> apps, Action<AppManifest, ManifestException> report)
    {
        var taken = new Dictionary<string, (AppManifest App, HttpTrigger Trigger)>(StringComparer.OrdinalIgnoreCase);
        var names = new Dictionary<string, AppManifest>(StringComparer.Ordinal);
        var good = new List<AppManifest>();
        foreach (AppManifest app in apps)
        {
            if (names.TryGetValue(app.Name, out AppManifest? other))
            {
                report(app, new ManifestException(new Place(app.File, 1, 1), $"the name `{app.Name}` is taken by {other.File}"));
                continue;
            }

            HttpTrigger? clash = app.Http.FirstOrDefault(t => !t.IsPrivate && taken.ContainsKey(Key(t)));
            if (clash is not null)
            {
                (AppManifest first, HttpTrigger trigger) = taken[Key(clash)];
                report(app, new ManifestException(clash.Place, $"the route `{clash.Route}` is taken by the app `{first.Name}` at {trigger.Place}"));
                continue;
            }

            names.Add(app.Name, app);
            good.Add(app);
            foreach (HttpTrigger trigger in app.Http.Where(t => !t.IsPrivate))
                taken.Add(Key(trigger), (app, trigger));
        }

        return good;
    }

    private static string Key(HttpTrigger trigger) => trigger.Route.Shape;

    private static string Short(Place place) => $"line {place.Line}";
}
