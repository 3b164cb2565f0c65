using Windhover.Wit.Model;

namespace Windhover.Wit.Tests.Suites;

internal static class RoundTrip
{
    /// <summary>Prints and reads a set; <see langword="null"/> when the result is equal, else a description of the first difference.</summary>
    public static string? Difference(WitPackageSet set, WitOptions? options = null)
    {
        var text = WitPrinter.Print(set);
        var again = WitResolver.Parse(text, "printed.wit", options);
        var expected = WitShape.Of(set).ToJsonString(Json.Indented);
        var actual = WitShape.Of(again).ToJsonString(Json.Indented);
        if (expected != actual)
            return Json.FirstDifference(expected, actual) + "\n" + text;
        var second = WitPrinter.Print(again);
        return second == text ? null : "printing again gives another text: " + Json.FirstDifference(text, second);
    }
}
