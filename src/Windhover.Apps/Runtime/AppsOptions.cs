namespace Windhover.Apps;

/// <summary>A server of apps.</summary>
public sealed class AppsOptions
{
    /// <summary>An app's folder (with <c>windhover.toml</c> or <c>spin.toml</c>), or a folder of such folders.</summary>
    public string Folder { get; set; } = ".";

    /// <summary>Where apps' embedded stores keep their files; null: <c>.windhover/data</c> below <see cref="Folder"/>.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Where secrets lie, a file each; null: <c>.windhover/secrets</c> below <see cref="Folder"/>.</summary>
    public string? SecretsFolder { get; set; }

    /// <summary>Whether a change of a manifest or a component is taken over while serving.</summary>
    public bool Watch { get; set; }

    /// <summary>Whether a failing request is answered with a page that shows the guest's backtrace and logs. Never where strangers are served.</summary>
    public bool Development { get; set; }

    /// <summary>How long requests under way may take at shutdown, and when a new version takes over.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Opens the dashboard and the administration below <c>/_windhover</c> to whoever presents it (as a bearer token, as the password of basic authentication, or in the form that
    /// browsers get). Without it only the loopback is let in. Long and random: attempts are not limited.
    /// </summary>
    public string? AdminToken { get; set; }

    /// <summary>
    /// The port on which <c>/_windhover</c> is answered, among those that the server listens on; null: all. With a port of its own the dashboard has an origin of its own in
    /// browsers, which no page of an app shares.
    /// </summary>
    public int? AdminPort { get; set; }

    /// <summary>Components that are loaded at start, instead of at their first request, when there are no more apps than this.</summary>
    public int PreloadUpTo { get; set; } = 100;

    /// <summary>
    /// How long nobody has to use an app until its components are freed: code, grants, directories. Its next request loads them again, as its first one did, which takes milliseconds
    /// with a compile cache. Seen within another quarter of that time. Null: 5 minutes where there are more apps than <see cref="PreloadUpTo"/>, else never.
    /// <see cref="Timeout.InfiniteTimeSpan"/>: never. Components in a process of their own stay, and services of WASI 0.3 for as long as an instance of theirs is kept.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above zero, or above 49 days, which is what timers go to.</exception>
    public TimeSpan? SleepAfter
    {
        get;
        set
        {
            if (value is { } time && time != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(value));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromDays(49), nameof(value));
            }

            field = value;
        }
    }

    internal string Data => DataFolder ?? Path.Combine(Path.GetFullPath(Folder), ".windhover", "data");

    internal string Secrets => SecretsFolder ?? Path.Combine(Path.GetFullPath(Folder), ".windhover", "secrets");
}
