using System.Globalization;
using Windhover.Wit.Model;

namespace Windhover.Wit.Syntax;

/// <summary>Carries the first syntax error of a file to <see cref="Parser.Parse"/>; never leaves the library.</summary>
internal sealed class SyntaxException(WitSpan span, string message, string? help = null) : Exception(message)
{
    public WitDiagnostic Diagnostic { get; } = new(span, message, help);
}

// Recursive descent over the grammar of WIT.md. Recursion happens in two places only, types and nested packages, and both count
// their depth, so that the stack needed is bounded whatever the file holds. Split by topic: this file walks tokens and holds files,
// packages and paths; Parser.Items.cs what stands between braces; Parser.Types.cs types; Parser.Gates.cs versions, gates and strings.
internal sealed partial class Parser
{
    private const int MaxPackageDepth = 100;

    private readonly WitSource _source;
    private readonly Lexer _lexer;
    private readonly bool _plainCommentsAreDocs;
    private int _index;

    private Parser(WitSource source, bool plainCommentsAreDocs)
    {
        _source = source;
        _plainCommentsAreDocs = plainCommentsAreDocs;
        _lexer = Lexer.Run(source);
    }

    private Token Current => _lexer.Tokens[_index];

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="SyntaxException">The file is not WIT.</exception>
    public static UnitSyntax Parse(WitSource source, bool plainCommentsAreDocs)
    {
        var parser = new Parser(source, plainCommentsAreDocs);
        var start = parser._index;
        PackageHead? package = null;
        if (parser.Current is { Kind: TokenKind.Keyword, Text: "package" })
        {
            package = parser.ParsePackageHead();
            if (!parser.Accept(";"))
            {
                package = null; // `package a:b { … }`: an item like any other
                parser._index = start;
            }
        }
        var unit = new UnitSyntax(source, package);
        while (parser.Current.Kind != TokenKind.End)
            parser.ParseTopLevel(unit, 0);
        return unit;
    }

    private void ParseTopLevel(UnitSyntax unit, int depth)
    {
        var docs = Docs(Current);
        var head = ParseHead(docs);
        var token = Current;
        switch (token)
        {
            case { Kind: TokenKind.Keyword, Text: "interface" }:
                _index++;
                unit.Scopes.Add(new ScopeSyntax(ParseName(), head, false, ParseInterfaceMembers()));
                break;
            case { Kind: TokenKind.Keyword, Text: "world" }:
                _index++;
                unit.Scopes.Add(new ScopeSyntax(ParseName(), head, true, ParseWorldMembers()));
                break;
            case { Kind: TokenKind.Keyword, Text: "use" }:
                if (head.Gate.Length > 0)
                    throw Error(head.Gate, "attributes are not allowed on a top-level `use`", "gate the items that refer to it instead");
                _index++;
                var path = ParsePath();
                var alias = AcceptKeyword("as") ? ParseName() : path.Name;
                Expect(";");
                unit.Uses.Add(new TopLevelUse(path, alias));
                break;
            case { Kind: TokenKind.Keyword, Text: "package" }:
                if (head.Gate.Length > 0)
                    throw Error(head.Gate, "attributes are not allowed on a package", null);
                if (depth >= MaxPackageDepth)
                    throw Error(Span(token), "packages are nested too deeply", "place packages side by side at the top level");
                var package = ParsePackageHead();
                Expect("{");
                var nested = new UnitSyntax(_source, package);
                while (!Accept("}"))
                    ParseTopLevel(nested, depth + 1);
                unit.Nested.Add(nested);
                break;
            default:
                throw Unexpected("`interface`, `world`, `use` or `package`");
        }
    }

    private PackageHead ParsePackageHead()
    {
        var first = Current;
        ExpectKeyword("package");
        var space = ParseName();
        Expect(":");
        var name = ParseName();
        var version = Accept("@") ? ParseVersion() : null;
        var end = _lexer.Tokens[_index - 1].End;
        var start = space.Span.Start;
        return new PackageHead(
            new WitPackageName(space.Text, name.Text, version), new WitSpan(_source, start, end - start), Docs(first), DocsSpan(first));
    }

