using System.Text.RegularExpressions;

namespace Windhover.Cli.Tests.Docs;

/// <summary>A step of a document: a file to write, a command with what it prints, or lines that a server writes.</summary>
internal abstract record Step
{
    /// <param name="Path">The file, as the sentence before the block names it.</param>
    /// <param name="Text">What it holds.</param>
    /// <param name="From">The line from which on it holds that; null: all of it.</param>
    public sealed record WriteFile(string Path, string Text, string? From) : Step;

    public sealed record Run(string Command, IReadOnlyList<string> Output) : Step;

    public sealed record ServerSays(IReadOnlyList<string> Lines) : Step;
}

/// <summary>Reads the blocks of a document: those of `console` are commands (after "$ ") and their output, those of `text` lines of the server, all others files.</summary>
internal static partial class Document
{
    public static IReadOnlyList<Step> Read(string markdown)
    {
        var steps = new List<Step>();
        string before = "";
        string[] lines = markdown.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                before = lines[i].Length > 0 ? lines[i] : before;
                continue;
            }

            string language = lines[i][3..];
            string[] block = [.. lines.Skip(i + 1).TakeWhile(l => l != "```")];
            i += block.Length + 1;
            steps.AddRange(language switch
            {
                "console" => Commands(block),
                "text" => [new Step.ServerSays(block)],
                _ => [new Step.WriteFile(File().Matches(before).LastOrDefault()?.Groups[1].Value ?? throw new InvalidOperationException($"No file is named before {block[0]}"), string.Join('\n', block) + "\n", From().Match(before) is { Success: true } from ? from.Groups[1].Value : null)],
            });
        }

        return steps;
    }

    private static IEnumerable<Step> Commands(string[] block)
    {
        for (int i = 0; i < block.Length;)
        {
            Assert.StartsWith("$ ", block[i], StringComparison.Ordinal);
            string[] output = [.. block.Skip(i + 1).TakeWhile(l => !l.StartsWith("$ ", StringComparison.Ordinal))];
            yield return new Step.Run(block[i][2..], output);
            i += output.Length + 1;
        }
    }

    /// <summary>Whether a line is as written; `…` stands for anything.</summary>
    public static bool IsAsWritten(string line, string expected) => Regex.IsMatch(line, "^" + string.Join(".*", expected.Split('…').Select(Regex.Escape)) + "$");

    [GeneratedRegex(@"`([\w.-]+(?:/[\w.-]+)+)`")]
    private static partial Regex File();

    [GeneratedRegex(@"from `([^`]+)` on:$")]
    private static partial Regex From();
}
