using System.Text.Json.Nodes;
using Windhover.Components.Types;

namespace Windhover.Apps.Functions;

/// <summary>JSON schemas (2020-12, as OpenAPI 3.1 has them) of component types, for the JSON that <c>ComponentJson</c> reads and writes.</summary>
internal static class JsonSchemas
{
    public static JsonNode Of(ValType type) => type switch
    {
        PrimitiveType primitive => Primitive(primitive.Kind),
        RecordType record => Record(record),
        TupleType tuple => new JsonObject
        {
            ["type"] = "array",
            ["prefixItems"] = Array(tuple.Types.Select(Of)),
            ["minItems"] = tuple.Types.Length,
            ["maxItems"] = tuple.Types.Length,
        },
        ListType { Element: PrimitiveType { Kind: PrimitiveKind.U8 } } => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        ListType list => new JsonObject { ["type"] = "array", ["items"] = Of(list.Element) },
        MapType { Key: PrimitiveType { Kind: PrimitiveKind.String } } map => new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(map.Value) },
        MapType map => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray(Of(map.Key), Of(map.Value)) } },
        OptionType option => OneOf(Of(option.Element), new JsonObject { ["type"] = "null" }),
        ResultType result => OneOf(Case("ok", result.Ok), Case("error", result.Error)),
        EnumType labels => new JsonObject { ["type"] = "string", ["enum"] = Strings(labels.Labels) },
        FlagsType labels => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string", ["enum"] = Strings(labels.Labels) }, ["uniqueItems"] = true },
        VariantType variant => OneOf([.. variant.Labels.Zip(variant.Payloads, (label, payload) => payload is null ? new JsonObject { ["const"] = label } : Case(label, payload))]),
        _ => new JsonObject(),
    };

    public static bool IsOptional(ValType type) => type is OptionType;

    private static JsonObject Record(RecordType record)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (Field field in record.Fields)
        {
            properties[field.Name] = Of(field.Type);
            if (!IsOptional(field.Type))
                required.Add((JsonNode)field.Name);
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
            schema["required"] = required;
        return schema;
    }

    private static JsonObject Case(string label, ValType? payload) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [label] = payload is null ? new JsonObject { ["type"] = "null" } : Of(payload) },
        ["required"] = new JsonArray((JsonNode)label),
        ["additionalProperties"] = false,
    };

    private static JsonObject Primitive(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Bool => new JsonObject { ["type"] = "boolean" },
        PrimitiveKind.S8 => Integer(sbyte.MinValue, sbyte.MaxValue),
        PrimitiveKind.U8 => Integer(byte.MinValue, byte.MaxValue),
        PrimitiveKind.S16 => Integer(short.MinValue, short.MaxValue),
        PrimitiveKind.U16 => Integer(ushort.MinValue, ushort.MaxValue),
        PrimitiveKind.S32 => Integer(int.MinValue, int.MaxValue),
        PrimitiveKind.U32 => Integer(uint.MinValue, uint.MaxValue),
        PrimitiveKind.S64 or PrimitiveKind.U64 => new JsonObject
        {
            // Beyond 2^53 a string of digits, since many readers of JSON would round a number.
            ["type"] = new JsonArray("integer", "string"),
            ["pattern"] = kind == PrimitiveKind.S64 ? "^-?[0-9]+$" : "^[0-9]+$",
        },
        PrimitiveKind.F32 or PrimitiveKind.F64 => OneOf(new JsonObject { ["type"] = "number" }, new JsonObject { ["enum"] = new JsonArray("NaN", "Infinity", "-Infinity") }),
        PrimitiveKind.Char => new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 1 },
        _ => new JsonObject { ["type"] = "string" },
    };

    private static JsonObject Integer(long least, long most) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    private static JsonObject OneOf(params JsonNode[] schemas) => new() { ["oneOf"] = Array(schemas) };

    private static JsonArray Array(IEnumerable<JsonNode> nodes) => [.. nodes];

    private static JsonArray Strings(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
}
