using System.CommandLine;
using Windhover.Cli.Errors;

namespace Windhover.Cli;

/// <summary>
/// In <c>windhover run [options] FILE [args]</c> everything after the file is the guest's, whatever it looks like: `--help` too. The parser
/// would take options wherever they stand, so a `--` is put behind the file, after which it takes nothing.
/// </summary>
internal static class GuestArguments
{
    public static IReadOnlyList<string> Separate(RootCommand root, IReadOnlyList<string> words)
    {
        var command = words.Count == 0 ? null : root.Subcommands.FirstOrDefault(c => c.Name == words[0]);
        if (command is null || !command.Arguments.Any(a => a.Name == "args"))
            return words;
        for (var i = 1; i < words.Count; i++)
        {
            if (words[i] == "--")
                return words;
            if (!words[i].StartsWith('-') || words[i] == "-")
                return [.. words.Take(i + 1), "--", .. words.Skip(i + 1)];
            var name = words[i].Split('=')[0];
            var option = command.Options.Concat(root.Options.Where(o => o.Recursive)).FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name))
                ?? throw CliException.Usage($"unknown option {name}", $"windhover {command.Name} --help", "options of the guest stand after FILE");
            if (option.Arity.MinimumNumberOfValues > 0 && !words[i].Contains('=', StringComparison.Ordinal))
                i++;
        }

        return words;
    }
}
