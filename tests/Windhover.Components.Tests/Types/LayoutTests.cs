using CsCheck;
using Windhover.Components.Binary;
using Windhover.Components.Types;
using static Windhover.Components.Types.CoreValueType;

namespace Windhover.Components.Tests.Types;

public class LayoutTests
{
    [Fact]
    public void Record_fields_are_placed_at_their_alignment()
    {
        var record = new RecordType([new("a", PrimitiveType.U8), new("b", PrimitiveType.U32), new("c", PrimitiveType.U8), new("d", PrimitiveType.U64)]);
        Assert.Equal([0, 4, 8, 16], record.Offsets);
        Assert.Equal(24, record.Size);
        Assert.Equal(8, record.Alignment);
        Assert.Equal([I32, I32, I32, I64], record.FlatTypes);
        Assert.Equal("record { a: u8, b: u32, c: u8, d: u64 }", record.ToString());
    }

    [Fact]
    public void Cases_of_a_variant_are_joined()
    {
        var variant = new VariantType([new("a", PrimitiveType.F32), new("b", PrimitiveType.U64), new("c", PrimitiveType.String), new("d", null)]);
        Assert.Equal([I32, I64, I32], variant.FlatTypes);
        Assert.Equal((1, 8, 16, 8), (variant.DiscriminantSize, variant.PayloadOffset, variant.Size, variant.Alignment));
        Assert.Equal([I32, I32], new ResultType(PrimitiveType.F32, PrimitiveType.S8).FlatTypes);
        Assert.Equal([I32, F32], new OptionType(PrimitiveType.F32).FlatTypes);
        Assert.Equal([I32, I64], new ResultType(PrimitiveType.F32, PrimitiveType.F64).FlatTypes);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(65536, 2)]
    [InlineData(65537, 4)]
    public void The_discriminant_grows_with_the_number_of_cases(int cases, int size)
    {
        var type = new EnumType(Enumerable.Range(0, cases).Select(i => $"c{i}"));
        Assert.Equal((size, size, size), (type.DiscriminantSize, type.Size, type.Alignment));
        Assert.Equal(cases - 1, type.Labels.IndexOf($"c{cases - 1}"));
        Assert.Equal(-1, type.Labels.IndexOf("none"));
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(17, 4)]
    [InlineData(32, 4)]
    public void Flags_take_one_two_or_four_bytes(int labels, int size) =>
        Assert.Equal(size, new FlagsType(Enumerable.Range(0, labels).Select(i => $"l{i}")).Size);

    [Fact]
    public void Contents_are_known()
    {
        var resource = new ResourceType("r");
        var type = new ListType(new TupleType([new BorrowType(resource), new StreamType(PrimitiveType.U8)]));
        Assert.True(type is { ContainsPointers: true, ContainsBorrow: true, ContainsHandles: true, ContainsStreams: true });
        Assert.True(new OwnType(resource) is { ContainsPointers: false, ContainsBorrow: false, ContainsHandles: true });
        Assert.False(new TupleType([PrimitiveType.U8]).ContainsHandles);
    }

    [Fact]
    public void Equality_is_structural_and_resources_are_themselves()
    {
        var r = new ResourceType("r");
        Assert.Equal(new OptionType(new OwnType(r)), new OptionType(new OwnType(r)));
        Assert.NotEqual(new OwnType(r), new OwnType(new ResourceType("r")));
        Assert.NotEqual<ValType>(new OwnType(r), new BorrowType(r));
        Assert.NotEqual(new RecordType([new("a", PrimitiveType.U8)]), new RecordType([new("b", PrimitiveType.U8)]));
        Assert.NotEqual(new ListType(PrimitiveType.U8), new ListType(PrimitiveType.U8, 1));
        Assert.True(new ResultType(null, PrimitiveType.U8) == new ResultType(null, PrimitiveType.U8));
    }

    [Fact]
    public void Deep_wide_and_large_types_are_refused()
    {
        ValType deep = PrimitiveType.U8;
        for (var i = 1; i < TypeFacts.MaxDepth; i++)
            deep = new ListType(deep);
        Assert.Throws<InvalidComponentException>(() => new ListType(deep));

        // Each step doubles the tree while it adds one node to the graph: 2⁵⁰ without the limit.
        ValType wide = PrimitiveType.U8;
        Assert.Throws<InvalidComponentException>(() =>
        {
            for (var i = 0; i < 50; i++)
                wide = new TupleType([new ListType(wide), new ListType(wide)]);
        });
        Assert.Throws<InvalidComponentException>(() => new ListType(PrimitiveType.U64, 1u << 25));
        Assert.Throws<InvalidComponentException>(() => new ListType(new ListType(PrimitiveType.U64, 1u << 24), uint.MaxValue));
        Assert.Equal(17, new ListType(PrimitiveType.U64, 1u << 24).FlatCount);
    }

    [Fact]
    public void Malformed_types_are_refused()
    {
        Assert.Throws<InvalidComponentException>(() => new RecordType([]));
        Assert.Throws<InvalidComponentException>(() => new EnumType(["a", "a"]));
        Assert.Throws<InvalidComponentException>(() => new FlagsType(Enumerable.Range(0, 33).Select(i => $"l{i}")));
        Assert.Throws<InvalidComponentException>(() => new ListType(PrimitiveType.U8, 0));
        Assert.Throws<InvalidComponentException>(() => new MapType(PrimitiveType.F32, PrimitiveType.U8));
    }

    [Fact]
    public void Layout_and_flattening_follow_the_specification() => TypeGen.Any.Sample(
        type =>
        {
            Assert.Equal(ReferenceAbi.Size(type), type.Size);
            Assert.Equal(ReferenceAbi.Alignment(type), type.Alignment);
            var flat = ReferenceAbi.Flatten(type);
            Assert.Equal(Math.Min(flat.Count, 17), type.FlatCount);
            Assert.Equal(flat.Count > 16 ? [] : flat, type.FlatTypes);
            Assert.Equal(type.GetHashCode(), type.GetHashCode());
            Assert.NotEmpty(type.ToString());
        },
        iter: 3000);
}
