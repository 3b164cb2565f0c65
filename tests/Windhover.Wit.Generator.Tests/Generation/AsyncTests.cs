using Windhover.Wit.Generator.Tests.Harness;

namespace Windhover.Wit.Generator.Tests.Generation;

/// <summary>The C# of the asynchronous types, as docs/bindings.md states it.</summary>
public sealed class AsyncTests
{
    private const string Wit = """
        package t:p;
        interface i {
          type s = stream<u8>;
          resource r { wait: async func(cancellation-token: u8); make: static async func() -> r; }
          record parts { name: string, body: stream<u8>, rest: future<result<option<string>, u32>>, items: stream<list<u32>> }
          variant v { a(future), b(stream<parts>) }
          plain: func() -> u32;
          streams: func(a: stream<u8>, b: stream<string>, c: stream) -> tuple<s, future<result<_, u32>>>;
          nested: func(p: parts) -> parts;
          variants: async func(x: v) -> list<v>;
          later: async func(a: list<u8>, b: string) -> result<u32, string>;
          check: async func(a: list<string>) -> result<_, string>;
          many: async func(a: u64, b: u64, c: string, d: f32, e: r) -> u8;
          resources: async func(r: stream<r>) -> stream<r>;
          errors: func(e: error-context) -> option<error-context>;
          deep: func(x: stream<stream<tuple<u8, string>>>) -> future<future>;
        }
        world a { import i; export i; }
        """;

    [Theory]
    [InlineData("")]
    [InlineData(", Results = ResultStyle.Exceptions")]
    public void Everything_compiles_both_ways(string style)
    {
        GeneratorRun.Of($"using Windhover.Components.Bindings;\n[WitWorld(\"a\"{style})] public sealed partial class World;", ("wit/a.wit", Wit)).MustBeClean();
    }

    [Fact]
    public void Signatures()
    {
        GeneratorRun run = GeneratorRun.Of("using Windhover.Components.Bindings;\n[WitWorld(\"a\")] public sealed partial class World;", ("wit/a.wit", Wit)).MustBeClean();
        const string Async = "global::Windhover.Components.Async.";
        const string Bindings = "global::Windhover.Components.Bindings.";
        const string Task = "global::System.Threading.Tasks.ValueTask";
        string import = run.Sources.Single(s => s.HintName.EndsWith("T.P.I.Import.g.cs", StringComparison.Ordinal)).SourceText.ToString();
        Assert.Contains($"{Task}<{Bindings}Result<uint, string>> LaterAsync(byte[] a, string b, global::System.Threading.CancellationToken cancellationToken);", import, StringComparison.Ordinal);
        Assert.Contains($"{Task} WaitAsync(byte cancellationToken, global::System.Threading.CancellationToken callCancellation);", import, StringComparison.Ordinal);
        Assert.Contains(
            $"({Async}HostStream, {Async}HostFuture<{Bindings}Result<{Bindings}Unit, uint>>) Streams({Async}GuestStreamReader a, {Async}GuestStreamReader<string> b, {Async}GuestStreamReader c);",
            import,
            StringComparison.Ordinal);
        Assert.Contains($"{Async}HostFuture<{Async}HostFuture<{Bindings}Unit>> Deep({Async}GuestStreamReader<{Async}GuestStreamReader<(byte, string)>> x);", import, StringComparison.Ordinal);
        string export = run.Sources.Single(s => s.HintName.EndsWith("T.P.I.Export.g.cs", StringComparison.Ordinal)).SourceText.ToString();
        Assert.Contains(
            "LaterAsync(global::Windhover.Components.Linking.ComponentInstance instance, global::System.ReadOnlyMemory<byte> a, string b, global::System.Threading.CancellationToken cancellationToken = default)",
            export,
            StringComparison.Ordinal);
    }
}
