using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Windhover.Components.Types;

namespace Windhover.Components.Values.Json;

/// <summary>
/// Dynamic values ⇄ JSON, led by the component's own types. The .NET types are those of <see cref="ComponentValues"/>.
/// <list type="table">
/// <item><term>bool</term><description><c>true</c>, <c>false</c></description></item>
/// <item><term>s8 … u32</term><description>a whole number</description></item>
/// <item><term>s64, u64</term><description>a number up to ±(2⁵³ − 1), beyond that a string of digits; both are read for any value</description></item>
/// <item><term>f32, f64</term><description>a number, or <c>"NaN"</c>, <c>"Infinity"</c>, <c>"-Infinity"</c></description></item>
/// <item><term>char</term><description>a string of one Unicode scalar value</description></item>
/// <item><term>string, enum</term><description>a string</description></item>
/// <item><term>list&lt;u8&gt;</term><description>a base64 string; an array of numbers is read too</description></item>
/// <item><term>list, tuple</term><description>an array</description></item>
/// <item><term>record</term><description>an object with the names as WIT writes them; a field of an option type may be left out</description></item>
/// <item><term>variant</term><description><c>{"case": payload}</c>, or <c>"case"</c> where there is no payload</description></item>
/// <item><term>option</term><description>the value or <c>null</c>; an option of an option writes its value as <c>{"some": …}</c></description></item>
/// <item><term>result</term><description><c>{"ok": …}</c> or <c>{"error": …}</c>; <c>null</c> in place of no payload</description></item>
/// <item><term>flags</term><description>an array of the labels that are set</description></item>
/// <item><term>map</term><description>an object when the key is a string, else an array of <c>[key, value]</c></description></item>
/// </list>
/// Handles, streams, futures and error contexts have no JSON form. Stateless and thread-safe.
/// </summary>
public static class ComponentJson
{
    /// <summary>The largest number that every JSON reader keeps exactly, 2⁵³ − 1; larger 64-bit numbers are written as strings.</summary>
    public const long MaxSafeInteger = (1L << 53) - 1;

    // A type has at most 100 levels; an option of an option adds an object to its own.
    internal const int MaxDepth = 256;

    // Text beyond ASCII stays readable; JSON is not HTML here.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, NewLine = "\n" };

    /// <summary>Reads a whole JSON text as a value of a type.</summary>
    /// <exception cref="ComponentJsonException">The text is not JSON, or does not fit the type.</exception>
    public static object? Parse(ValType type, string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Parse(type, Encoding.UTF8.GetBytes(json));
    }

    /// <summary>Reads a whole JSON text in UTF-8 as a value of a type.</summary>
    /// <exception cref="ComponentJsonException">The text is not JSON, or does not fit the type.</exception>
    public static object? Parse(ValType type, ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var value = Read(ref reader, type);
        try
        {
            // At the end this returns false; text after the value makes it throw.
            reader.Read();
        }
        catch (JsonException e)
        {
            throw ComponentJsonReader.NotJson(new JsonPath(), e);
        }

        return value;
    }

    /// <summary>
    /// Reads one value. The reader stands before the value or on its first token, over a complete text, and is left on its last token.
    /// </summary>
    /// <exception cref="ComponentJsonException">The text is not JSON, or does not fit the type.</exception>
    public static object? Read(ref Utf8JsonReader reader, ValType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var path = new JsonPath();
        try
        {
            if (reader.TokenType == JsonTokenType.None)
                reader.Read();
            return ComponentJsonReader.Read(ref reader, type, path);
        }
        catch (JsonException e)
        {
            throw ComponentJsonReader.NotJson(path, e);
        }
    }

    /// <summary>Writes a value as JSON text.</summary>
    /// <exception cref="ComponentJsonException">The type has no JSON form.</exception>
    /// <exception cref="ArgumentException">The value does not fit the type.</exception>
    public static string ToJson(ValType type, object? value, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, indented ? Indented : Compact))
            Write(writer, type, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="ComponentJsonException">The type has no JSON form.</exception>
    /// <exception cref="ArgumentException">The value does not fit the type.</exception>
    public static void Write(Utf8JsonWriter writer, ValType type, object? value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(type);
        if (FindUnsupported(type) is { } part)
            throw new ComponentJsonException("$", NoForm(part));
        if (ComponentValues.Difference(type, value) is { } difference)
            throw new ArgumentException($"The value does not fit `{type}`: {difference}.", nameof(value));
        ComponentJsonWriter.Write(writer, type, value);
    }

    /// <summary>The first part of a type that has no JSON form, such as a resource handle; null when all of it has one.</summary>
    public static ValType? FindUnsupported(ValType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!type.ContainsHandles)
            return null;
        switch (type)
        {
            case ProductType product:
                return product.Types.Select(FindUnsupported).FirstOrDefault(t => t is not null);
            case SumType sum:
                return sum.Payloads.Select(p => p is null ? null : FindUnsupported(p)).FirstOrDefault(t => t is not null);
            case ListType list:
                return FindUnsupported(list.Element);
            case MapType map:
                return FindUnsupported(map.Entry);
            default:
                return type;
        }
    }

    internal static string NoForm(ValType type) => $"a value of type `{type}` has no JSON form";
}
