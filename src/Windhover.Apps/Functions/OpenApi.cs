using System.Text.Json.Nodes;

namespace Windhover.Apps.Functions;

/// <summary>An OpenAPI 3.1 description of functions as endpoints, from their types.</summary>
internal static class OpenApi
{
    public static JsonObject Describe(string app, string? description, string basePath, IEnumerable<IJsonFunction> functions)
    {
        var paths = new JsonObject();
        foreach (IJsonFunction function in functions)
            paths[$"{basePath}/{function.Path}"] = new JsonObject { ["post"] = Operation(function) };
        var info = new JsonObject { ["title"] = app, ["version"] = "1" };
        if (description is not null)
            info["description"] = description;
        return new JsonObject { ["openapi"] = "3.1.0", ["info"] = info, ["paths"] = paths };
    }

    private static JsonObject Operation(IJsonFunction function)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach ((string name, JsonNode schema, bool optional) in function.Parameters)
        {
            properties[name] = schema.DeepClone();
            if (!optional)
                required.Add((JsonNode)name);
        }

        var body = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
            body["required"] = required;
        var operation = new JsonObject { ["operationId"] = function.Path.Replace('/', '.') };
        if (function.Interface is not null)
            operation["tags"] = new JsonArray((JsonNode)function.Interface);
        if (function.Parameters.Count > 0)
            operation["requestBody"] = new JsonObject { ["required"] = required.Count > 0, ["content"] = Json(body) };
        operation["responses"] = new JsonObject
        {
            [function.Result is null ? "204" : "200"] = function.Result is null
                ? new JsonObject { ["description"] = "Done; there is no result." }
                : new JsonObject { ["description"] = "The result.", ["content"] = Json(function.Result.DeepClone()) },
            ["400"] = new JsonObject { ["description"] = "The body is not JSON, or does not fit." },
            ["422"] = new JsonObject { ["description"] = "The function returned an error." },
            ["500"] = new JsonObject { ["description"] = "The guest failed." },
        };
        return operation;
    }

    private static JsonObject Json(JsonNode schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };
}
