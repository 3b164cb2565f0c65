using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Wasi.Http;
using Windhover.Wasi.Sockets;

namespace Windhover.Cli.Guests;

/// <summary>A directory of the host under the name by which the guest knows it.</summary>
internal sealed record GrantedDirectory(string HostPath, string GuestPath, bool Writable);

/// <summary>What a person granted to a guest on the command line.</summary>
/// <param name="Environment">Variables.</param>
/// <param name="Directories">Directories, all of which exist.</param>
/// <param name="AllowedHosts">Rules of <see cref="OutgoingHttp"/>; none: no outgoing request.</param>
/// <param name="Network">What sockets may reach.</param>
internal sealed record Grants(
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    IReadOnlyList<GrantedDirectory> Directories,
    IReadOnlyList<string> AllowedHosts,
    NetworkPolicy Network)
{
    /// <summary>Whether something is granted that WASI 0.1 has no word for.</summary>
    public bool NeedComponent => AllowedHosts.Count > 0 || Network != NetworkPolicy.None;
}

/// <summary>The options that grant something to a guest. Without them it sees no file, no variable and no network of the host.</summary>
internal sealed class GrantOptions
{
    public const string HostExample = "for instance --allow-host api.example.com, --allow-host 'http://*.internal:8080'";

    private static readonly string[] Uses = ["connect", "listen", "udp", "udp-listen", "any"];

    private readonly Option<string[]> _environment = new("--env", "-e")
    {
        Description = "Environment variable for the guest; without a value, the host's own. Repeatable.",
        HelpName = "NAME[=VALUE]",
    };

    private readonly Option<string[]> _directories = new("--dir", "-d")
    {
        Description = "Directory that the guest may open, under the name GUEST [default: as on the host]; `:ro` only to read. Repeatable.",
        HelpName = "HOST[::GUEST][:ro]",
    };

    private readonly Option<string[]> _hosts = new("--allow-host")
    {
        Description = "Host that outgoing HTTP requests may reach: a name, *.DOMAIN or *, with a scheme or a port. Repeatable.",
        HelpName = "HOST",
    };

    private readonly Option<string[]> _network = new("--allow-net")
    {
        Description = "What sockets may reach: a name, address, network or *, and a port, range or *; with `connect`, `listen`, `udp` or `udp-listen` before it only that. Repeatable.",
        HelpName = "[USE=]HOST[:PORT]",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_directories);
        command.Options.Add(_environment);
        command.Options.Add(_hosts);
        command.Options.Add(_network);
    }

    /// <exception cref="CliException">A grant is malformed, or names something that does not exist.</exception>
    public Grants Read(ParseResult parsed) => new(
        [.. (parsed.GetValue(_environment) ?? []).Select(ReadVariable).OfType<KeyValuePair<string, string>>()],
        [.. (parsed.GetValue(_directories) ?? []).Select(ReadDirectory)],
        parsed.GetValue(_hosts) ?? [],
        ReadNetwork(parsed.GetValue(_network) ?? []));

    internal static KeyValuePair<string, string>? ReadVariable(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals == 0 || text.Length == 0)
            throw CliException.Usage($"--env {text}: the name is missing", "write --env NAME=VALUE, or --env NAME for the host's value");
        if (equals > 0)
            return new(text[..equals], text[(equals + 1)..]);
        return System.Environment.GetEnvironmentVariable(text) is { } value ? new(text, value) : null;
    }

    internal static GrantedDirectory ReadDirectory(string text)
    {
        var writable = !text.EndsWith(":ro", StringComparison.Ordinal);
        var paths = (writable ? text : text[..^3]).Split("::");
        if (paths.Length > 2 || paths.Any(p => p.Length == 0))
            throw CliException.Usage($"--dir {text}: expected HOST[::GUEST][:ro]", "for instance --dir ./data::/data:ro");
        var host = Path.GetFullPath(paths[0]);
        if (File.Exists(host))
            throw CliException.Usage($"--dir {text}: {paths[0]} is a file, not a directory");
        if (!Directory.Exists(host))
            throw CliException.Usage($"--dir {text}: the directory {paths[0]} does not exist");
        return new GrantedDirectory(host, paths[^1], writable);
    }

    internal static NetworkPolicy ReadNetwork(string[] rules)
    {
        if (rules.Length == 0)
            return NetworkPolicy.None;
        try
        {
            return NetworkPolicy.Allow(rules.Select(ToNetworkRule));
        }
        catch (FormatException e)
        {
            throw CliException.Usage($"--allow-net: {e.Message}", "for instance --allow-net db.internal:5432, --allow-net connect=10.0.0.0/8:443");
        }
    }

    // "10.0.0.0/8" → "any 10.0.0.0/8:*"; "listen=[::1]:80" → "listen [::1]:80".
    private static string ToNetworkRule(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var use = equals > 0 && Uses.Contains(text[..equals]) ? text[..equals] : "any";
        var place = equals > 0 && Uses.Contains(text[..equals]) ? text[(equals + 1)..] : text;
        var bracket = place.LastIndexOf(']');
        return place.IndexOf(':', bracket + 1) >= 0 ? $"{use} {place}" : $"{use} {place}:*";
    }
}
