using System.Text;
using Windhover.Wit.Generator.Tests.Harness;

namespace Windhover.Wit.Generator.Tests.Generation;

/// <summary>WIT that is legal but unkind: the output must compile without a complaint in both directions.</summary>
public sealed class NamesTests
{
    [Fact]
    public void Keywords_and_members_of_object()
    {
        Clean("""
            package system:microsoft;
            interface class {
              record event { event: u8, to-string: string, equality-contract: u8, clone: bool, get-type: s8, object: string }
              variant value { value(string), instance, discriminant, to-string(u8), other(list<string>) }
              enum none { none, object, %string }
              flags bits { none, all }
              resource error { constructor(this: u8); get-type: func() -> u8; dispose: func(); to-string: static func(value: u8, values: list<u8>) -> value; error: func(); instance: func() -> u32; }
              get-type: func(class: u8, instance: string, call: event, context: list<event>, host: value, %result: none, self: bits) -> option<event>;
              new: func(in: own<error>, ref: borrow<error>, out: list<borrow<error>>) -> option<error>;
              bind: func() -> u32;
              a1: func(a-1: u8, a1: u8); a-1: func();
            }
            world a { import class; export class; }
            """);
    }

    [Fact]
    public void Interface_and_resource_of_one_name()
    {
        GeneratorRun run = Clean("""
            package t:p;
            interface network { resource network { constructor(); } connect: func() -> network; }
            interface user { use network.{network as net}; use-it: func(n: borrow<net>) -> net; }
            world a { import network; import user; export network; export user; }
            """);
        Assert.Contains("public interface INetworkFunctions", All(run), StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_types_and_interfaces_of_the_world_itself()
    {
        GeneratorRun run = Clean("""
            package t:p;
            world a {
              record point { x: u8 }
              resource thing { constructor(); peek: func() -> u32; }
              import f: func(p: point, t: borrow<thing>) -> thing;
              import inner: interface { g: func() -> string; }
              export h: func(p: point) -> point;
              export outer: interface { record r { s: string } k: func(v: r) -> r; }
            }
            """);
        Assert.Contains("public static void Define(global::Windhover.Components.Linking.ComponentLinker linker,", All(run), StringComparison.Ordinal);
        Assert.Contains("public global::Acme.T.P.A.AExports Functions { get; }", All(run), StringComparison.Ordinal);
        Assert.Contains("namespace Acme.T.P.A.Outer;", All(run), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_versions_of_one_package()
    {
        GeneratorRun run = Clean(
            "package t:p;\nworld a { import q:r/i@1.0.0; import q:r/i@2.0.0; }",
            ("wit/deps/one/r.wit", "package q:r@1.0.0;\ninterface i { f: func(); }"),
            ("wit/deps/two/r.wit", "package q:r@2.0.0;\ninterface i { f: func() -> u8; }"));
        Assert.Contains("namespace Acme.Q.R_1_0_0.I;", All(run), StringComparison.Ordinal);
        Assert.Contains("namespace Acme.Q.R_2_0_0.I;", All(run), StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_and_lists_of_fixed_length()
    {
        const string Functions = """
              f: func(a: map<string, list<u8>>, b: list<u16, 3>, c: option<map<u8, list<list<u32>, 2>>>, d: list<u8, 4>) -> map<u32, tuple<string, list<string, 2>>>;
              g: func(a: list<u8, 20>) -> list<f32, 1>;
            """;
        Clean($"package t:p;\ninterface i {{\n{Functions}}}\nworld a {{ import i; export i; }}");
    }

    [Fact]
    public void Results_as_exceptions()
    {
        GeneratorRun run = Clean(
            """
            package t:p;
            interface i { enum e { x } a: func() -> result<u32, e>; b: func() -> result<_, e>; c: func() -> result; d: func(r: result<u8>) -> result<list<u8>, string>; }
            world a { import i; export i; }
            """,
            attribute: "Results = ResultStyle.Exceptions");
        string text = All(run);
        Assert.Contains("uint A();", text, StringComparison.Ordinal);
        Assert.Contains("void B();", text, StringComparison.Ordinal);
        Assert.Contains("global::System.ReadOnlyMemory<byte> D(global::Windhover.Components.Bindings.Result<byte, global::Windhover.Components.Bindings.Unit> r);", text, StringComparison.Ordinal);
        Assert.Contains("byte[] D(global::Windhover.Components.Linking.ComponentInstance instance,", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Unstable_functions_come_with_their_feature()
    {
        const string Wit = "package t:p;\ninterface i { @unstable(feature = later) f: func(); g: func(); }\nworld a { import i; }";
        Assert.DoesNotContain("void F();", All(Clean(Wit)), StringComparison.Ordinal);
        Assert.Contains("void F();", All(Clean(Wit, attribute: "Features = [\"later\"]")), StringComparison.Ordinal);
    }

    [Fact]
    public void Documentation_becomes_documentation()
    {
        string text = All(Clean("package t:p;\ninterface i {\n  /// Less than `<b>` & more.\n  ///\n  /// Second part.\n  f: func();\n}\nworld a { import i; export i; }"));
        Assert.Contains("/// Less than `&lt;b&gt;` &amp; more.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void External_packages_are_used_and_not_generated()
    {
        const string Dep = "package q:r@1.0.0;\ninterface i { resource s; record p { x: u8 } f: func(s: borrow<s>) -> p; }";
        (string, string)[] wit = [("wit/a.wit", "package t:p;\ninterface j { use q:r/i@1.0.0.{s, p}; g: func(s: s) -> p; }\nworld a { import j; export j; }\nworld b { import q:r/i@1.0.0; }"), ("wit/deps/r/r.wit", Dep)];
        GeneratorRun run = GeneratorRun.Of(
            """
            using Windhover.Components.Bindings;
            namespace Base { [WitWorld("t:p/b")] public static partial class Host; }
            namespace Acme { [WitWorld("t:p/a"), WitExternal("q:r", "Base")] public sealed partial class World; }
            """,
            wit).MustBeClean();
        Assert.DoesNotContain("namespace Acme.Q", All(run), StringComparison.Ordinal);
        Assert.Contains("global::Base.Q.R.I.P G(global::Base.Q.R.I.IS s);", All(run), StringComparison.Ordinal);
    }

    private static GeneratorRun Clean(string wit, params (string, string)[] more) => Clean(wit, "", more);

    private static GeneratorRun Clean(string wit, string attribute, params (string, string)[] more) => GeneratorRun.Of(
        $"using Windhover.Components.Bindings;\nnamespace Acme;\n[WitWorld(\"a\"{(attribute.Length == 0 ? "" : ", " + attribute)})] public sealed partial class World;",
        [("wit/a.wit", wit), .. more]).MustBeClean();

    private static string All(GeneratorRun run) => run.Sources.Aggregate(new StringBuilder(), (text, s) => text.Append(s.SourceText)).ToString();
}
