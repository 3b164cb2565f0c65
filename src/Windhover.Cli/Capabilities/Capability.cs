using Windhover.Components.Types;

namespace Windhover.Cli.Capabilities;

/// <summary>What an imported interface lets a guest do, in words, and how a person grants it.</summary>
/// <param name="Words">What it is.</param>
/// <param name="Grant">The option that grants it; null when nothing needs to be granted.</param>
internal sealed record Capability(string Words, string? Grant = null)
{
    private static readonly Capability Config = ByManifest("configuration", "config");
    private static readonly Capability KeyValue = ByManifest("key-value stores", "key-value");
    private static readonly Capability Sqlite = ByManifest("SQLite databases", "sql");
    private static readonly Capability Postgres = ByManifest("PostgreSQL databases", "postgres");
    private static readonly Capability Messaging = ByManifest("messages to topics", "messaging");

    // The longest matching prefix of the unversioned name counts.
    private static readonly (string Prefix, Capability Capability)[] Known =
    [
        ("wasi:http/outgoing-handler", new("outbound HTTP", "--allow-host HOST")),
        ("wasi:http/client", new("outbound HTTP", "--allow-host HOST")),
        ("wasi:http/handler", new("passing HTTP requests on", "--allow-host HOST")),
        ("wasi:http/types", new("HTTP messages")),
        ("wasi:io/", new("streams, errors and waiting")),
        ("wasi:clocks/", new("clocks and timers")),
        ("wasi:random/", new("random numbers")),
        ("wasi:cli/environment", new("arguments and environment variables", "--env NAME=VALUE")),
        ("wasi:cli/exit", new("ending with an exit status")),
        ("wasi:cli/stdin", new("standard input")),
        ("wasi:cli/stdout", new("standard output")),
        ("wasi:cli/stderr", new("standard error")),
        ("wasi:cli/terminal", new("whether a stream is a terminal")),
        ("wasi:cli/types", new("types of wasi:cli")),
        ("wasi:filesystem/", new("files", "--dir HOST::GUEST[:ro]")),
        ("wasi:sockets/", new("TCP, UDP and name look-up", "--allow-net HOST:PORT")),
        ("wasi:config/", Config),
        ("spin:variables/", Config),
        ("fermyon:spin/variables", Config),
        ("wasi:keyvalue/", KeyValue),
        ("wasmcloud:keyvalue/", KeyValue),
        ("spin:key-value/", KeyValue),
        ("fermyon:spin/key-value", KeyValue),
        ("fermyon:spin/rdbms-types", new("types of SQL databases")),
        ("spin:sqlite/", Sqlite),
        ("fermyon:spin/sqlite", Sqlite),
        ("spin:postgres/", Postgres),
        ("fermyon:spin/postgres", Postgres),
        ("wasi:blobstore/", ByManifest("blobs", "blobs")),
        ("wasi:messaging/", Messaging),
        ("wasmcloud:messaging/", Messaging),
        ("wasi:logging/", new("log lines with levels, with up")),
        ("wasi:otel/", new("spans, metrics and log records of its own, with serve and up")),
    ];

    private static readonly Dictionary<string, Capability> Preview1 = new(StringComparer.Ordinal)
    {
        ["args"] = new("arguments"),
        ["environ"] = new("environment variables", "--env NAME=VALUE"),
        ["clock"] = new("clocks and timers"),
        ["random"] = new("random numbers"),
        ["path"] = new("files", "--dir HOST::GUEST[:ro]"),
        ["fd"] = new("standard streams and open files"),
        ["poll"] = new("waiting"),
        ["proc"] = new("ending with an exit status"),
        ["sched"] = new("giving way"),
        ["sock"] = new("sockets: none is ever open"),
    };

    private static Capability ByManifest(string words, string key) => new($"{words}, with up", $"{key} of windhover.toml");

    /// <summary>For a component's import; null when nothing here provides it.</summary>
    public static Capability? OfInterface(string name)
    {
        if (!InterfaceName.TryParse(name, out var parsed))
            return null;
        var best = Known.Where(k => parsed.Unversioned.StartsWith(k.Prefix, StringComparison.Ordinal)).OrderByDescending(k => k.Prefix.Length).FirstOrDefault();
        return best.Capability;
    }

    /// <summary>For a function of WASI 0.1; null when it has none of that name.</summary>
    public static Capability? OfPreview1(string function) => Preview1.GetValueOrDefault(function.Split('_')[0]);

    /// <summary>For what a component exports: how to use it; null when it is for `call`.</summary>
    public static string? OfExport(string name, string file)
    {
        if (!InterfaceName.TryParse(name, out var parsed))
            return null;
        return parsed.Unversioned switch
        {
            "wasi:cli/run" => $"a command: windhover run {file}",
            "wasi:keyvalue/watcher" or "wasmcloud:keyvalue/watcher" => "is told what changes in a store: [[watch]] of windhover.toml",
            "wasi:messaging/incoming-handler" or "wasmcloud:messaging/handler" => "handles messages: [[queue]] of windhover.toml",
            "wasi:http/incoming-handler" or "wasi:http/handler" => $"handles HTTP requests: windhover serve {file}",
            _ => null,
        };
    }
}
