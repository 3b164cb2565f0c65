using Windhover.Wit.Model;
using Windhover.Wit.Tests.Suites;

namespace Windhover.Wit.Tests.Model;

/// <summary>A model can be put together by code, as a reader of component binaries does, and is equal to the one read from text.</summary>
public sealed class BuildingTests
{
    [Fact]
    public void A_model_built_by_code_equals_the_text_it_prints()
    {
        var version = WitVersion.Parse("1.0.0");
        var io = new WitPackage(new WitPackageName("acme", "io", version));
        var streams = new WitInterface("streams") { Docs = "Streams." };
        var input = new WitResource("input");
        streams.Add(input);
        io.Add(streams);
        streams.Add(new WitFunction(WitFunctionKind.Constructor, input, "", [], new WitOwnType(input)));
        streams.Add(new WitFunction(WitFunctionKind.Method, input, "read",
            [new WitParameter("self", new WitBorrowType(input)), new WitParameter("n", WitPrimitive.U64)], new WitResultType(new WitListType(WitPrimitive.U8), null))
        { IsAsync = true });

        var app = new WitPackage(new WitPackageName("acme", "app"));
        var handler = new WitInterface("handler");
        var used = new WitAlias("input", input);
        handler.Add(used);
        handler.Add(new WitFunction("handle", [new WitParameter("body", new WitOwnType(used))], null));
        app.Add(handler);
        var world = new WitWorld("service");
        app.Add(world);
        world.AddImport(new WitInterfaceItem(streams));
        var inline = new WitInterface(null);
        inline.Add(new WitFunction("log", [new WitParameter("text", WitPrimitive.String)], null));
        world.AddImport(new WitInterfaceItem(inline, "logging"));
        world.AddExport(new WitInterfaceItem(handler));
        var set = new WitPackageSet(app, [io, app]);

        Assert.Equal("""
            package acme:app;

            interface handler {
              use acme:io/streams@1.0.0.{input};

              handle: func(body: input);
            }

            world service {
              import acme:io/streams@1.0.0;

              import logging: interface {
                log: func(text: string);
              }

              export handler;
            }

            package acme:io@1.0.0 {
              /// Streams.
              interface streams {
                resource input {
                  constructor();
                  read: async func(n: u64) -> result<list<u8>>;
                }
              }
            }

            """, WitPrinter.Print(set));
        Assert.Null(RoundTrip.Difference(set));
        Assert.True(used.IsUse);
        Assert.Same(input, used.Definition);
        Assert.Equal(["[constructor]input", "[method]input.read"], input.Functions.Select(f => f.CanonicalName));
        Assert.Same(app, inline.Package);
    }

    [Fact]
    public void Names_are_unique_and_owners_final()
    {
        var a = new WitInterface("a");
        var type = new WitEnum("e", [new WitLabel("x")]);
        a.Add(type);
        Assert.Throws<ArgumentException>(() => a.Add(new WitFlags("e", [])));
        Assert.Throws<ArgumentException>(() => new WitInterface("b").Add(type));
        a.Add(new WitFunction("f", [], null));
        Assert.Throws<ArgumentException>(() => a.Add(new WitFunction("f", [], null)));
        Assert.Throws<ArgumentException>(() => new WitInterfaceItem(new WitInterface(null)));
        Assert.Throws<ArgumentException>(() => new WitFunction(WitFunctionKind.Method, null, "m", [], null));
        Assert.Throws<ArgumentException>(() => new WitWorld("w").AddExport(new WitTypeItem(new WitResource("r"))));
    }

    [Fact]
    public void A_type_of_another_interface_needs_an_alias_to_be_printed()
    {
        var package = new WitPackage(new WitPackageName("a", "b"));
        var first = new WitInterface("first");
        var type = new WitRecord("r", []);
        first.Add(type);
        var second = new WitInterface("second");
        second.Add(new WitFunction("f", [new WitParameter("x", type)], null));
        package.Add(first);
        package.Add(second);
        Assert.Contains("no alias", Assert.Throws<ArgumentException>(() => WitPrinter.Print(package)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_size_and_borrows_are_known_from_the_start()
    {
        var resource = new WitResource("r");
        var record = new WitRecord("x", [new WitField("a", new WitOptionType(new WitBorrowType(resource))), new WitField("b", WitPrimitive.U8)]);
        var alias = new WitAlias("y", new WitListType(record));
        Assert.Equal((6, 7, true), (alias.Depth, alias.Size, alias.ContainsBorrow));
        Assert.False(new WitOwnType(resource).ContainsBorrow);
    }
}