    private PathSyntax ParsePath()
    {
        var first = ParseName();
        if (!Accept(":"))
            return new PathSyntax(null, default, first);
        var package = ParseName();
        if (!Is("/"))
            throw Error(new WitSpan(_source, first.Span.Start, package.Span.Start + package.Span.Length - first.Span.Start),
                $"`{first.Text}:{package.Text}` names a package, not an interface",
                $"name one of its interfaces: `{first.Text}:{package.Text}/<interface>`");
        Expect("/");
        var name = ParseName();
        var version = Accept("@") ? ParseVersion() : null;
        var start = first.Span.Start;
        var span = new WitSpan(_source, start, package.Span.Start + package.Span.Length - start);
        return new PathSyntax(new WitPackageName(first.Text, package.Text, version), span, name);
    }

    // ── tokens ──

    private WitSpan Span(Token token) => new(_source, token.Start, token.End - token.Start);

    private bool Is(string punctuation) => Current.Kind == TokenKind.Punctuation && Current.Text == punctuation;

    private bool IsKeyword(string keyword) => Current.Kind == TokenKind.Keyword && Current.Text == keyword;

    private bool Accept(string punctuation)
    {
        if (!Is(punctuation))
            return false;
        _index++;
        return true;
    }

    private bool AcceptKeyword(string keyword)
    {
        if (!IsKeyword(keyword))
            return false;
        _index++;
        return true;
    }

    private void Expect(string punctuation)
    {
        if (!Accept(punctuation))
            throw Unexpected($"`{punctuation}`");
    }

    private void ExpectKeyword(string keyword)
    {
        if (!AcceptKeyword(keyword))
            throw Unexpected($"keyword `{keyword}`");
    }

    private NameSyntax ParseName()
    {
        var token = Current;
        if (token.Kind is not (TokenKind.Identifier or TokenKind.ExplicitIdentifier))
            throw Unexpected("a name");
        CheckName(token);
        _index++;
        return new NameSyntax(token.Text, Span(token));
    }

    /// <summary>
    /// Words joined by single dashes, each all lower or all upper case, the first beginning with a letter (Explainer.md, <c>label</c>).
    /// </summary>
    private void CheckName(Token token)
    {
        const string Rule =
            "a name is words of ASCII letters and digits joined by single dashes, each word in one case: `a-name2`, `parse-URL`";
        var wordStart = true;
        bool? upper = null;
        for (var i = 0; i < token.Text.Length; i++)
        {
            var c = token.Text[i];
            if (c == '-')
            {
                if (wordStart)
                    throw Error(Span(token), $"`{token.Text}` has an empty word in it", Rule);
                wordStart = true;
                upper = null;
                continue;
            }
            var isUpper = c is >= 'A' and <= 'Z';
            var isLower = c is >= 'a' and <= 'z';
            if (!isUpper && !isLower && (c is < '0' or > '9' || i == 0))
                throw Error(Span(token), $"`{c}` cannot stand there in the name `{token.Text}`", Rule);
            if (isUpper || isLower)
            {
                if (upper is { } known && known != isUpper)
                    throw Error(Span(token), $"a word of the name `{token.Text}` mixes upper and lower case", Rule);
                upper = isUpper;
            }
            wordStart = false;
        }
        if (wordStart)
            throw Error(Span(token), token.Text.Length == 0 ? "a name is missing after `%`" : $"the name `{token.Text}` ends in a dash",
                Rule);
    }

    private SyntaxException Unexpected(string expected)
    {
        var token = Current;
        if (token.Kind == TokenKind.Bad)
            return Error(Span(token), _lexer.BadMessage!, null);
        var help = token.Kind == TokenKind.Keyword && expected.Contains("name") && token.Text != "_"
            ? string.Format(CultureInfo.InvariantCulture, "to use the keyword as a name write `%{0}`", token.Text) : null;
        return Error(Span(token), $"expected {expected}, found {token.Describe()}", help);
    }

    private static SyntaxException Error(WitSpan span, string message, string? help) => new(span, message, help);
}
