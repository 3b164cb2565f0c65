using System.Globalization;
using System.Text;
using Windhover.Wit.Model;
using Windhover.Wit.Syntax;

namespace Windhover.Wit.Printing;

/// <summary>The text of types, names and strings within one interface or world.</summary>
internal sealed class TypeText(WitScope scope)
{
    public static string Name(string name) => Lexer.IsKeyword(name) ? "%" + name : name;

    public static string PackageName(WitPackageName name) =>
        $"{Name(name.Namespace)}:{Name(name.Name)}{(name.Version is null ? "" : "@" + name.Version)}";

    /// <summary>An interface as a `use` path: its bare name within its own package.</summary>
    public static string Path(WitInterface target, WitPackage? from)
    {
        if (target.Name is null)
            throw new ArgumentException("An interface without a name cannot be referred to.", nameof(target));
        var package = target.Package;
        if (package is null || ReferenceEquals(package, from))
            return Name(target.Name);
        var version = package.Name.Version is { } v ? "@" + v : "";
        return $"{Name(package.Name.Namespace)}:{Name(package.Name.Name)}/{Name(target.Name)}{version}";
    }

    public string Of(WitType type) => type switch
    {
        WitPrimitive p => p.Name,
        WitTypeDef d => Reference(d),
        WitOwnType t => Reference(t.Resource),
        WitBorrowType t => $"borrow<{Reference(t.Resource)}>",
        WitListType t => $"list<{Of(t.Element)}>",
        WitFixedListType t => $"list<{Of(t.Element)}, {t.Length.ToString(CultureInfo.InvariantCulture)}>",
        WitOptionType t => $"option<{Of(t.Element)}>",
        WitTupleType t => $"tuple<{string.Join(", ", t.Elements.Select(Of))}>",
        WitMapType t => $"map<{Of(t.Key)}, {Of(t.Value)}>",
        WitStreamType t => t.Element is null ? "stream" : $"stream<{Of(t.Element)}>",
        WitFutureType t => t.Element is null ? "future" : $"future<{Of(t.Element)}>",
        WitResultType { Ok: null, Error: null } => "result",
        WitResultType { Ok: null } t => $"result<_, {Of(t.Error!)}>",
        WitResultType { Error: null } t => $"result<{Of(t.Ok)}>",
        WitResultType t => $"result<{Of(t.Ok)}, {Of(t.Error)}>",
        _ => throw new ArgumentException("Unknown kind of type.", nameof(type)),
    };

    /// <summary>The right side of `type name = …`, where the bare name of a resource would be the resource itself.</summary>
    public string AliasTarget(WitType type) => type is WitOwnType own ? $"own<{Reference(own.Resource)}>" : Of(type);

    private string Reference(WitTypeDef type) =>
        ReferenceEquals(type.Owner, scope) ? Name(type.Name)
            : throw new ArgumentException($"'{type}' is referred to in {scope}, which has no alias for it.", nameof(type));

    /// <summary>A string literal; characters that a WIT file may not hold are escaped.</summary>
    public static string Quote(string text)
    {
        var result = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '"' or '\\')
                result.Append('\\').Append(c);
            else if (c is >= ' ' and < '\x7f')
                result.Append(c);
            else if (char.IsSurrogatePair(text, i))
                result.Append("\\u{").Append(char.ConvertToUtf32(text, i++).ToString("x", CultureInfo.InvariantCulture)).Append('}');
            else
                result.Append("\\u{").Append((char.IsSurrogate(c) ? 0xFFFD : c).ToString("x", CultureInfo.InvariantCulture)).Append('}');
        }
        return result.Append('"').ToString();
    }
}
