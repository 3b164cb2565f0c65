using System.Runtime.CompilerServices;
using Windhover.Engine;

namespace Windhover.Plugins;

/// <summary>Between a C# number and a slot of a core call. <c>typeof(T)</c> is known when the code is compiled for each T: one move is left.</summary>
internal static class CoreValue
{
    public static ValueKind Kind<T>()
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
            return ValueKind.I32;
        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong))
            return ValueKind.I64;
        if (typeof(T) == typeof(float))
            return ValueKind.F32;
        if (typeof(T) == typeof(double))
            return ValueKind.F64;
        throw new ArgumentException($"A core function takes and gives int, uint, long, ulong, float and double, not {typeof(T).Name}.");
    }

    public static T Read<T>(RawValue value)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
        {
            int i = value.I32;
            return Unsafe.As<int, T>(ref i);
        }

        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong))
        {
            long i = value.I64;
            return Unsafe.As<long, T>(ref i);
        }

        if (typeof(T) == typeof(float))
        {
            float f = value.F32;
            return Unsafe.As<float, T>(ref f);
        }

        double d = value.F64;
        return Unsafe.As<double, T>(ref d);
    }

    public static RawValue Write<T>(T value)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
            return Unsafe.As<T, int>(ref value);
        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong))
            return Unsafe.As<T, long>(ref value);
        if (typeof(T) == typeof(float))
            return Unsafe.As<T, float>(ref value);
        return Unsafe.As<T, double>(ref value);
    }
}
