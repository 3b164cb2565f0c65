using CsCheck;
using Windhover.Components.Types;

namespace Windhover.Components.Tests.Types;

/// <summary>Random value types, a few levels deep.</summary>
internal static class TypeGen
{
    public static Gen<ValType> Primitive { get; } =
        Gen.OneOf(Enum.GetValues<PrimitiveKind>()).Select(ValType (k) => PrimitiveType.Of(k));

    public static Gen<ValType> Any { get; } = Level(3);

    private static Gen<ValType> Level(int depth)
    {
        if (depth == 0)
            return Primitive;
        var inner = Level(depth - 1);
        var many = inner.Array[1, 6];
        var maybe = Gen.Bool.SelectMany(some => some ? inner.Select(ValType? (t) => t) : Gen.Const((ValType?)null));
        return Gen.OneOf(
            Primitive,
            many.Select(ValType (ts) => new TupleType(ts)),
            many.Select(ValType (ts) => new RecordType(ts.Select((t, i) => new Field($"f{i}", t)))),
            maybe.Array[1, 6].Select(ValType (ts) => new VariantType(ts.Select((t, i) => new Case($"c{i}", t)))),
            Gen.Int[1, 32].Select(ValType (n) => new FlagsType(Enumerable.Range(0, n).Select(i => $"l{i}"))),
            Gen.Int[1, 300].Select(ValType (n) => new EnumType(Enumerable.Range(0, n).Select(i => $"e{i}"))),
            inner.Select(ValType (t) => new OptionType(t)),
            maybe.SelectMany(ok => maybe.Select(ValType (err) => new ResultType(ok, err))),
            inner.Select(ValType (t) => new ListType(t)),
            inner.SelectMany(t => Gen.UInt[1, 5].Select(ValType (n) => new ListType(t, n))),
            maybe.Select(ValType (t) => new StreamType(t)),
            maybe.Select(ValType (t) => new FutureType(t)));
    }
}
