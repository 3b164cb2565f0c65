using System.Globalization;
using System.Text;
using System.Text.Json;
using Windhover.Components.Types;

namespace Windhover.Components.Values.Json;

// Reads primitive values and the lists of them that have a typed array.
internal static class JsonPrimitives
{
    private delegate T Reader<T>(ref Utf8JsonReader reader, JsonPath path);

    public static object Read(ref Utf8JsonReader reader, PrimitiveType type, JsonPath path) => type.Kind switch
    {
        PrimitiveKind.Bool => reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.TokenType == JsonTokenType.True
            : throw ComponentJsonReader.Mismatch(ref reader, type, path, "true or false"),
        PrimitiveKind.S8 => S8(ref reader, path),
        PrimitiveKind.U8 => U8(ref reader, path),
        PrimitiveKind.S16 => S16(ref reader, path),
        PrimitiveKind.U16 => U16(ref reader, path),
        PrimitiveKind.S32 => S32(ref reader, path),
        PrimitiveKind.U32 => U32(ref reader, path),
        PrimitiveKind.S64 => S64(ref reader, path),
        PrimitiveKind.U64 => U64(ref reader, path),
        PrimitiveKind.F32 => F32(ref reader, path),
        PrimitiveKind.F64 => F64(ref reader, path),
        PrimitiveKind.Char => Char(ref reader, path),
        PrimitiveKind.String => String(ref reader, path),
        _ => throw path.Error(ComponentJson.NoForm(type)),
    };

    /// <summary>A list as the typed array that stands for it (see <see cref="ComponentValues"/>), or null when it is an array of objects.</summary>
    public static Array? ReadTypedList(ref Utf8JsonReader reader, ValType element, JsonPath path) => (element as PrimitiveType)?.Kind switch
    {
        PrimitiveKind.S8 => ReadAll(ref reader, S8, path),
        PrimitiveKind.U8 => ReadAll(ref reader, U8, path),
        PrimitiveKind.S16 => ReadAll(ref reader, S16, path),
        PrimitiveKind.U16 => ReadAll(ref reader, U16, path),
        PrimitiveKind.S32 => ReadAll(ref reader, S32, path),
        PrimitiveKind.U32 => ReadAll(ref reader, U32, path),
        PrimitiveKind.S64 => ReadAll(ref reader, S64, path),
        PrimitiveKind.U64 => ReadAll(ref reader, U64, path),
        PrimitiveKind.F32 => ReadAll(ref reader, F32, path),
        PrimitiveKind.F64 => ReadAll(ref reader, F64, path),
        PrimitiveKind.String => ReadAll(ref reader, String, path),
        _ => null,
    };

    /// <summary>The text of a string or property name.</summary>
    public static string Text(ref Utf8JsonReader reader, JsonPath path)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // Half a surrogate pair as an escape, or bytes that are not UTF-8.
            throw path.Error("the string is not valid Unicode", e);
        }
    }

    /// <summary>The bytes of a base64 string, or null when it is none.</summary>
    public static byte[]? Base64(ref Utf8JsonReader reader, JsonPath path)
    {
        // The reader's own method throws on an escape that is half a surrogate pair.
        if (!reader.ValueIsEscaped)
            return reader.TryGetBytesFromBase64(out var bytes) ? bytes : null;
        var text = Text(ref reader, path);
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var count) ? buffer[..count] : null;
    }

    private static T[] ReadAll<T>(ref Utf8JsonReader reader, Reader<T> read, JsonPath path)
    {
        var values = new List<T>();
        path.Push(0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            path.Move(values.Count);
            values.Add(read(ref reader, path));
        }

        path.Pop();
        return [.. values];
    }

    private static sbyte S8(ref Utf8JsonReader reader, JsonPath path) => (sbyte)Signed(ref reader, PrimitiveType.S8, sbyte.MinValue, sbyte.MaxValue, path);

    private static byte U8(ref Utf8JsonReader reader, JsonPath path) => (byte)Signed(ref reader, PrimitiveType.U8, 0, byte.MaxValue, path);

    private static short S16(ref Utf8JsonReader reader, JsonPath path) => (short)Signed(ref reader, PrimitiveType.S16, short.MinValue, short.MaxValue, path);

    private static ushort U16(ref Utf8JsonReader reader, JsonPath path) => (ushort)Signed(ref reader, PrimitiveType.U16, 0, ushort.MaxValue, path);

    private static int S32(ref Utf8JsonReader reader, JsonPath path) => (int)Signed(ref reader, PrimitiveType.S32, int.MinValue, int.MaxValue, path);

    private static uint U32(ref Utf8JsonReader reader, JsonPath path) => (uint)Signed(ref reader, PrimitiveType.U32, 0, uint.MaxValue, path);

    private static long S64(ref Utf8JsonReader reader, JsonPath path)
    {
        if (reader.TokenType == JsonTokenType.String
            && long.TryParse(Text(ref reader, path), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        return Signed(ref reader, PrimitiveType.S64, long.MinValue, long.MaxValue, path);
    }

    private static ulong U64(ref Utf8JsonReader reader, JsonPath path)
    {
        if (reader.TokenType == JsonTokenType.String
            && ulong.TryParse(Text(ref reader, path), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        return reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out value)
            ? value
            : throw NotInRange(ref reader, PrimitiveType.U64, $"0 to {ulong.MaxValue}", path);
    }

    private static long Signed(ref Utf8JsonReader reader, PrimitiveType type, long min, long max, JsonPath path) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= min && value <= max
            ? value
            : throw NotInRange(ref reader, type, $"{min} to {max}", path);

    private static ComponentJsonException NotInRange(ref Utf8JsonReader reader, PrimitiveType type, string range, JsonPath path) =>
        reader.TokenType == JsonTokenType.Number
            ? path.Error($"expected `{type}` (a whole number from {range}), found {Encoding.UTF8.GetString(reader.ValueSpan)}")
            : ComponentJsonReader.Mismatch(ref reader, type, path, $"a whole number from {range}");

    private static float F32(ref Utf8JsonReader reader, JsonPath path)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out var value) && float.IsFinite(value))
            return value;
        return (float)NotFinite(ref reader, PrimitiveType.F32, path);
    }

    private static double F64(ref Utf8JsonReader reader, JsonPath path)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value))
            return value;
        return NotFinite(ref reader, PrimitiveType.F64, path);
    }

    private static double NotFinite(ref Utf8JsonReader reader, PrimitiveType type, JsonPath path)
    {
        if (reader.TokenType == JsonTokenType.Number)
            throw path.Error($"{Encoding.UTF8.GetString(reader.ValueSpan)} is too large for `{type}`");
        return (reader.TokenType == JsonTokenType.String ? Text(ref reader, path) : null) switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => throw ComponentJsonReader.Mismatch(ref reader, type, path, "a number, or \"NaN\", \"Infinity\", \"-Infinity\""),
        };
    }

    private static Rune Char(ref Utf8JsonReader reader, JsonPath path)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw ComponentJsonReader.Mismatch(ref reader, PrimitiveType.Char, path, "a string of one character");
        var text = Text(ref reader, path);
        return Rune.TryGetRuneAt(text.Length == 0 ? "\ud800" : text, 0, out var rune) && rune.Utf16SequenceLength == text.Length
            ? rune
            : throw path.Error("expected `char` (a string of one Unicode scalar value); the string has another length");
    }

    private static string String(ref Utf8JsonReader reader, JsonPath path) =>
        reader.TokenType == JsonTokenType.String ? Text(ref reader, path) : throw ComponentJsonReader.Mismatch(ref reader, PrimitiveType.String, path);
}
