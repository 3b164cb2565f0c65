namespace Windhover.Wit.Tests.Resolution;

/// <summary>The text of messages: what is wrong, where, and what to do.</summary>
public sealed class DiagnosticTests
{
    [Fact]
    public void A_message_shows_the_line_with_carets_and_help()
    {
        var failure = Assert.Throws<WitException>(() => WitResolver.Parse("""
            package acme:app;

            interface types {
              record person { name: strin, age: u8 }
            }
            """, "wit/app.wit"));
        Assert.Equal("""
            error: there is no type `strin` here
             --> wit/app.wit:4:25
              |
            4 |   record person { name: strin, age: u8 }
              |                         ^^^^^
              = help: did you mean `string`?
            """, failure.Message, ignoreLineEndingDifferences: true);
        var diagnostic = Assert.Single(failure.Diagnostics);
        Assert.Equal(("wit/app.wit", 4, 25, 5), (diagnostic.Path, diagnostic.Line, diagnostic.Column, diagnostic.Length));
    }

    [Fact]
    public void Mistakes_of_several_files_and_items_are_reported_together()
    {
        var syntax = Assert.Throws<WitException>(() => WitResolver.ParseFiles([("a.wit", "package a:b; interface {"), ("b.wit", "world w { import }")]));
        Assert.Equal(["a.wit:1:24", "b.wit:1:18"], syntax.Diagnostics.Select(d => d.Span.ToString()));
        var names = Assert.Throws<WitException>(() => WitResolver.Parse("package a:b; interface i { f: func(x: no1) -> no2; type t = list<no3>; g: func(); g: func(); }"));
        Assert.Equal(4, names.Diagnostics.Count);
    }

    [Theory]
    [InlineData("package a:b; interface i { f: func(x: u8, X: u8); }", "two parameters named `X`")]
    [InlineData("package a:b; interface i { type t = u8; T: func(); }", "differ only in case")]
    [InlineData("package a:b; interface i { record r { a: u8, A: u8 } }", "two parts named `A`")]
    [InlineData("package a:b; interface i { type list = u8; }", "write `%list`")]
    [InlineData("package a:b; interface i { resource r; f: func() -> option<borrow<r>>; }", "contains a `borrow` handle")]
    [InlineData("package a:b; interface i { type t = map<f32, u8>; }", "cannot be the key of a map")]
    [InlineData("package a:b; interface i { type t = list<u8, 0>; }", "0 is not a possible length")]
    [InlineData("package a:b; interface i { type t = float64; }", "the type is called `f64`")]
    [InlineData("package a:b; interface Foo-bAr {}", "mixes upper and lower case")]
    [InlineData("package a:b; interface a--b {}", "empty word")]
    [InlineData("package a:b; interface a-é {}", "cannot stand there")]
    [InlineData("package a:b; interface i { use a:b/j.{t}; } interface j { type t = u8; }", "without the package")]
    [InlineData("package a:b; world w { import c:d; }", "names a package")]
    [InlineData("package a:b; @since(version = 1.0.0) interface i {}", "needs a package with a version")]
    [InlineData("package a:b; interface i { @since(version = 1.0.0) @unstable(feature = x) f: func(); }", "not both")]
    [InlineData("package a:b; interface i { @deprecated(version = 1.0.0) f: func(); }", "stands alone")]
    [InlineData("package a:b; interface i { f: func() }", "expected `;`, found `}`")]
    [InlineData("package a:b; /* never closed", "never closed")]
    [InlineData("package a:b; interface i { @external-id(\"\\q\") f: func(); }", "no escape `\\q`")]
    [InlineData("package a:b; interface i { @external-id(\"\\ff\") f: func(); }", "not UTF-8")]
    [InlineData("package a:b@1.0; interface i {}", "is not a version")]
    [InlineData("package a:b; \u202e", "U+202E")]
    [InlineData("interface i {}", "there is no `package` statement")]
    public void Mistakes_have_a_message_of_their_own(string text, string part) =>
        Assert.Contains(part, Assert.Throws<WitException>(() => WitResolver.Parse(text)).Message, StringComparison.Ordinal);
}
