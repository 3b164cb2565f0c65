using System.Globalization;

namespace Windhover.Wit.Generator.Emit;

internal static class Expressions
{
    /// <summary>Adds a constant to an identifier, a sum of one and a constant, or a number.</summary>
    public static string Add(string expression, uint constant)
    {
        if (constant == 0)
            return expression;
        if (uint.TryParse(expression, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            return (number + constant).ToString(CultureInfo.InvariantCulture);
        int plus = expression.LastIndexOf(" + ", StringComparison.Ordinal);
        return plus >= 0 && uint.TryParse(expression.Substring(plus + 3), NumberStyles.None, CultureInfo.InvariantCulture, out uint inner)
            ? $"{expression.Substring(0, plus)} + {inner + constant}"
            : $"{expression} + {constant}";
    }
}
