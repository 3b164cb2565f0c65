using Windhover.Wit.Model;
using Windhover.Wit.Tests.Suites;

namespace Windhover.Wit.Tests.Resolution;

public sealed class ResolverTests
{
    [Fact]
    public void Every_construct_survives_printing_and_reading()
    {
        foreach (var options in (WitOptions[])[new(), new() { AllFeatures = true }, new() { Features = ["hidden"] }])
        {
            var set = WitResolver.Parse(Samples.Everything, options: options);
            Assert.Null(RoundTrip.Difference(set, options));
            set.Main.TryGetInterface("kinds", out var kinds);
            Assert.Equal(options.AllFeatures || options.Features.Count > 0, kinds!.TryGetType("secret", out _));
        }
    }

    [Fact]
    public void Items_carry_documentation_gates_and_places()
    {
        var set = WitResolver.Parse(Samples.Everything, "sample.wit");
        Assert.Equal("The package.", set.Main.Docs);
        Assert.True(set.TryGetInterface("acme:sample/kinds@1.2.0", out var kinds));
        Assert.Equal("Types of every kind.", kinds.Docs);
        Assert.True(kinds.TryGetType("person", out var person));
        var name = ((WitRecord)person).Fields[0];
        Assert.Equal(("name", "Given name."), (name.Name, name.Docs));
        Assert.Equal("name", name.Span.Source!.Text.Substring(name.Span.Start, name.Span.Length));
        Assert.Equal($"sample.wit:{name.Span.Line}:{name.Span.Column}", name.Span.ToString());
        Assert.True(kinds.TryGetFunction("[method]file.stream", out var stream));
        Assert.Equal(("1.1.0", "1.2.0"), (stream.Stability.Since!.ToString(), stream.Stability.Deprecated!.ToString()));
        Assert.True(kinds.TryGetType("file", out var file));
        Assert.Equal("café \"x\"", file.ExternalId);
        Assert.True(kinds.TryGetType("surface", out var surface));
        Assert.True(surface is WitAlias { IsUse: true } && surface.IsResource);
        Assert.Equal("acme:library/shapes@0.3.1-rc.1", surface.Definition.Owner!.ToString());
    }

    [Fact]
    public void A_world_is_completed_in_order()
    {
        var world = WitResolver.Parse(Samples.Everything).SelectWorld("extended");
        Assert.Equal(
            ["acme:library/shapes@0.3.1-rc.1", "acme:sample/kinds@1.2.0", "cache", "wide", "second-cache", "paint", "own-record", "thing", "trace", "[constructor]thing", "[method]thing.touch"],
            world.Imports.Select(i => i.Name));
        Assert.Equal(["handle", "run", "acme:sample/store@1.2.0", "inner"], world.Exports.Select(i => i.Name));
        Assert.True(((WitInterfaceItem)world.Imports[0]).IsImplicit);
        Assert.True(world.TryGetType("thing", out var thing));
        Assert.Same(world, thing.Owner);
        Assert.Equal(2, ((WitResource)thing).Functions.Count);
    }

    [Fact]
    public void Files_are_grouped_by_their_paths()
    {
        (string, string)[] files =
        [
            (@"C:\deps\app\wit\world.wit", "package acme:app; world w { import a; import acme:one/i; import acme:two/i; }"),
            (@"C:\deps\app\wit\a.wit", "interface a { f: func(); }"),
            (@"C:\deps\app\wit\deps\one.wit", "package acme:one; interface i {}"),
            (@"C:\deps\app\wit\deps\two\x.wit", "package acme:two; interface i { use j.{t}; }"),
            (@"C:\deps\app\wit\deps\two\y.wit", "interface j { type t = u8; }"),
        ];
        var set = WitResolver.ParseFiles(files);
        Assert.Equal("acme:app", set.Main.ToString());
        Assert.Equal(["acme:app/a", "acme:one/i", "acme:two/j", "acme:two/i"], set.SelectWorld().Imports.Select(i => i.Name));
        Assert.Equal(5, set.Sources.Count);
    }

    [Fact]
    public void Known_packages_can_be_referred_to()
    {
        var known = WitResolver.Parse("package acme:known@1.0.0; interface i { record r { x: u8 } }").Main;
        var set = WitResolver.Parse("package acme:app; interface a { use acme:known/i@1.0.0.{r}; f: func() -> r; } world w { export a; }", options: new WitOptions { KnownPackages = [known] });
        Assert.Same(known, set.Packages[0]);
        Assert.Equal("acme:known/i@1.0.0", Assert.Single(set.SelectWorld().Imports).Name);
        Assert.Throws<WitException>(() => WitResolver.Parse("package acme:known@1.0.0;", options: new WitOptions { KnownPackages = [known] }));
    }

    [Fact]
    public void A_world_is_chosen_by_name_or_because_it_is_the_only_one()
    {
        var set = WitResolver.Parse("package a:b; world one {} world two {} package c:d@1.0.0 { world three {} } package c:d@2.0.0 { world three {} world four {} }");
        Assert.Equal("a:b/two", set.SelectWorld("two").QualifiedName);
        Assert.Equal("c:d/three@1.0.0", set.SelectWorld("c:d/three@1.0.0").QualifiedName);
        Assert.Equal("c:d/four@2.0.0", set.SelectWorld("c:d/four").QualifiedName);
        Assert.Contains("2 worlds", Assert.Throws<WitException>(() => set.SelectWorld()).Message, StringComparison.Ordinal);
        Assert.Contains("several versions", Assert.Throws<WitException>(() => set.SelectWorld("c:d/three")).Message, StringComparison.Ordinal);
        Assert.Contains("c:d/four@2.0.0", Assert.Throws<WitException>(() => set.SelectWorld("five")).Message, StringComparison.Ordinal);
    }
}
