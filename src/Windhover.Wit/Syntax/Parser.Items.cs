using Windhover.Wit.Model;

namespace Windhover.Wit.Syntax;

internal sealed partial class Parser
{
    private List<MemberSyntax> ParseInterfaceMembers()
    {
        var members = new List<MemberSyntax>();
        Expect("{");
        while (!Is("}"))
        {
            var head = ParseHead(Docs(Current));
            if (IsKeyword("use"))
                members.Add(ParseUse(head));
            else if (TryParseTypeDef(head) is { } type)
                members.Add(type);
            else if (Current.Kind is TokenKind.Identifier or TokenKind.ExplicitIdentifier)
                members.Add(ParseFunction(head, WitFunctionKind.Freestanding));
            else
                throw Unexpected("a type, `use` or a function name");
        }
        Expect("}");
        return members;
    }

    private List<MemberSyntax> ParseWorldMembers()
    {
        var members = new List<MemberSyntax>();
        Expect("{");
        while (!Is("}"))
        {
            var head = ParseHead(Docs(Current));
            if (IsKeyword("import") || IsKeyword("export"))
                members.Add(ParseExtern(head));
            else if (IsKeyword("use"))
                members.Add(ParseUse(head));
            else if (IsKeyword("include"))
                members.Add(ParseInclude(head));
            else if (TryParseTypeDef(head) is { } type)
                members.Add(type);
            else
                throw Unexpected("`import`, `export`, `include`, `use` or a type");
        }
        Expect("}");
        return members;
    }

    private UseSyntax ParseUse(ItemHead head)
    {
        ExpectKeyword("use");
        var from = ParsePath();
        Expect(".");
        var names = ParseList("{", "}", () =>
        {
            var name = ParseName();
            return (name, AcceptKeyword("as") ? ParseName() : name);
        });
        Expect(";");
        return new UseSyntax(head, from, names);
    }

    private IncludeSyntax ParseInclude(ItemHead head)
    {
        ExpectKeyword("include");
        var from = ParsePath();
        if (!AcceptKeyword("with"))
        {
            Expect(";");
            return new IncludeSyntax(head, from, []);
        }
        var renames = ParseList("{", "}", () =>
        {
            var name = ParseName();
            ExpectKeyword("as");
            return (name, ParseName());
        });
        Accept(";"); // the grammar has none here, the examples do
        return new IncludeSyntax(head, from, renames);
    }

    //   import name: func(…);        import name: interface { … }
    //   import name: local;          import name: ns:pkg/iface;
    //   import local;                import ns:pkg/iface;
    // After `name :` the last form goes on with `name /`; all others are labels. Without white space `a:b` is the name of a package.
    private ExternSyntax ParseExtern(ItemHead head)
    {
        var isExport = IsKeyword("export");
        _index++;
        var start = _index;
        var label = ParseName();
        if (Accept(":"))
        {
            if (IsKeyword("func") || IsKeyword("async"))
                return new ExternSyntax(head, isExport, label, null, ParseFunctionType(head, label, WitFunctionKind.Freestanding), null);
            if (AcceptKeyword("interface"))
                return new ExternSyntax(head, isExport, label, null, null, ParseInterfaceMembers());
            if (Current.Kind is not (TokenKind.Identifier or TokenKind.ExplicitIdentifier))
                throw Unexpected("`func`, `interface` or the name of an interface");
            var isJoined = Current.Start == label.Span.Start + label.Span.Length + 1;
            if (!isJoined && _lexer.Tokens[_index + 1] is not { Kind: TokenKind.Punctuation, Text: "/" })
            {
                var named = ParsePath();
                Expect(";");
                return new ExternSyntax(head, isExport, label, named, null, null);
            }
        }
        _index = start;
        var path = ParsePath();
        Expect(";");
        return new ExternSyntax(head, isExport, null, path, null, null);
    }

