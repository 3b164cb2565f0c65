using System.Text;

namespace Windhover.Components.Tests.Suite;

public class SExprTests
{
    [Fact]
    public void Forms_comments_and_strings_are_read()
    {
        var forms = SExpr.Parse("(a ;; x\n (; (; y ;) ;) \"q\\t\\61\\u{1F600}\\\\\" b)(c)");
        Assert.Equal(2, forms.Count);
        Assert.Equal("a", forms[0].Head);
        Assert.Equal("q\ta\U0001F600\\", forms[0].Items[1].Text);
        Assert.Equal("b", forms[0].Items[2].Atom);
        Assert.Equal("c", forms[1].Head);
        Assert.Throws<FormatException>(() => SExpr.Parse("(a"));
        Assert.Throws<FormatException>(() => SExpr.Parse("a)"));
        Assert.Equal([0xff], SExpr.Parse("\"\\ff\"")[0].Bytes!);
    }

    [Theory]
    [InlineData("(u8.const 0xff)", "u8 255")]
    [InlineData("(s32.const -1_000)", "s32 -1000")]
    [InlineData("(f32.const nan:0x123)", "f32 nan")]
    [InlineData("(f64.const -4.5)", "f64 -4.5")]
    [InlineData("(flags.const \"b\" \"a\")", "flags (a) (b)")]
    [InlineData("(record.const (field \"x\" u8.const 1) (field \"y\" (str.const \"z\")))", "record (x u8 1) (y str \"z\")")]
    [InlineData("(result.err (variant.const \"c\"))", "result err (variant c)")]
    [InlineData("(list.const (option.none) (option.some (bool.const true)))", "list (option none) (option some (bool true))")]
    public void Values_are_read(string text, string reads) => Assert.Equal(reads, WastValue.Parse(SExpr.Parse(text)[0]).ToString());

    [Fact]
    public void Strings_are_utf8() => Assert.Equal(Encoding.UTF8.GetBytes("é☃"), SExpr.Parse("\"é☃\"")[0].Bytes);
}
