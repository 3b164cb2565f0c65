using System.Text.Json.Nodes;

namespace Windhover.Wit.Tests.Suites;

/// <summary>
/// Brings a dump of the reference parser into a shape that does not depend on the numbering of its arenas: packages by name, named types by
/// path (<c>a:b/iface#type</c>), types without a name written out in place. Order of functions, imports, exports and fields is kept.
/// </summary>
internal sealed class ReferenceShape
{
    private readonly JsonArray _types;
    private readonly JsonArray _interfaces;
    private readonly JsonArray _worlds;
    private readonly JsonArray _packages;
    private readonly Dictionary<int, string> _interfacePaths = [];
    private readonly Dictionary<int, string> _worldPaths = [];

    private ReferenceShape(JsonNode dump)
    {
        _types = dump["types"]!.AsArray();
        _interfaces = dump["interfaces"]!.AsArray();
        _worlds = dump["worlds"]!.AsArray();
        _packages = dump["packages"]!.AsArray();
    }

    public static JsonObject Of(string json) => new ReferenceShape(JsonNode.Parse(json)!).Run();

    private JsonObject Run()
    {
        foreach (var package in _packages)
        {
            var name = (string)package!["name"]!;
            foreach (var (item, index) in package["interfaces"]!.AsObject())
                _interfacePaths[(int)index!] = WitShape.Qualify(name, item);
            foreach (var (item, index) in package["worlds"]!.AsObject())
                _worldPaths[(int)index!] = WitShape.Qualify(name, item);
        }
        for (var i = 0; i < _worlds.Count; i++)
        {
            foreach (var side in (string[])["imports", "exports"])
            {
                foreach (var (key, item) in _worlds[i]![side]!.AsObject())
                {
                    if (item!["interface"] is { } inline && _interfaces[(int)inline["id"]!]!["name"] is null)
                        _interfacePaths[(int)inline["id"]!] = $"{_worldPaths[i]}!{side}!{key}";
                }
            }
        }
        var result = new JsonObject();
        foreach (var package in _packages.OrderBy(p => (string)p!["name"]!, StringComparer.Ordinal))
        {
            var interfaces = new JsonObject();
            foreach (var (name, index) in package!["interfaces"]!.AsObject())
                interfaces.Add(name, Interface(_interfaces[(int)index!]!));
            var worlds = new JsonObject();
            foreach (var (name, index) in package["worlds"]!.AsObject())
                worlds.Add(name, World(_worlds[(int)index!]!));
            result.Add((string)package["name"]!, new JsonObject { ["docs"] = Docs(package), ["interfaces"] = interfaces, ["worlds"] = worlds });
        }
        return result;
    }

    private JsonObject Interface(JsonNode node)
    {
        var types = new JsonObject();
        foreach (var (name, index) in node["types"]!.AsObject())
            types.Add(name, TypeDef(_types[(int)index!]!));
        var functions = new JsonObject();
        foreach (var (name, function) in node["functions"]!.AsObject())
            functions.Add(name, Function(function!));
        return new JsonObject { ["docs"] = Docs(node), ["stability"] = Copy(node["stability"]), ["types"] = types, ["functions"] = functions };
    }

    private JsonObject World(JsonNode node) => new()
    {
        ["docs"] = Docs(node),
        ["stability"] = Copy(node["stability"]),
        ["imports"] = Items(node["imports"]!.AsObject()),
        ["exports"] = Items(node["exports"]!.AsObject()),
    };

    private JsonArray Items(JsonObject items)
    {
        var result = new JsonArray();
        foreach (var (key, item) in items)
        {
            if (item!["interface"] is { } target)
            {
                var index = (int)target["id"]!;
                var isInline = _interfaces[index]!["name"] is null;
                result.Add(new JsonObject
                {
                    ["interface"] = isInline ? Interface(_interfaces[index]!) : _interfacePaths[index],
                    ["label"] = key == $"interface-{index}" ? null : key,
                    ["stability"] = Copy(target["stability"]),
                });
            }
            else if (item["type"] is { } type)
                result.Add(new JsonObject { ["type"] = key, ["definition"] = TypeDef(_types[(int)type]!) });
            else
                result.Add(new JsonObject { ["function"] = key, ["definition"] = Function(item["function"]!) });
        }
        return result;
    }

    private JsonObject Function(JsonNode node)
    {
        var kind = node["kind"]!;
        var parameters = new JsonArray();
        foreach (var parameter in node["params"]!.AsArray())
            parameters.Add(new JsonObject { ["name"] = (string)parameter!["name"]!, ["type"] = Type(parameter["type"]) });
        return new JsonObject
        {
            ["kind"] = kind is JsonValue ? (string)kind! : new JsonObject { [kind.AsObject().First().Key] = Type(kind.AsObject().First().Value) },
            ["params"] = parameters,
            ["result"] = Type(node["result"]),
            ["docs"] = Docs(node),
            ["stability"] = Copy(node["stability"]),
        };
    }

    private JsonObject TypeDef(JsonNode node) => new() { ["kind"] = Kind(node["kind"]!), ["docs"] = Docs(node), ["stability"] = Copy(node["stability"]) };

    private JsonNode? Type(JsonNode? node)
    {
        if (node is null || node.GetValueKind() == System.Text.Json.JsonValueKind.String)
            return Copy(node);
        var type = _types[(int)node]!;
        if (type["name"] is not { } name)
            return Kind(type["kind"]!);
        var owner = type["owner"]!;
        return owner["interface"] is { } index ? $"{_interfacePaths[(int)index]}#{name}" : $"{_worldPaths[(int)owner["world"]!]}#{name}";
    }

    private JsonNode Kind(JsonNode kind)
    {
        if (kind is JsonValue)
            return Copy(kind)!;
        var (name, value) = kind.AsObject().First();
        JsonNode? content = name switch
        {
            "record" => Parts(value!["fields"]!, typed: true),
            "variant" => Parts(value!["cases"]!, typed: true),
            "enum" => Parts(value!["cases"]!, typed: false),
            "flags" => Parts(value!["flags"]!, typed: false),
            "tuple" => new JsonArray([.. value!["types"]!.AsArray().Select(Type)]),
            "result" => new JsonArray(Type(value!["ok"]), Type(value["err"])),
            "map" => new JsonArray(Type(value![0]), Type(value[1])),
            "fixed-length-list" => new JsonArray(Type(value![0]), Copy(value[1])),
            "handle" => new JsonObject { [value!.AsObject().First().Key] = Type(value.AsObject().First().Value) },
            _ => Type(value),
        };
        return new JsonObject { [name] = content };
    }

    private JsonArray Parts(JsonNode parts, bool typed)
    {
        var result = new JsonArray();
        foreach (var part in parts.AsArray())
        {
            var item = new JsonObject { ["name"] = (string)part!["name"]!, ["docs"] = Docs(part) };
            if (typed)
                item["type"] = Type(part["type"]);
            result.Add(item);
        }
        return result;
    }

    private static string? Docs(JsonNode node) => (string?)node["docs"]?["contents"];

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();
}