    private FunctionSyntax ParseFunction(ItemHead head, WitFunctionKind kind)
    {
        var name = ParseName();
        Expect(":");
        if (kind == WitFunctionKind.Method && AcceptKeyword("static"))
            kind = WitFunctionKind.Static;
        return ParseFunctionType(head, name, kind);
    }

    private FunctionSyntax ParseFunctionType(ItemHead head, NameSyntax name, WitFunctionKind kind)
    {
        var isAsync = AcceptKeyword("async");
        ExpectKeyword("func");
        return ParseSignature(head, name, kind, isAsync);
    }

    private FunctionSyntax ParseSignature(ItemHead head, NameSyntax name, WitFunctionKind kind, bool isAsync)
    {
        var parameters = ParseList("(", ")", () =>
        {
            var parameter = ParseName();
            Expect(":");
            return (parameter, ParseType());
        });
        var result = Accept("->") ? ParseType() : null;
        Expect(";");
        return new FunctionSyntax(head, name, kind, isAsync, parameters, result);
    }

    private TypeDefSyntax? TryParseTypeDef(ItemHead head)
    {
        var kind = Current is not { Kind: TokenKind.Keyword } token ? null : token.Text switch
        {
            "type" => TypeDefKind.Alias,
            "record" => TypeDefKind.Record,
            "variant" => TypeDefKind.Variant,
            "enum" => TypeDefKind.Enum,
            "flags" => TypeDefKind.Flags,
            "resource" => TypeDefKind.Resource,
            _ => (TypeDefKind?)null,
        };
        if (kind is null)
            return null;
        _index++;
        var name = ParseName();
        switch (kind)
        {
            case TypeDefKind.Alias:
                Expect("=");
                var target = ParseType();
                Expect(";");
                return new TypeDefSyntax(head, name, kind.Value, target, [], []);
            case TypeDefKind.Resource:
                return new TypeDefSyntax(head, name, kind.Value, null, [], ParseResourceFunctions());
            default:
                var parts = ParseList("{", "}", () => ParsePart(kind.Value));
                if (parts.Count == 0 && kind is TypeDefKind.Variant or TypeDefKind.Enum)
                    throw Error(name.Span, $"`{name.Text}` has no cases", "a variant or enum needs at least one case");
                return new TypeDefSyntax(head, name, kind.Value, null, parts, []);
        }
    }

    private PartSyntax ParsePart(TypeDefKind kind)
    {
        var docs = Docs(Current);
        var name = ParseName();
        TypeSyntax? type = null;
        if (kind == TypeDefKind.Record)
        {
            Expect(":");
            type = ParseType();
        }
        else if (kind == TypeDefKind.Variant && Accept("("))
        {
            type = ParseType();
            Expect(")");
        }
        return new PartSyntax(name, type, docs);
    }

    private List<FunctionSyntax> ParseResourceFunctions()
    {
        var functions = new List<FunctionSyntax>();
        if (Accept(";"))
            return functions;
        if (!Is("{"))
            throw Unexpected("`;` or `{`");
        _index++;
        while (!Accept("}"))
        {
            var head = ParseHead(Docs(Current));
            if (IsKeyword("constructor"))
            {
                var name = new NameSyntax("constructor", Span(Current));
                _index++;
                functions.Add(ParseSignature(head, name, WitFunctionKind.Constructor, isAsync: false));
            }
            else if (Current.Kind is TokenKind.Identifier or TokenKind.ExplicitIdentifier)
                functions.Add(ParseFunction(head, WitFunctionKind.Method));
            else
                throw Unexpected("`constructor` or a function name");
        }
        return functions;
    }

    /// <summary>Items between brackets, with commas between them and optionally after the last.</summary>
    private List<T> ParseList<T>(string open, string close, Func<T> parse)
    {
        var items = new List<T>();
        Expect(open);
        while (!Accept(close))
        {
            items.Add(parse());
            if (!Accept(","))
            {
                Expect(close);
                break;
            }
        }
        return items;
    }
}
