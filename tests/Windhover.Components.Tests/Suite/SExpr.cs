using System.Buffers;
using System.Globalization;
using System.Text;

namespace Windhover.Components.Tests.Suite;

/// <summary>A node of a .wast file: an atom, a string (as bytes), or a list. Spans index the source.</summary>
internal sealed record SExpr(int Start, int End, string? Atom, byte[]? Bytes, IReadOnlyList<SExpr> Items)
{
    /// <summary>The keyword that a list starts with, or null.</summary>
    public string? Head => Items.Count > 0 ? Items[0].Atom : null;

    public string Text => Encoding.UTF8.GetString(Bytes!);

    /// <summary>Reads every top-level form. Comments are <c>;;</c> to the end of the line and nested <c>(; ;)</c>.</summary>
    public static IReadOnlyList<SExpr> Parse(string source)
    {
        var open = new Stack<(int Start, List<SExpr> Items)>();
        var top = new List<SExpr>();
        var at = 0;
        while (Skip(source, ref at))
        {
            var start = at;
            var target = open.Count > 0 ? open.Peek().Items : top;
            switch (source[at])
            {
                case '(':
                    open.Push((at++, []));
                    break;
                case ')':
                    var (from, items) = open.Count > 0 ? open.Pop() : throw new FormatException($"unmatched ) at {at}");
                    (open.Count > 0 ? open.Peek().Items : top).Add(new SExpr(from, ++at, null, null, items));
                    break;
                case '"':
                    var bytes = String(source, ref at);
                    target.Add(new SExpr(start, at, null, bytes, []));
                    break;
                default:
                    while (at < source.Length && !char.IsWhiteSpace(source[at]) && source[at] is not ('(' or ')' or '"' or ';'))
                        at++;
                    if (at == start)
                        throw new FormatException($"unexpected {source[at]} at {at}");
                    target.Add(new SExpr(start, at, source[start..at], null, []));
                    break;
            }
        }

        return open.Count == 0 ? top : throw new FormatException($"( at {open.Peek().Start} is never closed");
    }

    private static bool Skip(string source, ref int at)
    {
        while (at < source.Length)
        {
            if (char.IsWhiteSpace(source[at]))
            {
                at++;
            }
            else if (source.AsSpan(at).StartsWith(";;"))
            {
                var end = source.IndexOf('\n', at);
                at = end < 0 ? source.Length : end;
            }
            else if (source.AsSpan(at).StartsWith("(;"))
            {
                var depth = 0;
                do
                {
                    var two = source.AsSpan(at);
                    var step = two.StartsWith("(;") ? 1 : two.StartsWith(";)") ? -1 : 0;
                    depth += step;
                    at += step == 0 ? 1 : 2;
                }
                while (depth > 0 && at < source.Length);
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] String(string source, ref int at)
    {
        var output = new ArrayBufferWriter<byte>();
        at++;
        while (source[at] != '"')
        {
            var next = source.AsSpan(at).IndexOfAny('"', '\\');
            output.Write(Encoding.UTF8.GetBytes(source, at, next));
            at += next;
            if (source[at] == '\\')
                Escape(source, ref at, output);
        }

        at++;
        return output.WrittenSpan.ToArray();
    }

    private static void Escape(string source, ref int at, ArrayBufferWriter<byte> output)
    {
        var c = source[at + 1];
        var simple = c switch { 't' => '\t', 'n' => '\n', 'r' => '\r', '"' => '"', '\'' => '\'', '\\' => '\\', _ => '\0' };
        if (simple != 0)
        {
            output.Write((ReadOnlySpan<byte>)[(byte)simple]);
            at += 2;
        }
        else if (c == 'u')
        {
            var close = source.IndexOf('}', at);
            var scalar = int.Parse(source.AsSpan(at + 3, close - at - 3), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            output.Write(Encoding.UTF8.GetBytes(char.ConvertFromUtf32(scalar)));
            at = close + 1;
        }
        else
        {
            output.Write((ReadOnlySpan<byte>)[byte.Parse(source.AsSpan(at + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)]);
            at += 3;
        }
    }
}
