using System.Globalization;
using Windhover.Wit.Model;

namespace Windhover.Wit.Syntax;

/// <summary>Cuts a file into tokens (WIT.md "Lexical structure"). One pass, never backtracks, never throws.</summary>
internal sealed class Lexer
{
    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal)
    {
        "as", "async", "bool", "borrow", "char", "constructor", "enum", "error-context", "export", "f32", "f64", "flags", "from", "func",
        "future", "import", "include", "interface", "list", "map", "option", "own", "package", "record", "resource", "result", "s16", "s32",
        "s64", "s8", "static", "stream", "string", "tuple", "type", "u16", "u32", "u64", "u8", "use", "variant", "with", "world", "_",
    };

    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private readonly List<(int Start, int End)> _comments = [];
    private int _position;
    private int _firstComment;

    private Lexer(string text) => _text = text;

    public string? BadMessage { get; private set; }

    public IReadOnlyList<Token> Tokens => _tokens;

    public IReadOnlyList<(int Start, int End)> Comments => _comments;

    /// <summary>Whether a word means something else than a name and needs <c>%</c> before it to be one.</summary>
    public static bool IsKeyword(string word) => s_keywords.Contains(word);

    public static Lexer Run(WitSource source)
    {
        var lexer = new Lexer(source.Text);
        var invalid = lexer.FindForbidden();
        if (invalid >= 0)
        {
            lexer.Bad(invalid, invalid + 1, string.Format(CultureInfo.InvariantCulture,
                "the character U+{0:X4} is not allowed in a WIT file", (int)source.Text[invalid]));
            return lexer;
        }
        lexer.Scan();
        return lexer;
    }

    // Control characters, bidirectional overrides (a file must read as it is parsed), and code points that Unicode deprecates.
    private int FindForbidden()
    {
        for (var i = 0; i < _text.Length; i++)
        {
            var c = _text[i];
            if (c is >= ' ' and < '\x7f' or '\n' or '\r' or '\t')
                continue;
            if (char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069')
                || c is '\u0149' or '\u0673' or '\u0f77' or '\u0f79' or '\u17a3' or '\u17a4' or '\u17b4' or '\u17b5')
                return i;
            if (char.IsHighSurrogate(c) && i + 1 < _text.Length && char.IsLowSurrogate(_text[i + 1]))
                i++;
            else if (char.IsSurrogate(c))
                return i;
        }
        return -1;
    }

    private void Scan()
    {
        if (_text.Length > 0 && _text[0] == '\ufeff')
            _position = 1;
        while (_position < _text.Length)
        {
            var start = _position;
            var c = _text[start];
            if (c is ' ' or '\t' or '\n' or '\r')
                _position++;
            else if (c == '/' && Peek(1) is '/' or '*')
            {
                if (!Comment())
                    return;
            }
            else if (IsWordStart(c))
                Word(start, start, explicitly: false);
            else if (c == '%')
                Word(start, start + 1, explicitly: true);
            else if (c is >= '0' and <= '9')
            {
                while (Peek(0) is >= '0' and <= '9')
                    _position++;
                Add(TokenKind.Integer, start);
            }
            else if (c == '"')
            {
                if (!String(start))
                    return;
            }
            else if (c == '-' && Peek(1) == '>')
            {
                _position += 2;
                Add(TokenKind.Punctuation, start);
            }
            else if ("=,:;(){}<>*/.@-+".IndexOf(c) >= 0)
            {
                _position++;
                Add(TokenKind.Punctuation, start);
            }
            else
            {
                var length = char.IsSurrogatePair(_text, start) ? 2 : 1;
                Bad(start, start + length, $"unexpected character `{_text.Substring(start, length)}`");
                return;
            }
        }
        Add(TokenKind.End, _text.Length);
    }

    private char Peek(int ahead) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    private bool Comment()
    {
        var start = _position;
        if (Peek(1) == '/')
        {
            var end = _text.IndexOf('\n', start);
            _position = end < 0 ? _text.Length : end;
            _comments.Add((start, _position));
            return true;
        }
        var depth = 0; // block comments nest
        do
        {
            if (_position + 1 >= _text.Length)
            {
                Bad(start, start + 2, "this comment is never closed");
                return false;
            }
            var pair = (_text[_position], _text[_position + 1]);
            depth += pair == ('/', '*') ? 1 : pair == ('*', '/') ? -1 : 0;
            _position += pair is ('/', '*') or ('*', '/') ? 2 : 1;
        }
        while (depth > 0);
        _comments.Add((start, _position));
        return true;
    }

    private void Word(int start, int wordStart, bool explicitly)
    {
        _position = wordStart;
        while (IsWordPart(Peek(0)) && !(Peek(0) == '-' && Peek(1) == '>'))
            _position++;
        var kind = explicitly ? TokenKind.ExplicitIdentifier
            : s_keywords.Contains(_text.Substring(start, _position - start)) ? TokenKind.Keyword : TokenKind.Identifier;
        Add(kind, start, wordStart);
    }

    private bool String(int start)
    {
        for (_position++; _position < _text.Length && _text[_position] is not ('"' or '\n'); _position++)
        {
            if (_text[_position] == '\\')
                _position++;
        }
        if (_position >= _text.Length || _text[_position] != '"')
        {
            Bad(start, start + 1, "this string is never closed");
            return false;
        }
        _position++;
        Add(TokenKind.String, start);
        return true;
    }

    // Any letter is let in here so that the message can be about the whole name; the parser checks names.
    private static bool IsWordStart(char c) => char.IsLetter(c) || c == '_';

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '-';

    private void Add(TokenKind kind, int start, int? textStart = null)
    {
        var from = textStart ?? start;
        var end = kind == TokenKind.End ? start : _position;
        _tokens.Add(new Token(kind, _text.Substring(from, end - from), start, end, _firstComment, _comments.Count - _firstComment));
        _firstComment = _comments.Count;
    }

    private void Bad(int start, int end, string message)
    {
        BadMessage = message;
        _tokens.Add(new Token(TokenKind.Bad, "", start, Math.Min(end, _text.Length), _firstComment, 0));
    }
}
