using System.Text.Json;
using Windhover.Components.Types;

namespace Windhover.Components.Values.Json;

// Reads values by their type. The reader stands on the first token of a value and is left on its last one. Nothing is allocated ahead of the
// input: a list grows as its elements come. Types have at most 100 levels, and so has the recursion.
internal static class ComponentJsonReader
{
    public static object? Read(ref Utf8JsonReader reader, ValType type, JsonPath path)
    {
        switch (type)
        {
            case PrimitiveType primitive:
                return JsonPrimitives.Read(ref reader, primitive, path);
            case RecordType record:
                return ReadRecord(ref reader, record, path);
            case TupleType tuple:
                return ReadTuple(ref reader, tuple, path);
            case ListType list:
                return ReadList(ref reader, list, path);
            case MapType map:
                return ReadMap(ref reader, map, path);
            case EnumType e:
                Expect(ref reader, JsonTokenType.String, type, path);
                return Label(e.Labels, JsonPrimitives.Text(ref reader, path), type, path);
            case FlagsType flags:
                return ReadFlags(ref reader, flags, path);
            case OptionType option:
                return ReadOption(ref reader, option, path);
            case SumType sum:
                return ReadCase(ref reader, sum, path);
            default:
                throw path.Error(ComponentJson.NoForm(type));
        }
    }

    public static ComponentJsonException NotJson(JsonPath path, JsonException e) =>
        path.Error($"the text is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): {FirstSentence(e.Message)}", e);

    /// <summary>The error for a token that the type does not allow: what was expected, and what is there.</summary>
    public static ComponentJsonException Mismatch(ref Utf8JsonReader reader, ValType type, JsonPath path, string? form = null) =>
        path.Error($"expected `{type}`{(form is null ? "" : $" ({form})")}, found {Describe(reader.TokenType)}");

    private static object?[] ReadRecord(ref Utf8JsonReader reader, RecordType record, JsonPath path)
    {
        Expect(ref reader, JsonTokenType.StartObject, record, path);
        var fields = new object?[record.Types.Length];
        var seen = new bool[fields.Length];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonPrimitives.Text(ref reader, path);
            var index = record.Labels.IndexOf(name);
            if (index < 0)
                throw path.Error($"there is no field `{name}`; the fields are {Quote(record.Labels)}");
            if (seen[index])
                throw path.Error($"the field `{name}` is given twice");
            seen[index] = true;
            path.Push(name);
            reader.Read();
            fields[index] = Read(ref reader, record.Types[index], path);
            path.Pop();
        }

        for (var i = 0; i < fields.Length; i++)
        {
            if (seen[i])
                continue;
            if (record.Types[i] is not OptionType)
                throw path.Error($"the field `{record.Labels[i]}` of type `{record.Types[i]}` is missing");
            fields[i] = VariantValue.None;
        }

