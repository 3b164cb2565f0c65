using System.Globalization;
using Windhover.Wit.Model;

namespace Windhover.Wit.Syntax;

internal sealed partial class Parser
{
    private const int MaxTypeDepth = 100;

    private static readonly Dictionary<string, WitPrimitive> s_primitives =
        Enumerable.Range(0, (int)WitPrimitiveKind.ErrorContext + 1).Select(k => WitPrimitive.Of((WitPrimitiveKind)k))
            .ToDictionary(p => p.Name);

    private TypeSyntax ParseType(int depth = 0)
    {
        var token = Current;
        var span = Span(token);
        if (depth >= MaxTypeDepth)
            throw Error(span, "types are nested too deeply", "give the inner types names with `type`");
        if (token.Kind is TokenKind.Identifier or TokenKind.ExplicitIdentifier)
            return new TypeSyntax(TypeShape.Name, span, [], Name: ParseName().Text);
        if (token.Kind != TokenKind.Keyword)
            throw Unexpected("a type");
        _index++;
        if (s_primitives.TryGetValue(token.Text, out var primitive))
            return new TypeSyntax(TypeShape.Primitive, span, [], primitive);
        switch (token.Text)
        {
            case "list":
                return ParseListType(span, depth);
            case "option":
                return new TypeSyntax(TypeShape.Option, span, ParseArguments(1, depth));
            case "map":
                return new TypeSyntax(TypeShape.Map, span, ParseArguments(2, depth));
            case "tuple":
                return new TypeSyntax(TypeShape.Tuple, span, ParseList("<", ">", () => ParseType(depth + 1)));
            case "stream":
                return new TypeSyntax(TypeShape.Stream, span, Is("<") ? ParseArguments(1, depth) : []);
            case "future":
                return new TypeSyntax(TypeShape.Future, span, Is("<") ? ParseArguments(1, depth) : []);
            case "result":
                return ParseResultType(span, depth);
            case "own" or "borrow":
                Expect("<");
                var resource = ParseName();
                Expect(">");
                return new TypeSyntax(token.Text == "own" ? TypeShape.Own : TypeShape.Borrow, resource.Span, [], Name: resource.Text);
            default:
                _index--;
                throw Unexpected("a type name");
        }
    }

    private List<TypeSyntax?> ParseArguments(int count, int depth)
    {
        var arguments = new List<TypeSyntax?>(count);
        Expect("<");
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                Expect(",");
            arguments.Add(ParseType(depth + 1));
        }
        Expect(">");
        return arguments;
    }

    private TypeSyntax ParseListType(WitSpan span, int depth)
    {
        Expect("<");
        var element = ParseType(depth + 1);
        if (!Accept(","))
        {
            Expect(">");
            return new TypeSyntax(TypeShape.List, span, [element]);
        }
        var token = Current;
        if (token.Kind != TokenKind.Integer)
            throw Unexpected("a length");
        if (!uint.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length == 0)
            throw Error(Span(token), $"{token.Text} is not a possible length", "a list's length lies between 1 and 4294967295");
        _index++;
        Expect(">");
        return new TypeSyntax(TypeShape.FixedList, span, [element], Length: length);
    }

    private TypeSyntax ParseResultType(WitSpan span, int depth)
    {
        TypeSyntax? ok = null;
        TypeSyntax? error = null;
        if (Accept("<"))
        {
            if (AcceptKeyword("_"))
            {
                Expect(",");
                error = ParseType(depth + 1);
            }
            else
            {
                ok = ParseType(depth + 1);
                if (Accept(","))
                    error = ParseType(depth + 1);
            }
            Expect(">");
        }
        return new TypeSyntax(TypeShape.Result, span, [ok, error]);
    }
}
