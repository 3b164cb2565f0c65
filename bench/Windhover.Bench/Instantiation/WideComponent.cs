using System.Text;

namespace Windhover.Bench.Instantiation;

// A component as wit-component shapes one that imports 15 interfaces of 4 functions (about what a WASI 0.2 program imports):
//
//   shim    45 trampolines through a table that is still empty: those functions need main's memory, which is not there yet
//   main    imports 15 functions of numbers from the host and 45 from the shim; 17 pages of memory, 200 functions, a filled table
//   fixup   fills the shim's table with the 45 lowered functions
//
// Its export `run(n: u32) -> u32` writes to two pages and calls one host function.
internal static class WideComponent
{
    public const int Interfaces = 15;
    public const int Functions = 4;

    public static string InterfaceName(int i) => $"bench:wide/face{i}@0.2.0";

    public static string FunctionName(int j) => $"do-{(char)('a' + j)}";

    /// <summary>Main alone, for the engine without a component.</summary>
    public static string Main => $"(module {MainBody()})";

    public static string Text()
    {
        var text = new StringBuilder("(component\n");
        ForEachInterface(text, i => $"(import \"{InterfaceName(i)}\" (instance $i{i} {Join(Functions, j => $"(export \"{FunctionName(j)}\" (func {Type(j)}))")}))");
        text.Append($"(core module $MAIN {MainBody()})\n(core module $SHIM {ShimBody()})\n(core module $FIXUP {FixupBody()})\n");
        text.Append("(core instance $shim (instantiate $SHIM))\n");
        ForEachInterface(text, i => $"(core func $direct{i} (canon lower (func $i{i} \"{FunctionName(0)}\")))");
        text.Append("(core instance $main (instantiate $MAIN\n");
        ForEachInterface(text, i => $"(with \"{InterfaceName(i)}\" (instance (export \"{FunctionName(0)}\" (func $direct{i}))"
            + Join(Functions - 1, j => $" (export \"{FunctionName(j + 1)}\" (func $shim \"{Entry(i, j + 1)}\"))") + "))");
        text.Append("))\n");
        ForEachInterface(text, i => Join(Functions - 1, j => $"(core func $lowered{Entry(i, j + 1)} (canon lower (func $i{i} \"{FunctionName(j + 1)}\")"
            + " (memory (core memory $main \"memory\")) (realloc (core func $main \"realloc\"))))\n"));
        text.Append("(core instance (instantiate $FIXUP (with \"\" (instance (export \"$imports\" (table $shim \"$imports\"))");
        text.Append(Join(Entries, e => $" (export \"{e}\" (func $lowered{e}))")).Append("))))\n");
        text.Append("(func (export \"run\") (param \"n\" u32) (result u32) (canon lift (core func $main \"run\"))))");
        return text.ToString();
    }

    private const int Entries = Interfaces * (Functions - 1);

    private static int Entry(int i, int j) => (i * (Functions - 1)) + j - 1;

    private static string Type(int j) => j switch
    {
        0 => "(param \"a\" u32) (result u32)",
        1 => "(param \"s\" string) (result u32)",
        2 => "(param \"a\" u32) (param \"b\" (list u8)) (result (list u8))",
        _ => "(param \"a\" u32) (result (result string (error u32)))",
    };

    /// <summary>Number of flat parameters, all of them i32, and of results.</summary>
    public static (int Parameters, int Results) Flat(int j) => j switch { 0 => (1, 1), 1 => (2, 1), 2 => (4, 0), _ => (2, 0) };

    private static string CoreType(int j)
    {
        (int parameters, int results) = Flat(j);
        return $"(param {Join(parameters, _ => "i32 ")})" + (results > 0 ? " (result i32)" : "");
    }

    private static string MainBody()
    {
        var text = new StringBuilder();
        ForEachInterface(text, i => Join(Functions, j => $"(import \"{InterfaceName(i)}\" \"{FunctionName(j)}\" (func $f{i}_{j} {CoreType(j)}))\n"));
        text.Append("(memory (export \"memory\") 17) (table 64 funcref) (data (i32.const 4096) \"some bytes that make an image of the memory\")\n");
        text.Append("(func (export \"realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 0x8000))\n");
        text.Append("(func (export \"run\") (param i32) (result i32)\n");
        text.Append("  (i32.store (i32.const 512) (local.get 0)) (i32.store (i32.const 70000) (local.get 0)) (call $f3_0 (local.get 0)))\n");
        text.Append(Join(200, i => $"(func $g{i} (param i32) (result i32) (call $f{i % Interfaces}_0 (local.get 0)))\n"));
        return text.Append($"(elem (i32.const 1) {Join(60, i => $"$g{i} ")})").ToString();
    }

    private static string ShimBody()
    {
        var text = new StringBuilder($"(table (export \"$imports\") {Entries} funcref)\n");
        ForEachInterface(text, i => Join(Functions - 1, j => $"(func (export \"{Entry(i, j + 1)}\") {CoreType(j + 1)} "
            + $"{Join(Flat(j + 1).Parameters, p => $"(local.get {p}) ")}(call_indirect {CoreType(j + 1)} (i32.const {Entry(i, j + 1)})))\n"));
        return text.ToString();
    }

    private static string FixupBody()
    {
        var text = new StringBuilder($"(import \"\" \"$imports\" (table {Entries} funcref))\n");
        ForEachInterface(text, i => Join(Functions - 1, j => $"(import \"\" \"{Entry(i, j + 1)}\" (func $f{Entry(i, j + 1)} {CoreType(j + 1)}))\n"));
        return text.Append($"(elem (i32.const 0) {Join(Entries, e => $"$f{e} ")})").ToString();
    }

    private static void ForEachInterface(StringBuilder text, Func<int, string> line) => text.AppendJoin('\n', Enumerable.Range(0, Interfaces).Select(line)).Append('\n');

    private static string Join(int count, Func<int, string> item) => string.Concat(Enumerable.Range(0, count).Select(item));
}