        return fields;
    }

    private static object?[] ReadTuple(ref Utf8JsonReader reader, TupleType tuple, JsonPath path)
    {
        Expect(ref reader, JsonTokenType.StartArray, tuple, path);
        var values = new object?[tuple.Types.Length];
        var count = 0;
        path.Push(0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            path.Move(count);
            if (count == values.Length)
                throw path.Error($"`{tuple}` has {values.Length} elements, and there are more");
            values[count] = Read(ref reader, tuple.Types[count], path);
            count++;
        }

        path.Pop();
        return count == values.Length ? values : throw path.Error($"`{tuple}` has {values.Length} elements, but {count} are given");
    }

    private static Array ReadList(ref Utf8JsonReader reader, ListType list, JsonPath path)
    {
        Array values;
        if (reader.TokenType == JsonTokenType.String && list.Element is PrimitiveType { Kind: PrimitiveKind.U8 })
            values = JsonPrimitives.Base64(ref reader, path) ?? throw path.Error($"expected `{list}`: the string is not base64");
        else if (reader.TokenType == JsonTokenType.StartArray)
            values = JsonPrimitives.ReadTypedList(ref reader, list.Element, path) ?? ReadElements(ref reader, list.Element, path);
        else
            throw Mismatch(ref reader, list, path, list.Element is PrimitiveType { Kind: PrimitiveKind.U8 } ? "an array or a base64 string" : "an array");
        return list.Length is not { } length || values.Length == length
            ? values
            : throw path.Error($"`{list}` has {length} elements, but {values.Length} are given");
    }

    private static object?[] ReadElements(ref Utf8JsonReader reader, ValType element, JsonPath path)
    {
        var values = new List<object?>();
        path.Push(0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            path.Move(values.Count);
            values.Add(Read(ref reader, element, path));
        }

        path.Pop();
        return [.. values];
    }

    private static object?[] ReadMap(ref Utf8JsonReader reader, MapType map, JsonPath path)
    {
        if (map.Key is not PrimitiveType { Kind: PrimitiveKind.String } || reader.TokenType == JsonTokenType.StartArray)
        {
            Expect(ref reader, JsonTokenType.StartArray, map, path);
            return ReadElements(ref reader, map.Entry, path);
        }

        Expect(ref reader, JsonTokenType.StartObject, map, path);
        var entries = new List<object?>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonPrimitives.Text(ref reader, path);
            path.Push(key);
            reader.Read();
            entries.Add(new object?[] { key, Read(ref reader, map.Value, path) });
            path.Pop();
        }

        return [.. entries];
    }

    private static uint ReadFlags(ref Utf8JsonReader reader, FlagsType flags, JsonPath path)
    {
        Expect(ref reader, JsonTokenType.StartArray, flags, path);
        uint bits = 0;
        var count = 0;
        path.Push(0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            path.Move(count++);
            Expect(ref reader, JsonTokenType.String, flags, path);
            bits |= 1u << (int)Label(flags.Labels, JsonPrimitives.Text(ref reader, path), flags, path);
        }

        path.Pop();
        return bits;
    }

    private static VariantValue ReadOption(ref Utf8JsonReader reader, OptionType option, JsonPath path)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return VariantValue.None;
        if (option.Element is not OptionType)
            return VariantValue.Some(Read(ref reader, option.Element, path));

        // An option of an option: null would be ambiguous, so its value is wrapped.
        const string Form = "null, or an object with the one field `some`";
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Mismatch(ref reader, option, path, Form);
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("some"u8))
            throw path.Error($"expected `{option}` ({Form})");
        path.Push("some");
        reader.Read();
        var value = Read(ref reader, option.Element, path);
        path.Pop();
        EndCase(ref reader, option, path);
        return VariantValue.Some(value);
    }

    private static VariantValue ReadCase(ref Utf8JsonReader reader, SumType sum, JsonPath path)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            var bare = CaseIndex(sum, JsonPrimitives.Text(ref reader, path), path);
            return sum.Payloads[bare] is not { } wanted
                ? new VariantValue((uint)bare)
                : throw path.Error($"the case `{sum.CaseName(bare)}` has a payload of type `{wanted}`: write {{\"{sum.CaseName(bare)}\": …}}");
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            throw Mismatch(ref reader, sum, path, sum is ResultType ? "{\"ok\": …} or {\"error\": …}" : "{\"case\": payload}, or \"case\" without a payload");
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName)
            throw path.Error($"expected `{sum}`: the object is empty, and must have one field named after the case");
        var name = JsonPrimitives.Text(ref reader, path);
        var index = CaseIndex(sum, name, path);
        path.Push(name);
        reader.Read();
        object? payload = null;
        if (sum.Payloads[index] is { } type)
            payload = Read(ref reader, type, path);
        else if (reader.TokenType != JsonTokenType.Null)
            throw path.Error($"the case `{name}` has no payload: write null here, found {Describe(reader.TokenType)}");
        path.Pop();
        EndCase(ref reader, sum, path);
        return new VariantValue((uint)index, payload);
    }

    private static void EndCase(ref Utf8JsonReader reader, ValType type, JsonPath path)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.EndObject)
            throw path.Error($"expected `{type}`: the object has more than one field");
    }

    private static int CaseIndex(SumType sum, string name, JsonPath path)
    {
        var index = sum is VariantType variant ? variant.Labels.IndexOf(name) : name == "ok" ? 0 : name == "error" ? 1 : -1;
        return index >= 0
            ? index
            : throw path.Error($"there is no case `{name}`; the cases are {Quote(Enumerable.Range(0, sum.Payloads.Length).Select(sum.CaseName))}");
    }

    private static uint Label(Labels labels, string label, ValType type, JsonPath path) =>
        labels.IndexOf(label) is >= 0 and var index ? (uint)index : throw path.Error($"`{label}` is not a label of `{type}`");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, ValType type, JsonPath path)
    {
        if (reader.TokenType != token)
            throw Mismatch(ref reader, type, path, Describe(token));
    }

    private static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"`{n}`"));

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };

    // System.Text.Json appends "LineNumber: … | BytePositionInLine: …", which the message says already.
    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
