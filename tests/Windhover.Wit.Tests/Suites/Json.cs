using System.Text.Encodings.Web;
using System.Text.Json;

namespace Windhover.Wit.Tests.Suites;

internal static class Json
{
    public static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first line in which two texts differ, with some lines around it.</summary>
    public static string FirstDifference(string expected, string actual)
    {
        var a = expected.Split('\n');
        var b = actual.Split('\n');
        var at = 0;
        while (at < a.Length && at < b.Length && a[at] == b[at])
            at++;
        var from = Math.Max(0, at - 12);
        return $"line {at + 1}\nexpected:\n{string.Join('\n', a.Skip(from).Take(20))}\nactual:\n{string.Join('\n', b.Skip(from).Take(20))}";
    }
}
