using CsCheck;
using Windhover.Wit.Model;

namespace Windhover.Wit.Tests.Model;

public sealed class WitVersionTests
{
    // The order that semver.org §11 gives as its example, with the ends extended.
    private static readonly string[] s_ascending =
    [
        "0.2.0-rc.1", "0.2.0", "0.2.12", "0.3.0-rc-2026-03-15", "0.3.0",
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0",
    ];

    [Fact]
    public void Versions_are_ordered_by_precedence()
    {
        for (var i = 0; i < s_ascending.Length; i++)
        {
            for (var j = 0; j < s_ascending.Length; j++)
                Assert.Equal(i.CompareTo(j), Math.Sign(WitVersion.Parse(s_ascending[i]).CompareTo(WitVersion.Parse(s_ascending[j]))));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("01.2.3")]
    [InlineData("1.2.-3")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3+")]
    [InlineData("1.2.99999999999999999999")]
    [InlineData("1.2.3-é")]
    public void What_is_no_version_is_refused(string text)
    {
        Assert.False(WitVersion.TryParse(text, out _));
        Assert.Throws<FormatException>(() => WitVersion.Parse(text));
    }

    [Theory]
    [InlineData("2.3.4", "2")]
    [InlineData("0.2.12", "0.2")]
    [InlineData("0.0.4", "0.0.4")]
    [InlineData("0.3.0-rc-2026-03-15", "0.3.0-rc-2026-03-15")]
    public void Compatible_versions_share_a_track(string version, string track) => Assert.Equal(track, WitVersion.Parse(version).CompatibilityTrack);

    [Fact]
    public void Text_and_version_turn_into_each_other()
    {
        var identifier = Gen.OneOf(Gen.UInt.Select(n => $"{n}"), Gen.String[Gen.Char.AlphaNumeric, 1, 8].Select(s => "x-" + s));
        var gen = Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, identifier.List[0, 3], identifier.List[0, 3]);
        gen.Sample(v =>
        {
            var version = new WitVersion(v.Item1, v.Item2, v.Item3, string.Join('.', v.Item4), string.Join('.', v.Item5));
            var again = WitVersion.Parse(version.ToString());
            return again.Equals(version) && again.CompareTo(version) == 0 && again.GetHashCode() == version.GetHashCode();
        });
    }
}
