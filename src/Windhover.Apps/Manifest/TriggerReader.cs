using Cronos;
using Windhover.Apps.Routing;
using Windhover.Apps.Toml;

namespace Windhover.Apps.Manifest;

/// <summary>Reads <c>[[http]]</c>, <c>[[cron]]</c>, <c>[[queue]]</c> and <c>[[start]]</c>.</summary>
internal sealed class TriggerReader(IReadOnlyDictionary<string, ComponentManifest> components)
{
    private int _crons;

    public HttpTrigger Http(StrictTable table)
    {
        string text = table.RequiredText("route");
        string? host = table.Text("host");
        RoutePattern route = Parse(() => RoutePattern.Parse(host, text), host is null ? table.ValuePlace("route") : table.ValuePlace("host"), table.ValuePlace("route"));
        var kind = table.Choice("as", "auto", "auto", "handler", "command", "functions") switch
        {
            "handler" => AnswerKind.Handler,
            "command" => AnswerKind.Command,
            "functions" => AnswerKind.Functions,
            _ => AnswerKind.Auto,
        };
        var trigger = new HttpTrigger(table.Place, route, Component(table), kind)
        {
            Arguments = [.. table.Texts("args").Select(t => t.Text)],
            ContentType = table.Text("content-type"),
            Interface = table.Text("interface"),
            IsPrivate = table.Flag("private", false),
        };
        if (kind is AnswerKind.Handler or AnswerKind.Functions && (trigger.Arguments.Count > 0 || trigger.ContentType is not null))
            throw new ManifestException(table.PlaceOf(trigger.Arguments.Count > 0 ? "args" : "content-type"), "`args` and `content-type` are for commands (`as = \"command\"`)");
        table.Finish();
        return trigger;
    }

    public CronTrigger Cron(StrictTable table)
    {
        string text = table.RequiredText("schedule");
        Place place = table.ValuePlace("schedule");
        TimeZoneInfo zone = Zone(table);
        CronExpression schedule;
        try
        {
            schedule = CronExpression.Parse(text, text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);
        }
        catch (CronFormatException error)
        {
            throw new ManifestException(place, $"`{text}` is no schedule: {error.Message} (minute hour day month weekday, with seconds before them if there are six)", error);
        }

        // Cronos looks on until the year 2099; 30 February is in none.
        if (schedule.GetNextOccurrence(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero), zone) is null)
            throw new ManifestException(place, $"the schedule `{text}` never comes");
        var trigger = new CronTrigger(table.Place, table.Text("name") ?? $"cron-{++_crons}", Component(table), schedule, text, zone)
        {
            Missed = table.Choice("missed", "skip", "skip", "once") == "once" ? MissedRuns.Once : MissedRuns.Skip,
            Overlap = table.Flag("overlap", false),
            Path = RequestPath(table),
            Arguments = [.. table.Texts("args").Select(t => t.Text)],
        };
        table.Finish();
        return trigger;
    }

    public QueueTrigger Queue(StrictTable table)
    {
        var trigger = new QueueTrigger(table.Place, table.RequiredText("topic"), Component(table))
        {
            Batch = table.Number("batch", 1, 1, 1000),
            Concurrency = table.Number("concurrency", 1, 1, 1000),
            Attempts = table.Number("attempts", 5, 1, 1000),
            Backoff = table.Time("backoff") ?? TimeSpan.FromSeconds(1),
            MaxBackoff = table.Time("max-backoff") ?? TimeSpan.FromMinutes(5),
            DeadLetters = table.Text("dead-letters"),
            Path = RequestPath(table),
            Arguments = [.. table.Texts("args").Select(t => t.Text)],
        };
        table.Finish();
        if (trigger.DeadLetters == trigger.Topic)
            throw new ManifestException(table.ValuePlace("dead-letters"), "dead letters of a topic cannot go to the same topic: a message that always fails would go round for ever");
        return trigger;
    }

    public StartTrigger Start(StrictTable table)
    {
        var trigger = new StartTrigger(table.Place, Component(table)) { Arguments = [.. table.Texts("args").Select(t => t.Text)] };
        table.Finish();
        return trigger;
    }

    public string Component(StrictTable table)
    {
        string? name = table.Text("component");
        if (name is null)
        {
            return components.Count == 1
                ? components.Keys.First()
                : throw new ManifestException(table.Place, $"{table.What} has no `component`, and the app has {components.Count}");
        }

        return components.ContainsKey(name)
            ? name
            : throw new ManifestException(table.ValuePlace("component"), $"there is no component `{name}`{Nearest.Hint(name, [.. components.Keys])}");
    }

    private static string RequestPath(StrictTable table)
    {
        string path = table.Text("path") ?? "/";
        return path.StartsWith('/') ? path : throw table.Wrong("path", "a path that begins with /");
    }

    private static TimeZoneInfo Zone(StrictTable table)
    {
        if (table.Text("time-zone") is not { } name)
            return TimeZoneInfo.Utc;
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(name);
        }
        catch (Exception error) when (error is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException)
        {
            string[] known = [.. TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)];
            throw new ManifestException(
                table.ValuePlace("time-zone"),
                known.Length < 10 ? $"there is no time zone `{name}`: this machine has no time zone data (Debian: tzdata)" : $"there is no time zone `{name}`{Nearest.Hint(name, known)}",
                error);
        }
    }

    private static RoutePattern Parse(Func<RoutePattern> parse, Place host, Place route)
    {
        try
        {
            return parse();
        }
        catch (RouteFormatException error)
        {
            throw new ManifestException(error.InHost ? host : route, error.Message, error);
        }
    }
}
