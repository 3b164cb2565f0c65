using Windhover.Components.Types;
using static Windhover.Components.Types.CoreValueType;

namespace Windhover.Components.Tests.Types;

public class FuncTypeTests
{
    private static FuncType Of(int parameters, ValType? result) =>
        new(Enumerable.Range(0, parameters).Select(i => new Field($"p{i}", PrimitiveType.U32)), result);

    [Fact]
    public void Sixteen_parameters_are_flat_and_seventeen_go_through_memory()
    {
        Assert.Equal(16, Of(16, null).FlattenForLift().Parameters.Length);
        var spilled = Of(17, null).FlattenForLift();
        Assert.Equal([I32], spilled.Parameters);
        Assert.True(spilled.ParametersInMemory);
        Assert.Equal(68, Of(17, null).ParameterTuple!.Size);
        Assert.Equal([I32], Of(17, null).FlattenForLower().Parameters);
    }

    [Fact]
    public void A_result_of_two_values_is_returned_by_pointer()
    {
        var type = Of(1, PrimitiveType.String);
        var lift = type.FlattenForLift();
        Assert.Equal(([I32], [I32], true), (lift.Parameters.ToArray(), lift.Results.ToArray(), lift.ResultInMemory), TupleComparer);
        var lower = type.FlattenForLower();
        Assert.Equal(([I32, I32], [], true), (lower.Parameters.ToArray(), lower.Results.ToArray(), lower.ResultInMemory), TupleComparer);
    }

    [Fact]
    public void Async_lower_takes_four_parameters_and_always_a_result_pointer()
    {
        var four = Of(4, PrimitiveType.U8).FlattenForLower(async: true);
        Assert.Equal(5, four.Parameters.Length);
        Assert.Equal([I32], four.Results);
        Assert.True(four is { ParametersInMemory: false, ResultInMemory: true });
        var five = Of(5, null).FlattenForLower(async: true);
        Assert.Equal([I32], five.Parameters);
        Assert.True(five is { ParametersInMemory: true, ResultInMemory: false });
    }

    [Fact]
    public void Async_lift_returns_through_task_return()
    {
        var type = Of(0, PrimitiveType.F64);
        Assert.Equal([I32], type.FlattenForLift(async: true, callback: true).Results);
        Assert.Empty(type.FlattenForLift(async: true).Results);
        Assert.Equal([F64], type.FlattenForTaskReturn().Parameters);
        Assert.True(Of(0, new ListType(PrimitiveType.U8, 17)).FlattenForTaskReturn().ParametersInMemory);
    }

    [Fact]
    public void Types_read_as_wit() =>
        Assert.Equal("async func(p0: u32) -> result<_, string>", new FuncType([new("p0", PrimitiveType.U32)], new ResultType(null, PrimitiveType.String), isAsync: true).ToString());

    private static readonly IEqualityComparer<(CoreValueType[], CoreValueType[], bool)> TupleComparer =
        EqualityComparer<(CoreValueType[], CoreValueType[], bool)>.Create(
            (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2) && a.Item3 == b.Item3, _ => 0);
}
