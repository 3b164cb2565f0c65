using System.Globalization;
using System.Numerics;
using System.Text;

namespace Windhover.Components.Tests.Suite;

/// <summary>
/// A component value as .wast files write it: <c>(u8.const 1)</c>, <c>(record.const (field "x" u8.const 1))</c>. Two values are the same when
/// they read the same; every NaN reads <c>nan</c>.
/// </summary>
/// <param name="Type">What stands before <c>.const</c>; option and result for theirs.</param>
/// <param name="Scalar">The number, the string, the case: empty for the others.</param>
/// <param name="Items">Elements, fields, or the payload.</param>
/// <param name="Names">The names of fields, or the flags that are set.</param>
internal sealed record WastValue(string Type, string Scalar, IReadOnlyList<WastValue> Items, IReadOnlyList<string> Names)
{
    public static WastValue Of(string type, string scalar, params IReadOnlyList<WastValue> items) => new(type, scalar, items, []);

    public static WastValue Flags(IEnumerable<string> labels) => new("flags", "", [], [.. labels.Order(StringComparer.Ordinal)]);

    public static WastValue Float(string type, double value) =>
        Of(type, double.IsNaN(value) ? "nan" : value.ToString("R", CultureInfo.InvariantCulture));

    public static WastValue Parse(SExpr form) => Parse(form.Items);

    /// <summary>The float of a scalar, in double precision.</summary>
    public double AsFloat => double.Parse(Scalar, CultureInfo.InvariantCulture);

    public BigInteger AsInteger => BigInteger.Parse(Scalar, CultureInfo.InvariantCulture);

    public bool Equals(WastValue? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString()
    {
        var text = new StringBuilder(Type);
        if (Scalar.Length > 0 || Type == "str")
            text.Append(' ').Append(Type is "str" or "char" ? $"\"{Scalar}\"" : Scalar);
        for (var i = 0; i < Math.Max(Items.Count, Names.Count); i++)
            text.Append(" (").Append(i < Names.Count ? Names[i] : "").Append(i < Items.Count && i < Names.Count ? " " : "").Append(i < Items.Count ? Items[i] : "").Append(')');
        return text.ToString();
    }

    private static WastValue Parse(IReadOnlyList<SExpr> form)
    {
        var head = form[0].Atom!;
        var dot = head.IndexOf('.', StringComparison.Ordinal);
        var (type, form2) = (head[..dot], head[(dot + 1)..]);
        var rest = form.Skip(1).ToList();
        return (type, form2) switch
        {
            ("bool", _) => Of(type, rest[0].Atom!),
            ("char" or "str" or "enum", _) => Of(type, rest[0].Text),
            ("f32", _) => Float(type, (float)Number(rest[0].Atom!)),
            ("f64", _) => Float(type, Number(rest[0].Atom!)),
            ("list" or "tuple", _) => Of(type, "", [.. rest.Select(Parse)]),
            ("record", _) => new(type, "", [.. rest.Select(f => f.Items[2].Items.Count > 0 ? Parse(f.Items[2]) : Parse([.. f.Items.Skip(2)]))], [.. rest.Select(f => f.Items[1].Text)]),
            ("variant", _) => Of(type, rest[0].Text, [.. rest.Skip(1).Select(Parse)]),
            ("option" or "result", _) => Of(type, form2, [.. rest.Select(Parse)]),
            ("flags", _) => Flags(rest.Select(l => l.Text)),
            _ => Of(type, Integer(rest[0].Atom!).ToString(CultureInfo.InvariantCulture)),
        };
    }

    private static double Number(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        return digits switch
        {
            "inf" or "+inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ when digits.Contains("nan", StringComparison.Ordinal) => double.NaN,
            _ => double.Parse(digits, CultureInfo.InvariantCulture),
        };
    }

    private static BigInteger Integer(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).TrimStart('+', '-');
        var value = digits.StartsWith("0x", StringComparison.Ordinal)
            ? BigInteger.Parse("0" + digits[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        return text[0] == '-' ? -value : value;
    }
}
