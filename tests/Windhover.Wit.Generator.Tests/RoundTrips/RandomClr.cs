using System.Reflection;
using System.Text;
using Windhover.Components.Bindings;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>Random values of the C# types that bindings use, edge cases often.</summary>
internal sealed class RandomClr(Random random)
{
    // Reflection costs a hundred times what the call under test does: everything is asked once.
    private readonly NullabilityInfoContext _context = new();
    private readonly Dictionary<ParameterInfo, NullabilityInfo> _nullability = [];
    private readonly Dictionary<Type, (ConstructorInfo Constructor, ParameterInfo[] Parameters)> _records = [];
    private readonly Dictionary<Type, Type[]> _cases = [];
    private readonly Dictionary<Type, (Array Values, bool IsFlags)> _enums = [];
    private static readonly string[] s_texts = ["", "a", "hello", "\0", "é", "ÿĀ", "日本語", "👩‍💻", new('x', 300), "mixed Ünïcödé 🦅"];

    /// <summary>For a parameter; a span's value is an array.</summary>
    public object? Next(ParameterInfo parameter) => parameter.ParameterType.IsGenericType && parameter.ParameterType.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>)
        ? Array(parameter.ParameterType.GetGenericArguments()[0], null, 0)
        : Next(parameter.ParameterType, Nullability(parameter), 0);

    private object? Next(Type type, NullabilityInfo? nullable, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return random.Next(3) == 0 ? null : Next(inner, null, depth + 1);
        if (!type.IsValueType && nullable?.ReadState == NullabilityState.Nullable && random.Next(3) == 0)
            return null;
        if (type.IsEnum)
            return Enum(type);
        if (type == typeof(string))
            return Text();
        if (type == typeof(Rune))
            return Scalar();
        if (type == typeof(Unit))
            return default(Unit);
        if (type.IsPrimitive)
            return Primitive(type);
        if (type.IsGenericType)
            return Generic(type, nullable, depth);
        if (type.IsAbstract)
        {
            if (!_cases.TryGetValue(type, out Type[]? cases))
                _cases[type] = cases = [.. type.GetNestedTypes().Where(t => t.IsSubclassOf(type))];
            return Record(cases[random.Next(cases.Length)], depth);
        }

        return Record(type, depth);
    }

    private object? Generic(Type type, NullabilityInfo? nullable, int depth)
    {
        Type[] arguments = type.GetGenericArguments();
        NullabilityInfo? Of(int i) => nullable?.GenericTypeArguments.Length > i ? nullable.GenericTypeArguments[i] : null;
        Type definition = type.GetGenericTypeDefinition();
        if (definition == typeof(IReadOnlyList<>))
            return Array(arguments[0], Of(0), depth);
        if (definition == typeof(ReadOnlyMemory<>))
            return Activator.CreateInstance(type, Array(arguments[0], null, depth));
        if (definition == typeof(Option<>))
            return random.Next(3) == 0 ? Activator.CreateInstance(type) : Activator.CreateInstance(type, Next(arguments[0], Of(0), depth + 1));
        if (definition == typeof(Result<,>))
        {
            bool ok = random.Next(2) == 0;
            return type.GetMethod(ok ? "Ok" : "Err", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [ok ? Next(arguments[0], Of(0), depth + 1) : Next(arguments[1], Of(1), depth + 1)]);
        }

        // Tuples.
        return Activator.CreateInstance(type, [.. arguments.Select((a, i) => Next(a, Of(i), depth + 1))]);
    }

    private Array Array(Type element, NullabilityInfo? nullable, int depth)
    {
        int count = random.Next(4) == 0 ? 0 : random.Next(1, depth > 1 ? 3 : 7);
        var array = System.Array.CreateInstance(element, count);
        for (int i = 0; i < count; i++)
            array.SetValue(Next(element, nullable, depth + 1), i);
        return array;
    }

    private object Record(Type type, int depth)
    {
        if (!_records.TryGetValue(type, out (ConstructorInfo Constructor, ParameterInfo[] Parameters) record))
        {
            ConstructorInfo constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
            _records[type] = record = (constructor, constructor.GetParameters());
        }

        return record.Constructor.Invoke([.. record.Parameters.Select(p => Next(p.ParameterType, Nullability(p), depth + 1))]);
    }

    private NullabilityInfo Nullability(ParameterInfo parameter) =>
        _nullability.TryGetValue(parameter, out NullabilityInfo? known) ? known : _nullability[parameter] = _context.Create(parameter);

    private object Enum(Type type)
    {
        if (!_enums.TryGetValue(type, out (Array Values, bool IsFlags) known))
            _enums[type] = known = (System.Enum.GetValues(type), type.IsDefined(typeof(FlagsAttribute)));
        Array values = known.Values;
        if (!known.IsFlags)
            return values.GetValue(random.Next(values.Length))!;
        ulong bits = values.Cast<object>().Where(_ => random.Next(2) == 0).Aggregate(0ul, (all, v) => all | Convert.ToUInt64(v, null));
        return System.Enum.ToObject(type, bits);
    }

    private object Primitive(Type type)
    {
        long n = random.Next(4) switch { 0 => random.NextInt64(-2, 3), 1 => random.NextInt64(long.MinValue, long.MaxValue), 2 => long.MinValue, _ => random.NextInt64(0, 300) };
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => n % 2 == 0,
            TypeCode.SByte => (sbyte)n,
            TypeCode.Byte => (byte)n,
            TypeCode.Int16 => (short)n,
            TypeCode.UInt16 => (ushort)n,
            TypeCode.Int32 => (int)n,
            TypeCode.UInt32 => (uint)n,
            TypeCode.Int64 => Safe(n),
            TypeCode.UInt64 => (ulong)Safe(n),
            TypeCode.Single => random.Next(4) switch { 0 => float.PositiveInfinity, 1 => -0f, _ => (float)random.NextDouble() },
            _ => random.Next(4) switch { 0 => double.NegativeInfinity, 1 => double.Epsilon, _ => random.NextDouble() * 1e300 },
        };
    }

    /// <summary>64-bit numbers that a guest in JavaScript can hold, when it cannot hold others.</summary>
    public bool OnlySafeIntegers { get; init; }

    private long Safe(long n) => OnlySafeIntegers ? Math.Abs(n % (1L << 53)) : n;

    private string Text() => random.Next(3) == 0 ? string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => Scalar().ToString())) : s_texts[random.Next(s_texts.Length)];

    private Rune Scalar()
    {
        int[] bounds = [0x7f, 0xff, 0x7ff, 0xd7ff, 0xffff, 0x10ffff];
        int value = random.Next(bounds[random.Next(bounds.Length)] + 1);
        return new Rune(Rune.IsValid(value) ? value : 0xfffd);
    }
}
