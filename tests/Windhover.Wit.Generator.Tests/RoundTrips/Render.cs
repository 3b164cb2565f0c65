using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>Writes a value's whole content, so that lists inside of records compare by content; floats as bits.</summary>
internal static class Render
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> s_properties = [];

    public static string Text(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        float f => BitConverter.SingleToUInt32Bits(f).ToString("x8", CultureInfo.InvariantCulture),
        double d => BitConverter.DoubleToUInt64Bits(d).ToString("x16", CultureInfo.InvariantCulture),
        Enum or IFormattable => string.Format(CultureInfo.InvariantCulture, "{0}", value),
        ITuple t => $"({string.Join(", ", Enumerable.Range(0, t.Length).Select(i => Text(t[i])))})",
        IEnumerable e => $"[{string.Join(", ", e.Cast<object?>().Select(Text))}]",
        _ => Object(value),
    };

    private static string Object(object value)
    {
        Type type = value.GetType();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>))
            return Text(type.GetMethod("ToArray")!.Invoke(value, null));
        if (type.Name.StartsWith("Result`", StringComparison.Ordinal))
        {
            bool err = (bool)type.GetProperty("IsErr")!.GetValue(value)!;
            return (err ? "err " : "ok ") + Text(type.GetProperty(err ? "Error" : "Value")!.GetValue(value));
        }

        if (type.Name.StartsWith("Option`", StringComparison.Ordinal))
            return (bool)type.GetProperty("HasValue")!.GetValue(value)! ? "some " + Text(type.GetProperty("Value")!.GetValue(value)) : "none";
        PropertyInfo[] properties = s_properties.GetOrAdd(type, static t => [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0)]);
        return $"{type.Name}{{{string.Join(", ", properties.Select(p => $"{p.Name}: {Text(p.GetValue(value))}"))}}}";
    }
}
