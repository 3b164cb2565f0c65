using System.Text.Json.Nodes;
using Windhover.Wit.Model;

namespace Windhover.Wit.Tests.Suites;

/// <summary>Brings the model into the same shape as <see cref="ReferenceShape"/>; two models are equal when their shapes are.</summary>
internal static class WitShape
{
    public static JsonObject Of(WitPackageSet set)
    {
        var result = new JsonObject();
        foreach (var package in set.Packages.OrderBy(p => p.Name.ToString(), StringComparer.Ordinal))
        {
            var interfaces = new JsonObject();
            foreach (var item in package.Interfaces)
                interfaces.Add(item.Name!, Interface(item, item.QualifiedName!));
            var worlds = new JsonObject();
            foreach (var item in package.Worlds)
                worlds.Add(item.Name, World(item));
            result.Add(package.Name.ToString(), new JsonObject { ["docs"] = package.Docs, ["interfaces"] = interfaces, ["worlds"] = worlds });
        }
        return result;
    }

    public static string Qualify(string package, string item)
    {
        var at = package.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? $"{package}/{item}" : $"{package[..at]}/{item}{package[at..]}";
    }

    private static JsonObject Interface(WitInterface item, string path)
    {
        var types = new JsonObject();
        foreach (var type in item.Types)
            types.Add(type.Name, TypeDef(type, item, path));
        var functions = new JsonObject();
        foreach (var function in item.Functions)
            functions.Add(function.CanonicalName, Function(function, item, path));
        return new JsonObject { ["docs"] = item.Docs, ["stability"] = Stability(item.Stability), ["types"] = types, ["functions"] = functions };
    }

    private static JsonObject World(WitWorld world) => new()
    {
        ["docs"] = world.Docs,
        ["stability"] = Stability(world.Stability),
        ["imports"] = Items(world.Imports, world, "imports"),
        ["exports"] = Items(world.Exports, world, "exports"),
    };

    private static JsonArray Items(IReadOnlyList<WitWorldItem> items, WitWorld world, string side)
    {
        var result = new JsonArray();
        foreach (var item in items)
        {
            result.Add(item switch
            {
                WitInterfaceItem i => new JsonObject
                {
                    ["interface"] = i.Interface.IsInline ? Interface(i.Interface, $"{world.QualifiedName}!{side}!{i.Name}") : i.Interface.QualifiedName,
                    ["label"] = i.Label,
                    ["stability"] = Stability(i.Stability),
                },
                WitTypeItem t => new JsonObject { ["type"] = t.Name, ["definition"] = TypeDef(t.Type, world, world.QualifiedName!) },
                WitFunctionItem f => new JsonObject { ["function"] = f.Name, ["definition"] = Function(f.Function, world, world.QualifiedName!) },
                _ => throw new InvalidOperationException(),
            });
        }
        return result;
    }

    private static JsonObject Function(WitFunction function, WitScope scope, string path)
    {
        var kind = (function.IsAsync ? "async-" : "") + function.Kind.ToString().ToLowerInvariant();
        var parameters = new JsonArray();
        foreach (var parameter in function.Parameters)
            parameters.Add(new JsonObject { ["name"] = parameter.Name, ["type"] = Type(parameter.Type, scope, path) });
        return new JsonObject
        {
            ["kind"] = function.Resource is null ? kind : new JsonObject { [kind] = Type(function.Resource, scope, path) },
            ["params"] = parameters,
            ["result"] = Type(function.Result, scope, path),
            ["docs"] = function.Docs,
            ["stability"] = Stability(function.Stability),
        };
    }

    private static JsonObject TypeDef(WitTypeDef type, WitScope scope, string path)
    {
        JsonNode kind = type switch
        {
            WitRecord r => new JsonObject { ["record"] = new JsonArray([.. r.Fields.Select(f => Part(f.Name, f.Docs, Type(f.Type, scope, path)))]) },
            WitVariant v => new JsonObject { ["variant"] = new JsonArray([.. v.Cases.Select(c => Part(c.Name, c.Docs, Type(c.Type, scope, path)))]) },
            WitEnum e => new JsonObject { ["enum"] = Labels(e.Cases) },
            WitFlags f => new JsonObject { ["flags"] = Labels(f.Labels) },
            WitResource => "resource",
            WitAlias { Target: WitTypeDef or WitPrimitive } a => new JsonObject { ["type"] = Type(a.Target, scope, path) },
            WitAlias a => Type(a.Target, scope, path)!,
            _ => throw new InvalidOperationException(),
        };
        return new JsonObject { ["kind"] = kind, ["docs"] = type.Docs, ["stability"] = Stability(type.Stability) };
    }

    private static JsonObject Part(string name, string? docs, JsonNode? type) => new() { ["name"] = name, ["docs"] = docs, ["type"] = type };

    private static JsonArray Labels(IReadOnlyList<WitLabel> labels) =>
        new([.. labels.Select(l => new JsonObject { ["name"] = l.Name, ["docs"] = l.Docs })]);

    // A type of the scope itself is found under the scope's path, which for an inline interface is that of its import or export.
    private static JsonNode? Type(WitType? type, WitScope scope, string path) => type switch
    {
        null => null,
        WitPrimitive p => p.Name,
        WitTypeDef d when ReferenceEquals(d.Owner, scope) => $"{path}#{d.Name}",
        WitTypeDef d => $"{((WitInterface)d.Owner!).QualifiedName}#{d.Name}",
        WitListType t => new JsonObject { ["list"] = Type(t.Element, scope, path) },
        WitFixedListType t => new JsonObject { ["fixed-length-list"] = new JsonArray(Type(t.Element, scope, path), t.Length) },
        WitOptionType t => new JsonObject { ["option"] = Type(t.Element, scope, path) },
        WitResultType t => new JsonObject { ["result"] = new JsonArray(Type(t.Ok, scope, path), Type(t.Error, scope, path)) },
        WitTupleType t => new JsonObject { ["tuple"] = new JsonArray([.. t.Elements.Select(e => Type(e, scope, path))]) },
        WitMapType t => new JsonObject { ["map"] = new JsonArray(Type(t.Key, scope, path), Type(t.Value, scope, path)) },
        WitStreamType t => new JsonObject { ["stream"] = Type(t.Element, scope, path) },
        WitFutureType t => new JsonObject { ["future"] = Type(t.Element, scope, path) },
        WitOwnType t => new JsonObject { ["handle"] = new JsonObject { ["own"] = Type(t.Resource, scope, path) } },
        WitBorrowType t => new JsonObject { ["handle"] = new JsonObject { ["borrow"] = Type(t.Resource, scope, path) } },
        _ => throw new InvalidOperationException(),
    };

    private static JsonObject? Stability(WitStability stability)
    {
        if (stability.IsNone)
            return null;
        var content = stability.Feature is null ? new JsonObject { ["since"] = stability.Since!.ToString() } : new JsonObject { ["feature"] = stability.Feature };
        if (stability.Deprecated is not null)
            content["deprecated"] = stability.Deprecated.ToString();
        return new JsonObject { [stability.Feature is null ? "stable" : "unstable"] = content };
    }
}
