using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Windhover.Hosting.Messaging;

// Where a reply goes: `_INBOX.<inbox>.<request>`, each part 128 random bits in hexadecimal. The inbox is what a broker knows, and the same for all requests of
// a server over that broker; the request is what nobody can guess.
internal readonly record struct ReplyAddress(string Inbox, string Request)
{
    private const string Prefix = "_INBOX.";
    private const int PartLength = 32;
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    public static string NewPart() => RandomNumberGenerator.GetHexString(PartLength, lowercase: true);

    public static bool TryParse([NotNullWhen(true)] string? text, out ReplyAddress address)
    {
        address = default;
        if (text is not { Length: 7 + (2 * PartLength) + 1 } || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + PartLength] != '.')
            return false;
        ReadOnlySpan<char> inbox = text.AsSpan(Prefix.Length, PartLength), request = text.AsSpan(Prefix.Length + PartLength + 1);
        if (inbox.ContainsAnyExcept(s_digits) || request.ContainsAnyExcept(s_digits))
            return false;
        address = new ReplyAddress(inbox.ToString(), request.ToString());
        return true;
    }

    public override string ToString() => $"{Prefix}{Inbox}.{Request}";
}
