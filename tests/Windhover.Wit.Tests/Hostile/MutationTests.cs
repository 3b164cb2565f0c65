using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Windhover.Wit.Tests.Suites;

namespace Windhover.Wit.Tests.Hostile;

/// <summary>Damaged files end in an answer or a <see cref="WitException"/>, soon; a file that is still valid survives printing and reading.</summary>
public sealed class MutationTests
{
    private const int Mutants = 20_000;

    // By bench/fuzz.sh: for so long; else the number of mutants decides.
    private static int Seconds { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("WINDHOVER_FUZZ_MINUTES"), CultureInfo.InvariantCulture, out var minutes) ? (int)(minutes * 60) : -1;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private static readonly string[] s_tokens =
    [
        "{", "}", "<", ">", "(", ")", ";", ",", ":", "/", ".", "@", "=", "->", "%", "\"", "*/", "/*", "//", "\0", "\u202e", "é", "😀", "-", "_",
        "use", "type", "include", "with", "as", "interface", "world", "package", "import", "export", "resource", "record", "variant", "enum", "flags",
        "func", "async", "static", "constructor", "list", "tuple", "result", "option", "stream", "future", "map", "own", "borrow", "error-context",
        "u8", "string", "1.0.0", "@since(version = 1.0.0)", "@unstable(feature = active)", "@external-id(\"x\")", "a", "foo", "self",
    ];

    [Fact]
    public void Damaged_files_never_crash_or_hang()
    {
        var corpus = Corpus();
        var gen = Gen.Select(Gen.Int[0, corpus.Count - 1], Gen.Select(Gen.Int[0, 8], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Int[0, s_tokens.Length - 1]).List[1, 4]);
        var valid = 0;
        gen.Sample((index, edits) =>
        {
            var text = corpus[index];
            foreach (var (kind, from, to, token) in edits)
                text = Edit(text, kind, (int)(from * text.Length), (int)(to * text.Length), s_tokens[token]);
            if (Check(text))
                Interlocked.Increment(ref valid);
        }, iter: Mutants, time: Seconds);
        Console.WriteLine($"mutations: {valid} still valid");
    }

    private static bool Check(string text)
    {
        var watch = Stopwatch.StartNew();
        var options = new WitOptions { Features = ["active"] };
        try
        {
            var set = WitResolver.Parse(text, "mutant.wit", options);
            if (RoundTrip.Difference(set, options) is { } difference)
                Assert.Fail(difference + "\n" + text);
            return true;
        }
        catch (WitException e)
        {
            Assert.NotEmpty(e.Diagnostics);
            Assert.True(e.Message.Length > 0);
            return false;
        }
        finally
        {
            Assert.True(watch.Elapsed < s_limit, text);
        }
    }

    private static string Edit(string text, int kind, int a, int b, string token)
    {
        var (from, to) = a < b ? (a, b) : (b, a);
        var near = Math.Min(from + 40, to);
        return kind switch
        {
            0 => text.Insert(from, " " + token + " "),
            1 => text.Remove(from, near - from),
            2 => text.Insert(to, text[from..near]),
            3 => text[..from] + token + text[Math.Min(text.Length, from + token.Length)..],
            4 => text[..to],
            5 => text.Insert(from, text[Math.Max(0, to - 200)..to]),
            _ => ReplaceWord(text, a, b),
        };
    }

    // Names in place of other names keep the grammar and break (or bend) the meaning.
    private static string ReplaceWord(string text, int at, int other)
    {
        var (start, end) = Word(text, at);
        var (from, to) = Word(text, other);
        return text[..start] + text[from..to] + text[end..];
    }

    private static (int Start, int End) Word(string text, int at)
    {
        while (at < text.Length && !IsWord(text[at]))
            at++;
        var start = at;
        while (start > 0 && IsWord(text[start - 1]))
            start--;
        while (at < text.Length && IsWord(text[at]))
            at++;
        return (start, at);
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '%';

    /// <summary>The project's own files, whole sets in one text, and the suite's when it is at hand.</summary>
    private static List<string> Corpus()
    {
        var corpus = new List<string> { Samples.Everything };
        foreach (var folder in Directory.GetDirectories(RepositoryFolder.Find("wit"), "wasi-*"))
            corpus.Add(WitPrinter.Print(WitResolver.ParseDirectory(folder)));
        var suites = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        var ui = Path.Combine(suites ?? "", "wasm-tools/crates/wit-parser/tests/ui");
        if (!string.IsNullOrEmpty(suites) && Directory.Exists(ui))
            corpus.AddRange(Directory.GetFiles(ui, "*.wit", SearchOption.AllDirectories).Select(File.ReadAllText).Where(t => t.Length < 20_000));
        return corpus;
    }
}
