using Windhover.Components.Binary;
using Windhover.Components.Tests.Suite;
using Windhover.Engine;
using Windhover.Wit;
using Windhover.Wit.Model;
using Windhover.Wit.Tests.Suites;

namespace Windhover.Components.Tests.Binary;

public class PackageWitTests(ITestOutputHelper output)
{
    [Fact]
    public void A_package_reads_back_as_it_was_written()
    {
        var set = ComponentWit.ReadPackage(WatCompiler.Compile(
            """
            (component
              (type $files (component
                (export "acme:fs/files@1.0.0" (instance
                  (export "file" (type $f (sub resource)))
                  (type $bytes (list u8))
                  (export "[method]file.read" (func (param "self" (borrow $f)) (param "n" u32) (result $bytes)))))))
              (export "files" (type $files))
              (type $open (component
                (import "acme:fs/files@1.0.0" (instance $files (export "file" (type (sub resource)))))
                (alias export $files "file" (type $f))
                (export "acme:fs/open@1.0.0" (instance
                  (alias outer 1 $f (type $outer))
                  (export "file" (type $g (eq $outer)))
                  (export "open" (func (param "name" string) (result (own $g))))))))
              (export "open" (type $open))
              (type $tool (component
                (export "acme:fs/tool@1.0.0" (component
                  (import "acme:fs/files@1.0.0" (instance (export "file" (type (sub resource)))))
                  (import "log" (func (param "text" string)))
                  (export "run" (func))))))
              (export "tool" (type $tool)))
            """));
        Assert.Equal(
            """
            package acme:fs@1.0.0;

            interface files {
              resource file {
                read: func(n: u32) -> list<u8>;
              }
            }

            interface open {
              use files.{file};

              open: func(name: string) -> file;
            }

            world tool {
              import files;
              import log: func(text: string);
              export run: func();
            }

            """,
            WitPrinter.Print(set));
    }

    [Theory]
    [InlineData("(component)")]
    [InlineData("(component (import \"f\" (func $f)) (export \"g\" (func $f)))")]
    [InlineData("(component (type $x (component (export \"x\" (func)))) (export \"x\" (type $x)))")]
    public void What_is_no_package_is_refused(string text) =>
        Assert.Throws<InvalidComponentException>(() => ComponentWit.ReadPackage(WatCompiler.Compile(text)));

    /// <summary>The two cases of the reference parser's suite that need packages in binary form; the other 72 are in Windhover.Wit.Tests.</summary>
    [Fact]
    public void Binary_packages_of_the_reference_suite_have_an_equal_model()
    {
        var folder = Suites.Require("wasm-tools/crates/wit-parser/tests/ui");
        Equal("simple-wasm-text.wit.json", ComponentWit.ReadPackage(WatCompiler.Compile(File.ReadAllText(Path.Combine(folder, "simple-wasm-text.wat")))));
        var deps = Path.Combine(folder, "kinds-of-deps", "deps");
        var known = new[]
        {
            ComponentWit.ReadPackage(WatCompiler.Compile(File.ReadAllText(Path.Combine(deps, "d.wat")))).Main,
            ComponentWit.ReadPackage(File.ReadAllBytes(Path.Combine(deps, "e.wasm"))).Main,
        };
        Equal("kinds-of-deps.wit.json", WitResolver.ParseDirectory(Path.Combine(folder, "kinds-of-deps"), new WitOptions { KnownPackages = known, PlainCommentsAsDocs = true }));
        output.WriteLine("suite: 2 of 2 binary packages with an equal model (wit-parser ui)");

        void Equal(string dump, WitPackageSet set)
        {
            var expected = ReferenceShape.Of(File.ReadAllText(Path.Combine(folder, dump))).ToJsonString(Json.Indented);
            var actual = WitShape.Of(set).ToJsonString(Json.Indented);
            Assert.True(expected == actual, $"{dump}: {Json.FirstDifference(expected, actual)}");
        }
    }
}
