namespace Windhover.Cli.Tests.Commands;

public sealed class CallTests
{
    private const string Calculator = """
        (component
          (core module $m
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
            (func (export "echo") (param i32 i32) (result i32)
              (i32.store (i32.const 16) (local.get 0))
              (i32.store (i32.const 20) (local.get 1))
              (i32.const 16))
            (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
            (func (export "check") (param i32) (result i32) (local.get 0))
            (func (export "trap") (unreachable)))
          (core instance $i (instantiate $m))
          (func $echo (param "s" string) (result string)
            (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
          (func $add (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "add")))
          (func $check (param "fail" bool) (result (result)) (canon lift (core func $i "check")))
          (func $trap (canon lift (core func $i "trap")))
          (instance $api (export "add" (func $add)) (export "echo" (func $echo)) (export "check" (func $check)))
          (export "test:calc/api@1.2.0" (instance $api))
          (export "trap" (func $trap)))
        """;

    [Theory]
    [InlineData("test:calc/api@1.2.0#add")]
    [InlineData("test:calc/api@1.0.0#add")]
    [InlineData("test:calc/api#add")]
    [InlineData("api#add")]
    [InlineData("add")]
    public async Task A_function_has_a_long_name_and_short_ones(string name)
    {
        using var folder = new TempFolder();
        Assert.Equal("-1\n", (await Cli.Run("call", folder.Write("calc.wat", Calculator), name, "2", "-3")).Expect(0).Output);
    }

    [Fact]
    public async Task Values_are_json()
    {
        using var folder = new TempFolder();
        var file = folder.Write("calc.wat", Calculator);
        Assert.Equal("\"h\\\"é\"\n", (await Cli.Run("call", file, "echo", "\"h\\\"\\u00e9\"")).Expect(0).Output);
        Assert.Equal("{\"ok\":null}\n", (await Cli.Run("call", file, "check", "false")).Expect(0).Output);
        Assert.Equal("{\"error\":null}\n", (await Cli.Run("call", file, "check", "true")).Expect(1).Output);
    }

    [Theory]
    [InlineData(2, "argument `b` of `test:calc/api@1.2.0#add`, at $: expected `s32` (a whole number from -2147483648 to 2147483647), found a string", "add", "1", "\"2\"")]
    [InlineData(2, "takes 2 arguments, but 1 is given", "add", "1")]
    [InlineData(2, "a string is JSON too: '\"hello\"'", "echo", "hello")]
    [InlineData(2, "the nearest is `test:calc/api@1.2.0#echo`", "ecko", "1")]
    [InlineData(2, "exports no function `other#add`", "other#add", "1", "2")]
    [InlineData(134, "'unreachable'", "trap")]
    public async Task What_does_not_fit_is_named(int status, string text, params string[] call)
    {
        using var folder = new TempFolder();
        (await Cli.Run(["call", folder.Write("calc.wat", Calculator), .. call])).ExpectError(status, text);
    }

    [Fact]
    public async Task Core_modules_take_and_give_numbers()
    {
        using var folder = new TempFolder();
        var file = folder.Write("core.wat", """
            (module
              (global $ready (mut i32) (i32.const 0))
              (func (export "_initialize") (global.set $ready (i32.const 1)))
              (func (export "ready") (result i32) (global.get $ready))
              (func (export "div") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
              (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
              (func (export "vector") (result v128) (v128.const i64x2 0 0)))
            """);
        Assert.Equal("1\n", (await Cli.Run("call", file, "ready")).Expect(0).Output);
        Assert.Equal("0.5\n", (await Cli.Run("call", file, "div", "1", "2")).Expect(0).Output);
        Assert.Equal("\"Infinity\"\n", (await Cli.Run("call", file, "div", "1", "0")).Expect(0).Output);
        Assert.Equal("[\"-9223372036854775808\",-1]\n", (await Cli.Run("call", file, "swap", "4294967295", "\"-9223372036854775808\"")).Expect(0).Output);
        (await Cli.Run("call", file, "vector")).ExpectError(2, "a `v128` has no JSON form");
        (await Cli.Run("call", file, "div", "1", "x")).ExpectError(2, "argument 2 of `div` is of type `f64`");
    }

    [Fact]
    public async Task A_module_with_foreign_imports_names_them() =>
        (await Cli.Run("call", Cli.Guest("rust-core/rust-core.wasm"), "add", "1", "2")).ExpectError(1, "imports `host` `notify`, which nobody here provides");

    [Fact]
    public async Task A_component_that_imports_wasi_has_it()
    {
        using var folder = new TempFolder();
        var file = folder.Write("clock.wat", """
            (component
              (import "wasi:clocks/monotonic-clock@0.2.3" (instance $clock (export "now" (func (result u64)))))
              (core func $now (canon lower (func $clock "now")))
              (core module $m
                (import "host" "now" (func $now (result i64)))
                (func (export "later") (result i32) (i64.ge_u (call $now) (i64.const 0))))
              (core instance $i (instantiate $m (with "host" (instance (export "now" (func $now))))))
              (func (export "later") (result bool) (canon lift (core func $i "later"))))
            """);
        Assert.Equal("true\n", (await Cli.Run("call", file, "later")).Expect(0).Output);
    }

    // Answers 7 when it has given way three times.
    private const string Asynchronous = """
        (component
          (core module $m
            (import "host" "task.return" (func $return (param i32)))
            (global $turns (mut i32) (i32.const 0))
            (func (export "start") (result i32) (i32.const 1))
            (func (export "turn") (param i32 i32 i32) (result i32)
              (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
              (if (result i32) (i32.lt_u (global.get $turns) (i32.const 3))
                (then (i32.const 1))
                (else (call $return (i32.const 7)) (i32.const 0)))))
          (core func $return (canon task.return (result u32)))
          (core instance $i (instantiate $m (with "host" (instance (export "task.return" (func $return))))))
          (func (export "seven") async (result u32) (canon lift (core func $i "start") async (callback (core func $i "turn")))))
        """;

    [Fact]
    public async Task Asynchronous_functions_are_waited_for()
    {
        using var folder = new TempFolder();
        var file = folder.Write("async.wat", Asynchronous);
        Assert.Equal("7\n", (await Cli.Run("call", file, "seven")).Expect(0).Output);
    }
}
