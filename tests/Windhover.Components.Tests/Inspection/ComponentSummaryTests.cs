using CsCheck;
using Windhover.Components.Binary;
using Windhover.Components.Inspection;
using Windhover.Engine;

namespace Windhover.Components.Tests.Inspection;

public sealed class ComponentSummaryTests
{
    // language: Rust 1.95, Zig; processed-by: clang 22.1. One field per module, and the Zig entry in both.
    private const string Made = """
        (component
          (import "acme:db/store@1.0.0" (instance (export "get" (func))))
          (type $n u32)
          (import "size" (type (eq $n)))
          (core module (@custom "producers" "\01\08language\02\04Rust\041.95\03Zig\00"))
          (component $inner
            (core module (@custom "producers" "\02\08language\01\03Zig\00\0cprocessed-by\01\05clang\0422.1")))
          (core module (@custom "producers" "\7f\7f"))
          (export "inner" (component $inner)))
        """;

    [Fact]
    public void Names_sizes_and_tools_are_read()
    {
        var summary = ComponentSummary.Read(WatCompiler.Compile(Made));
        Assert.Equal([new SummaryItem("acme:db/store@1.0.0", "instance")], summary.Imports);
        Assert.Equal([new SummaryItem("inner", "component")], summary.Exports);
        Assert.Equal(3, summary.CoreModuleSizes.Count);
        Assert.Equal(
            [new Producer("language", "Rust", "1.95"), new Producer("language", "Zig", ""), new Producer("processed-by", "clang", "22.1")],
            summary.Producers);
    }

    [Fact]
    public void Any_bytes_give_a_summary_or_the_one_exception()
    {
        var bytes = WatCompiler.Compile(Made);
        Gen.Int[8, bytes.Length - 1].Select(Gen.Byte).Array[1, 4].Sample(
            changes =>
            {
                var copy = bytes.ToArray();
                foreach (var (at, value) in changes)
                    copy[at] = value;
                try
                {
                    return ComponentSummary.Read(copy) is not null;
                }
                catch (InvalidComponentException)
                {
                    return true;
                }
            },
            iter: 20_000);
    }
}
