namespace Windhover.Wit.Syntax;

internal enum TokenKind
{
    End,
    Identifier,

    /// <summary>An identifier after <c>%</c>; it may spell a keyword.</summary>
    ExplicitIdentifier,
    Keyword,
    Integer,
    String,
    Punctuation,

    /// <summary>Text that is no token; its message is kept by the lexer and reported when the parser gets there.</summary>
    Bad,
}

/// <summary>A token, and the comments between it and the one before.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Start, int End, int FirstComment, int CommentCount)
{
    public string Describe() => Kind switch
    {
        TokenKind.End => "the end of the file",
        TokenKind.Identifier or TokenKind.ExplicitIdentifier => $"`{Text}`",
        TokenKind.Keyword => $"keyword `{Text}`",
        TokenKind.Integer => $"the number {Text}",
        TokenKind.String => "a string",
        _ => $"`{Text}`",
    };
}
