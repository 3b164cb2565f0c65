using System.CommandLine;

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
            if (command.Options.FirstOrDefault(o => o.Name == words[i] || o.Aliases.Contains(words[i])) is { Arity.MaximumNumberOfValues: > 0 } option
                && option.ValueType != typeof(bool))
            {
                i++;
            }
        }

        return words;
    }
}
