using System.CommandLine;
using Windhover.Cli.Errors;

namespace Windhover.Cli.Guests;

/// <summary>A directory of the host under the name by which the guest knows it.</summary>
internal sealed record DirectoryGrant(string HostPath, string GuestPath, bool Writable);

/// <summary>What a person granted to a guest on the command line.</summary>
internal sealed record Grants(IReadOnlyList<KeyValuePair<string, string>> Environment, IReadOnlyList<DirectoryGrant> Directories);

/// <summary>The options that grant something to a guest. Without them it sees no file and no variable of the host.</summary>
internal sealed class GrantOptions
{
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

    public void AddTo(Command command)
    {
        command.Options.Add(_directories);
        command.Options.Add(_environment);
    }

    /// <exception cref="CliException">A grant is malformed, or names something that does not exist.</exception>
    public Grants Read(ParseResult parsed) => new(
        [.. (parsed.GetValue(_environment) ?? []).Select(ReadVariable).OfType<KeyValuePair<string, string>>()],
        [.. (parsed.GetValue(_directories) ?? []).Select(ReadDirectory)]);

    internal static KeyValuePair<string, string>? ReadVariable(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals == 0 || text.Length == 0)
            throw CliException.Usage($"--env {text}: the name is missing", "write --env NAME=VALUE, or --env NAME for the host's value");
        if (equals > 0)
            return new(text[..equals], text[(equals + 1)..]);
        return System.Environment.GetEnvironmentVariable(text) is { } value ? new(text, value) : null;
    }

    internal static DirectoryGrant ReadDirectory(string text)
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
        return new DirectoryGrant(host, paths[^1], writable);
    }
}
