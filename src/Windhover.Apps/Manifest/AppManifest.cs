using Windhover.Apps.Routing;
using Windhover.Apps.Toml;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;

namespace Windhover.Apps.Manifest;

/// <summary>An app as its manifest describes it: checked as far as that is possible without loading a component. Immutable.</summary>
internal sealed record AppManifest
{
    /// <summary>Unique on a server; its name within the server: <c>http://NAME.internal/</c>.</summary>
    public required string Name { get; init; }

    public required string File { get; init; }

    public string Folder => Path.GetDirectoryName(File)!;

    public string? Description { get; init; }

    /// <summary>Whose totals hold over this app's, and where the manifest says so.</summary>
    public string? Tenant { get; init; }

    public Place TenantPlace { get; init; }

    public Budget Budget { get; init; } = Budget.Default;

    public required IReadOnlyDictionary<string, ComponentManifest> Components { get; init; }

    public IReadOnlyList<HttpTrigger> Http { get; init; } = [];

    /// <summary>How components of the app answer each other: <c>http://COMPONENT.spin.internal/</c>.</summary>
    public IReadOnlyList<HttpTrigger> Services { get; init; } = [];

    public IReadOnlyList<CronTrigger> Cron { get; init; } = [];

    public IReadOnlyList<QueueTrigger> Queues { get; init; } = [];

    public IReadOnlyList<WatchTrigger> Watches { get; init; } = [];

    public IReadOnlyList<StartTrigger> Start { get; init; } = [];

    /// <summary>What the messaging topics of this app stand on, by topic.</summary>
    public IReadOnlyDictionary<string, CapabilityResource> Topics { get; init; } = new Dictionary<string, CapabilityResource>();

    /// <summary>What a manifest of another host asks for and does not get here, each a line.</summary>
    public IReadOnlyList<string> Unsupported { get; init; } = [];

    /// <summary>Whether requests carry Spin's headers.</summary>
    public bool IsSpin { get; init; }
}

/// <summary>One WebAssembly file of an app with what it is granted.</summary>
internal sealed record ComponentManifest
{
    public required string Name { get; init; }

    /// <summary>Where the manifest names the file.</summary>
    public required Place Place { get; init; }

    public required string Source { get; init; }

    /// <summary>The SHA-256 of the file in lower-case hex, when it is pinned.</summary>
    public string? Digest { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    public IReadOnlyList<DirectoryGrantManifest> Directories { get; init; } = [];

    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    public IReadOnlyList<string> Network { get; init; } = [];

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, CapabilityRequest> Capabilities { get; init; } = new Dictionary<string, CapabilityRequest>();

    public Budget Budget { get; init; } = Budget.Default;

    /// <summary>Components of the app that satisfy imports of this one.</summary>
    public IReadOnlyList<ImportManifest> Imports { get; init; } = [];

    /// <summary>Components of the app that stand in front of this one, the outermost first.</summary>
    public IReadOnlyList<(string Component, Place Place)> Middleware { get; init; } = [];

    public RunManifest Run { get; init; } = RunManifest.Default;

    public BuildManifest? Build { get; init; }
}

/// <summary>Where imports of a component come from. Without an interface: all that the other one exports.</summary>
internal sealed record ImportManifest(string? Interface, string Component, Place Place);

/// <summary>Where a component runs, and how many requests share an instance of it.</summary>
internal sealed record RunManifest
{
    public static readonly RunManifest Default = new();

    public IsolationLevel Isolation { get; init; }

    /// <summary>Where the manifest says so.</summary>
    public Place IsolationPlace { get; init; }

    /// <summary>For services of WASI 0.3, or null: what an instance does when nobody says anything.</summary>
    public ReuseManifest? Reuse { get; init; }

    /// <summary>Where the component says so; default when it has what its app says for all, or nothing.</summary>
    public Place ReusePlace { get; init; }
}

/// <summary>How many requests an instance answers in its life, how many at a time, and how long it is kept without one.</summary>
internal sealed record ReuseManifest(int Requests, int Concurrent, TimeSpan Idle);

/// <summary>How a component is built.</summary>
internal sealed record BuildManifest(string Command, string Folder, IReadOnlyList<string> Watch);

/// <summary>A folder or file of the host for a guest.</summary>
internal sealed record DirectoryGrantManifest(string Host, string Guest, bool Writable);

/// <summary>How a component answers an HTTP request.</summary>
internal enum AnswerKind
{
    /// <summary>By what it exports: a handler, else a command, else functions.</summary>
    Auto,

    /// <summary><c>wasi:http</c>.</summary>
    Handler,

    /// <summary>A command: CGI.</summary>
    Command,

    /// <summary>Exported functions as JSON endpoints.</summary>
    Functions,
}

/// <summary>Requests of a route go to a component.</summary>
internal sealed record HttpTrigger(Place Place, RoutePattern Route, string Component, AnswerKind Kind)
{
    /// <summary>For commands: arguments, in which <c>{name}</c> stands for a parameter of the route or the query.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>For commands: the type of what it prints; null: it prints a CGI header itself.</summary>
    public string? ContentType { get; init; }

    /// <summary>For the functions of one interface only; null: all.</summary>
    public string? Interface { get; init; }

    /// <summary>Reachable only as <c>http://NAME.internal/</c>.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>The part of the route that a Spin application has for all of its routes; empty, or with a slash before it.</summary>
    public string SpinBase { get; init; } = "";

    /// <summary>What precedes a wildcard, for CGI's SCRIPT_NAME.</summary>
    public string BasePath => Route.BasePath;
}

/// <summary>What to do with a run that fell into a time when the server was down or the last run was not over.</summary>
internal enum MissedRuns
{
    Skip,
    Once,
}

/// <summary>A component runs at certain times.</summary>
internal sealed record CronTrigger(Place Place, string Name, string Component, Cronos.CronExpression Schedule, string ScheduleText, TimeZoneInfo Zone)
{
    public MissedRuns Missed { get; init; }

    public bool Overlap { get; init; }

    public string Path { get; init; } = "/";

    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>A component handles the messages of a topic.</summary>
internal sealed record QueueTrigger(Place Place, string Topic, string Component)
{
    public int Batch { get; init; } = 1;

    public int Concurrency { get; init; } = 1;

    public int Attempts { get; init; } = 5;

    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(5);

    public string? DeadLetters { get; init; }

    public string Path { get; init; } = "/";

    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>A component is told of what changes in a store.</summary>
/// <param name="Place">Where the manifest says so.</param>
/// <param name="Store">The store's name.</param>
/// <param name="Component">Who is told.</param>
/// <param name="Keys">Of which keys: <c>*</c> at the end stands for any rest.</param>
/// <param name="Request">What the store is opened with.</param>
/// <param name="Resource">The store.</param>
internal sealed record WatchTrigger(Place Place, string Store, string Component, string Keys, CapabilityRequest Request, CapabilityResource Resource)
{
    /// <summary>How many changes may wait.</summary>
    public int Queue { get; init; } = 1000;

    /// <summary>How many bytes of them; a single one may have more.</summary>
    public long QueueBytes { get; init; } = 16 << 20;

    public bool Matches(string key) => Keys.EndsWith('*') ? key.AsSpan().StartsWith(Keys.AsSpan(0, Keys.Length - 1), StringComparison.Ordinal) : key == Keys;
}

/// <summary>A command runs once before the app serves.</summary>
internal sealed record StartTrigger(Place Place, string Component)
{
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
