using System.Text;

namespace Windhover.Wit.Tests.Hostile;

/// <summary>Input made to exhaust stack, memory or time is refused with a message instead.</summary>
public sealed class LimitTests
{
    [Fact]
    public void Deeply_nested_types_are_refused() =>
        Refused("package a:b;\ninterface i { type t = " + Repeat("list<", 100_000) + "u8" + Repeat(">", 100_000) + "; }", "nested too deeply");

    [Fact]
    public void Deeply_nested_packages_are_refused() =>
        Refused("package a:b;\n" + Repeat("package c:d { ", 100_000), "nested too deeply");

    [Fact]
    public void Deeply_nested_comments_are_read() =>
        Assert.Empty(WitResolver.Parse("package a:b;\n" + Repeat("/*", 200_000) + Repeat("*/", 200_000)).Main.Interfaces);

    [Fact]
    public void A_long_chain_of_named_types_is_refused() =>
        Refused("package a:b;\ninterface i { type t0 = u8; " + Lines(20_000, n => $"type t{n + 1} = t{n};") + "}", "nested more than 200 deep");

    [Fact]
    public void A_type_that_doubles_with_each_name_is_refused() =>
        Refused("package a:b;\ninterface i { type t0 = u8; " + Lines(60, n => $"type t{n + 1} = tuple<t{n}, t{n}>;") + "}", "made of more than");

    [Fact]
    public void A_long_chain_of_interfaces_is_refused() =>
        Refused("package a:b;\ninterface i0 { type t = u8; }\n" + Lines(20_000, n => $"interface i{n + 1} {{ use i{n}.{{t}}; }}"), "deep", "build on each other");

    [Fact]
    public void A_circle_of_many_interfaces_is_refused() =>
        Refused("package a:b;\n" + Lines(20_000, n => $"interface i{n} {{ use i{(n + 1) % 20_000}.{{t}}; type t = u8; }}"), "depends on itself");

    [Fact]
    public void A_long_chain_of_includes_is_read()
    {
        var text = "package a:b;\nworld w0 { import f: func(); }\n" + Lines(20_000, n => $"world w{n + 1} {{ include w{n}; }}");
        Assert.Equal(20_001, WitResolver.Parse(text).Main.Worlds.Count);
    }

    [Fact]
    public void Many_worlds_that_include_a_large_one_are_refused() =>
        Refused("package a:b;\nworld w { " + Lines(20_000, n => $"import x{n}: func();") + "}\n" + Lines(20_000, n => $"world w{n} {{ include w; }}"), "too large together");

    [Fact]
    public void Many_worlds_that_include_a_large_type_are_refused() =>
        Refused("package a:b;\nworld w { record r { " + Lines(20_000, n => $"x{n}: u8,") + "} }\n" + Lines(20_000, n => $"world w{n} {{ include w; }}"), "too large together");

    [Fact]
    public void Many_worlds_that_import_many_interfaces_are_refused() =>
        Refused("package a:b;\n" + Lines(5_000, n => $"interface i{n} {{ type t = u8; }}") + "interface all { " + Lines(5_000, n => $"use i{n}.{{t as t{n}}};") + "}\n"
            + Lines(5_000, n => $"world w{n} {{ import all; }}"), "too large together");

    [Fact]
    public void Worlds_that_double_with_each_include_are_bounded_by_their_text()
    {
        // Every copy needs its own rename, so the text doubles with the world.
        var text = new StringBuilder("package a:b;\nworld w0 { import x0: func(); }\n");
        for (var i = 0; i < 10; i++)
        {
            var renames = string.Join(", ", Enumerable.Range(0, 1 << i).Select(n => $"x{n} as x{n + (1 << i)}"));
            text.Append($"world w{i + 1} {{ include w{i}; include w{i} with {{ {renames} }} }}\n");
        }
        Assert.Equal(1024, WitResolver.Parse(text.ToString()).Main.Worlds[^1].Imports.Count);
    }

    [Fact]
    public void A_circle_of_many_packages_is_refused() =>
        Refused("package a:b;\n" + Lines(4_000, n => $"package c:p{n} {{ interface i {{ use c:p{(n + 1) % 4_000}/i.{{t}}; }} }}"), "depends on itself");

    [Fact]
    public void At_most_fifty_mistakes_are_reported() =>
        Assert.Equal(50, Failure("package a:b;\ninterface i { " + Lines(1_000, n => $"x{n}: func(x: missing{n});") + "}").Diagnostics.Count);

    [Fact]
    public void A_message_about_a_very_long_line_is_short()
    {
        var message = Failure("package a:b; interface i { f: func(x: " + Repeat("a", 1_000_000) + "); }").Message;
        Assert.True(message.Length < 2_100_000, $"{message.Length}");
        Assert.True(message.Split('\n').Skip(1).All(l => l.Length < 300));
    }

    [Fact]
    public void Files_that_are_too_large_are_refused()
    {
        Refused("package a:b;" + new string(' ', 5 << 20), "too large");
        var files = Enumerable.Range(0, 5_000).Select(n => ($"f{n}.wit", "package a:b;"));
        Assert.Contains("more than 4096 files", Assert.Throws<WitException>(() => WitResolver.ParseFiles(files)).Message, StringComparison.Ordinal);
    }

    private static void Refused(string text, params string[] reasons)
    {
        var message = Failure(text).Message;
        Assert.Contains(reasons, r => message.Contains(r, StringComparison.Ordinal));
    }

    private static WitException Failure(string text)
    {
        // Without a limit this takes hours or all memory: the run as a whole is stopped then (test.sh), whatever the machine's speed.
        return Assert.Throws<WitException>(() => WitResolver.Parse(text));
    }

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static string Lines(int count, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, count).Select(line)) + "\n";
}
