using CsCheck;
using Windhover.Components.Binary;
using Windhover.Components.Tests.Suite;
using Windhover.Wit;

namespace Windhover.Components.Tests.Binary;

public class ComponentWitTests(ITestOutputHelper output)
{
    [Fact]
    public void Imports_and_exports_read_back_as_they_were_written()
    {
        var wit = ComponentWit.Read(Samples.Compile(
            """
            (import "acme:base/types@1.2.0" (instance $types
              (export "handle" (type $handle (sub resource)))
              (type $point' (record (field "x" u32) (field "y" (option f64))))
              (export "point" (type $point (eq $point')))
              (type $duration' u64) (export "duration" (type (eq $duration')))
              (export "[constructor]handle" (func (param "at" $point) (result (own $handle))))
              (export "[method]handle.move" (func (param "self" (borrow $handle)) (param "by" $point) (result (result (error string)))))
              (export "[static]handle.count" (func (result u32)))))
            (alias export $types "handle" (type $h)) (alias export $types "point" (type $p))
            (import "host" (instance
              (alias outer 1 $p (type $p2)) (export "spot" (type $spot (eq $p2)))
              (alias outer 1 $h (type $h2)) (export "handle" (type $h3 (eq $h2)))
              (export "take" (func async (param "h" (own $h3)) (param "spots" (list $spot)) (result (stream u8))))))
            (type $mode' (enum "on" "off")) (import "mode" (type $mode (eq $mode')))
            (import "switch" (func $switch (param "to" $mode)))
            (import "store" (implements "acme:base/store@1.2.0") (instance (export "get" (func (param "key" string) (result (option string))))))
            (import "blob" (core module))
            (component $shim
              (type $m1 (enum "on" "off"))
              (import "m" (type $m (eq $m1)))
              (import "f" (func $f (param "to" $m)))
              (export $m2 "mode" (type $m))
              (export "run" (func $f) (func (param "to" $m2))))
            (export "again" (func $switch))
            (instance $api (instantiate $shim (with "f" (func $switch)) (with "m" (type $mode))))
            (export "acme:app/api@0.1.0" (instance $api))
            """));
        Assert.Equal(
            """
            package root:component;

            world root {
              import acme:base/types@1.2.0;

              import host: interface {
                use acme:base/types@1.2.0.{point as spot, handle};

                take: async func(h: handle, spots: list<spot>) -> stream<u8>;
              }

              import store: acme:base/store@1.2.0;

              enum mode {
                on,
                off,
              }

              import switch: func(to: mode);
              export again: func(to: mode);
              export acme:app/api@0.1.0;
            }

            package acme:app@0.1.0 {
              interface api {
                enum mode {
                  on,
                  off,
                }

                run: func(to: mode);
              }
            }

            package acme:base@1.2.0 {
              interface types {
                resource handle {
                  constructor(at: point);
                  move: func(by: point) -> result<_, string>;
                  count: static func() -> u32;
                }

                record point {
                  x: u32,
                  y: option<f64>,
                }

                type duration = u64;
              }

              interface store {
                get: func(key: string) -> option<string>;
              }
            }

            """.ReplaceLineEndings("\n"),
            wit.ToString());
        Assert.Equal(["the import `blob` is a core module"], wit.NotInWit);
        Assert.Equal(wit.ToString(), WitPrinter.Print(WitResolver.Parse(wit.ToString())));
    }

    [Fact]
    public void Every_component_of_the_wasi_testsuite_reads_as_wit()
    {
        var folder = Suites.Require("wasi-testsuite-base/tests/rust/testsuite/wasm32-wasip3");
        var read = 0;
        foreach (var file in Directory.GetFiles(folder, "*.wasm"))
        {
            var wit = ComponentWit.Read(File.ReadAllBytes(file));
            Assert.Empty(wit.NotInWit);
            Assert.Equal(wit.ToString(), WitPrinter.Print(WitResolver.Parse(wit.ToString())));
            read++;
        }

        output.WriteLine($"wasi-testsuite p3 components read as WIT and back: {read} of {read}");
    }

    [Fact]
    public void A_component_of_many_instances_is_refused_in_time()
    {
        // Each level instantiates the one before twice: 2⁴⁰ instances.
        var text = "(component $c0)" + string.Concat(Enumerable.Range(1, 40).Select(i =>
            $"(component $c{i} (alias outer 1 $c{i - 1} (component $p)) (instance (instantiate $p)) (instance (instantiate $p)))")) + "(instance (instantiate $c40))";
        var error = Assert.Throws<InvalidComponentException>(() => ComponentWit.Read(Samples.Compile(text)));
        Assert.Contains("1000000 definitions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutations_never_escape() => HostileInputTests.Damaged.Sample(
        bytes =>
        {
            try
            {
                Assert.NotNull(ComponentWit.Read(bytes).ToString());
            }
            catch (InvalidComponentException)
            {
                return;
            }
        },
        iter: 20_000);
}
