using Windhover.Components.Binary;
using Windhover.Components.Types;

namespace Windhover.Components.Tests.Binary;

public class ComponentDecoderTests
{
    private static readonly byte[] Preamble = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];

    private static InvalidComponentException Refused(params byte[] sections) =>
        Assert.Throws<InvalidComponentException>(() => ComponentBinary.Decode((byte[])[.. Preamble, .. sections]));

    private static IReadOnlyList<Definition> Decode(params byte[] sections) =>
        ComponentBinary.Decode((byte[])[.. Preamble, .. sections]).Definitions;

    [Fact]
    public void Definitions_keep_their_order_across_sections()
    {
        var component = ComponentBinary.Decode(Samples.Structure);
        Assert.Equal(["log", "wasi:io/streams@0.2.4", "m", "r"], component.Imports.Select(i => i.Name.Raw));
        Assert.Equal(["run", "acme:app/api@1.2.3", "code"], component.Exports.Select(e => e.Name.Raw));
        Assert.True(component.Definitions.Zip(component.Definitions.Skip(1)).All(p => p.First.Offset < p.Second.Offset));
        var module = component.Definitions.OfType<CoreModuleDef>().First();
        Assert.Equal(WasmKind.CoreModule, WasmFile.Detect(module.Bytes.Span));
        Assert.Equal(module.Bytes, component.Bytes.Slice(module.Offset, module.Bytes.Length));
        Assert.True(component.TryGetCustomSection("component-name", out _));
        Assert.False(component.TryGetCustomSection("nothing", out _));
    }

    [Fact]
    public void Every_type_is_decoded()
    {
        var types = ComponentBinary.Decode(Samples.Types).Definitions.OfType<TypeDef>().Select(t => t.Type).ToList();
        string[] expected =
        [
            "Resource", "Record", "Variant", "List", "Tuple", "Flags", "Enum", "Option", "Result", "Own", "Borrow", "Stream", "Future", "Map",
            "Func", "Component", "Instance",
        ];
        Assert.Subset(types.Select(t => t.GetType().Name).ToHashSet(), expected.ToHashSet());
        Assert.Contains(types, t => t is TypeExpr.Func { IsAsync: true, Parameters: [{ Name: "x" }], Returns: not null });
        Assert.Contains(types, t => t is TypeExpr.Record { Fields: [{ Name: "g" }, ..] });
    }

    [Fact]
    public void Every_canonical_definition_is_decoded()
    {
        var canons = Samples.All.SelectMany(s => ComponentBinary.Decode(s).Definitions).OfType<CanonDef>().Select(c => c.Expr).ToList();
        var cases = typeof(CanonExpr).GetNestedTypes(System.Reflection.BindingFlags.NonPublic).Select(t => t.Name);
        Assert.Empty(cases.Except(canons.Select(c => c.GetType().Name)));
        Assert.Contains(canons, c => c is CanonExpr.Lift
        {
            Options: { Encoding: StringEncoding.Utf16, Memory: 0, Realloc: 0, PostReturn: 1, Async: false, Callback: null },
        });
        Assert.Contains(canons, c => c is CanonExpr.Lift { Options: { Encoding: StringEncoding.Latin1Utf16, Async: true, Callback: 2 } });
        Assert.Contains(canons, c => c is CanonExpr.StreamRead { Options: { Async: true, Memory: 0 } });
        Assert.Contains(canons, c => c is CanonExpr.ContextGet { Type: CoreValueType.I32, Slot: 0 });
    }

    [Fact]
    public void Names_are_taken_apart_and_keep_their_attributes()
    {
        var component = ComponentBinary.Decode(Samples.Compile(
            """
            (import "primary" (implements "wasi:keyvalue/store@0.2.0") (external-id "a b") (instance))
            (import "wasi:http/types@0.2" (versionsuffix ".4") (instance))
            """));
        var names = component.Imports.Select(i => i.Name).ToList();
        Assert.Equal(("wasi:keyvalue/store@0.2.0", "a b", ExternNameKind.Label), (names[0].Implements, names[0].ExternalId, names[0].Kind));
        Assert.Equal("0.2.0", names[0].SemanticInterface?.Version);
        Assert.Equal((".4", "wasi:http/types"), (names[1].VersionSuffix, names[1].Interface?.Unversioned));
        Assert.Equal(("input-stream", "read"), (ExternName.Parse("[method]input-stream.read").Resource, ExternName.Parse("[method]input-stream.read").Label));
        Assert.Equal(ExternNameKind.Static, ExternName.Parse("[static]fields.from-list").Kind);
        Assert.Equal("fields", ExternName.Parse("[constructor]fields").Resource);
        Assert.Equal(ExternNameKind.Other, ExternName.Parse("[method]nothing").Kind);
        Assert.Equal(ExternNameKind.Other, ExternName.Parse("url=<https://example.org>").Kind);
    }

    [Fact]
    public void Errors_name_the_place()
    {
        var error = Refused(7, 2, 1, 0x60);
        Assert.Equal((11, "type section"), (error.Offset, error.Section));
        Assert.Equal("unknown type 0x60 (at byte 11 (0xb) in the type section)", error.Message);
        Assert.Equal(12L, Refused(7, 3, 1, 0x70, 0x60).Offset);
    }

    [Fact]
    public void Lengths_and_counts_are_checked_before_they_are_believed()
    {
        Assert.Contains("5 bytes long, 1 remain", Refused(0, 5, 0).Message, StringComparison.Ordinal);
        Assert.Contains("4294967295 types announced", Refused(7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f).Message, StringComparison.Ordinal);
        Assert.Contains("ends 1 bytes before", Refused(7, 3, 1, 0x73, 0x73).Message, StringComparison.Ordinal);
        Assert.Contains("not a 32-bit LEB128", Refused(7, 5, 0xff, 0xff, 0xff, 0xff, 0x1f).Message, StringComparison.Ordinal);
        Assert.Contains("not valid UTF-8", Refused(0, 3, 2, 0xff, 0xfe).Message, StringComparison.Ordinal);
        Assert.Contains("unknown section id 13", Refused(13, 0).Message, StringComparison.Ordinal);
        Assert.Contains("conflicts with an earlier one", Refused(8, 8, 1, 0, 0, 0, 2, 0, 1, 0).Message, StringComparison.Ordinal);
        Assert.Single(Decode(7, 0x82, 0x80, 0x00, 1, 0x73));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        Assert.NotNull(ComponentBinary.Decode(Nested(ComponentDecoder.MaxDepth)));
        var error = Assert.Throws<InvalidComponentException>(() => ComponentBinary.Decode(Nested(ComponentDecoder.MaxDepth + 1)));
        Assert.Contains("more than 100 levels", error.Message, StringComparison.Ordinal);

        // 0x42 1 1: an instance type with one declarator, a type, which is an instance type …
        byte[] types = [1, .. Enumerable.Repeat<byte[]>([0x42, 1, 1], 50_000).SelectMany(b => b), 0x73];
        var size = new byte[] { (byte)(types.Length | 0x80), (byte)(types.Length >> 7 | 0x80), (byte)(types.Length >> 14) };
        Assert.Contains("more than 100 levels", Refused([7, .. size, .. types]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_told_apart()
    {
        Assert.Equal(WasmKind.Component, WasmFile.Detect(Preamble));
        Assert.Equal(WasmKind.CoreModule, WasmFile.Detect([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1]));
        Assert.Equal(WasmKind.NotWasm, WasmFile.Detect([]));
        Assert.Equal("an empty file", WasmFile.Explain([]));
        Assert.Contains("truncated", WasmFile.Explain([0, 0x61]), StringComparison.Ordinal);
        Assert.Contains("truncated", WasmFile.Explain([0, 0x61, 0x73, 0x6d, 1]), StringComparison.Ordinal);
        Assert.Contains("version 10", WasmFile.Explain([0, 0x61, 0x73, 0x6d, 10, 0, 1, 0]), StringComparison.Ordinal);
        Assert.Contains(".wat", WasmFile.Explain("  (module)"u8), StringComparison.Ordinal);
        Assert.Contains("WIT", WasmFile.Explain("package a:b;"u8), StringComparison.Ordinal);
        Assert.Contains("it starts with 23212f62", WasmFile.Explain("#!/bin/sh"u8), StringComparison.Ordinal);
        var error = Assert.Throws<InvalidComponentException>(() => ComponentBinary.Decode(new byte[] { 0, 0x61, 0x73, 0x6d, 1, 0, 0, 0 }));
        Assert.Contains("a core WebAssembly module", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Nested(int depth)
    {
        var bytes = Preamble;
        for (var i = 0; i < depth; i++)
            bytes = [.. Preamble, 4, (byte)(bytes.Length | 0x80), (byte)(bytes.Length >> 7), .. bytes];
        return bytes;
    }
}
