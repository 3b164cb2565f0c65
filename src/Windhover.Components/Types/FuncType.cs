using System.Collections.Immutable;

namespace Windhover.Components.Types;

/// <summary>The core signature that a canonical definition gives to, or expects of, a core function.</summary>
/// <param name="Parameters">Core parameters.</param>
/// <param name="Results">Core results, at most one.</param>
/// <param name="ParametersInMemory">The first parameter points to the parameters, laid out as <see cref="FuncType.ParameterTuple"/>.</param>
/// <param name="ResultInMemory">
/// The result lies in memory: behind the returned pointer when lifting, behind the last parameter when lowering.
/// </param>
public sealed record CoreSignature(
    ImmutableArray<CoreValueType> Parameters,
    ImmutableArray<CoreValueType> Results,
    bool ParametersInMemory,
    bool ResultInMemory);

/// <summary>A component function type. Immutable; equality is structural.</summary>
public sealed class FuncType : ExternType, IEquatable<FuncType>
{
    /// <summary>Parameters beyond this many core values go through memory (MAX_FLAT_PARAMS).</summary>
    public const int MaxFlatParams = ValType.MaxFlatCount;

    /// <summary>The same for the parameters of an async-lowered function (MAX_FLAT_ASYNC_PARAMS).</summary>
    public const int MaxFlatAsyncParams = 4;

    /// <summary>Results beyond this many core values go through memory (MAX_FLAT_RESULTS).</summary>
    public const int MaxFlatResults = 1;

    /// <summary>Makes a function type.</summary>
    /// <exception cref="Binary.InvalidComponentException">Two parameters have one name, or a limit is exceeded.</exception>
    public FuncType(IEnumerable<Field> parameters, ValType? result, bool isAsync = false)
    {
        Parameters = [.. parameters];
        Result = result;
        IsAsync = isAsync;
        if (Parameters.Length == 0)
            return;
        _ = Labels.Of(Parameters.Select(p => p.Name), "function");
        ParameterTuple = new TupleType(Parameters.Select(p => p.Type));
    }

    /// <summary>Names and types in order.</summary>
    public ImmutableArray<Field> Parameters { get; }

    /// <summary>Null when the function returns nothing.</summary>
    public ValType? Result { get; }

    /// <summary>Whether the type is <c>async</c>: the function may block.</summary>
    public bool IsAsync { get; }

    /// <summary>All parameters as one tuple: its layout in memory when they are spilled, and its flat types. Null without parameters.</summary>
    public TupleType? ParameterTuple { get; }

    /// <summary>Core values of all parameters; counted no further than 17.</summary>
    public int FlatParameterCount => ParameterTuple?.FlatCount ?? 0;

    /// <summary>Core values of the result; counted no further than 17.</summary>
    public int FlatResultCount => Result?.FlatCount ?? 0;

    /// <inheritdoc/>
    public override string Kind => "func";

    /// <summary>The signature of the core function that <c>canon lift</c> wraps.</summary>
    /// <param name="async">Whether the <c>async</c> option is given; then the result goes to <c>task.return</c>.</param>
    /// <param name="callback">Whether a callback is given: the core function returns a code that says what it waits for.</param>
    /// <remarks>CanonicalABI.md, <c>flatten_functype</c>, context <c>lift</c>.</remarks>
    public CoreSignature FlattenForLift(bool async = false, bool callback = false)
    {
        var inMemory = FlatParameterCount > MaxFlatParams;
        var parameters = inMemory ? [CoreValueType.I32] : ParameterTuple?.FlatTypes ?? [];
        if (async)
            return new CoreSignature(parameters, callback ? [CoreValueType.I32] : [], inMemory, ResultInMemory: false);
        return FlatResultCount > MaxFlatResults
            ? new CoreSignature(parameters, [CoreValueType.I32], inMemory, ResultInMemory: true)
            : new CoreSignature(parameters, Result?.FlatTypes ?? [], inMemory, ResultInMemory: false);
    }

    /// <summary>The signature of the core function that <c>canon lower</c> makes.</summary>
    /// <param name="async">
    /// Whether the <c>async</c> option is given: the core function returns a subtask state and every result goes to memory.
    /// </param>
    /// <remarks>CanonicalABI.md, <c>flatten_functype</c>, context <c>lower</c>.</remarks>
    public CoreSignature FlattenForLower(bool async = false)
    {
        var inMemory = FlatParameterCount > (async ? MaxFlatAsyncParams : MaxFlatParams);
        var resultInMemory = FlatResultCount > (async ? 0 : MaxFlatResults);
        var parameters = inMemory ? [CoreValueType.I32] : ParameterTuple?.FlatTypes ?? [];
        if (resultInMemory)
            parameters = parameters.Add(CoreValueType.I32);
        var results = async ? [CoreValueType.I32] : resultInMemory ? [] : Result?.FlatTypes ?? [];
        return new CoreSignature(parameters, results, inMemory, resultInMemory);
    }

    /// <summary>The signature of <c>task.return</c> for a function with this result.</summary>
    /// <remarks>CanonicalABI.md, <c>canon task.return</c>: the result is passed as parameters are.</remarks>
    public CoreSignature FlattenForTaskReturn() =>
        FlatResultCount > MaxFlatParams
            ? new CoreSignature([CoreValueType.I32], [], ParametersInMemory: true, ResultInMemory: false)
            : new CoreSignature(Result?.FlatTypes ?? [], [], ParametersInMemory: false, ResultInMemory: false);

    /// <inheritdoc/>
    public bool Equals(FuncType? other) =>
        other is not null && IsAsync == other.IsAsync && Result == other.Result && Parameters.SequenceEqual(other.Parameters);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FuncType);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ParameterTuple, Result, IsAsync);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(IsAsync ? "async " : "")}func({string.Join(", ", Parameters.Select(p => $"{p.Name}: {p.Type}"))}){(Result is null ? "" : $" -> {Result}")}";
}
