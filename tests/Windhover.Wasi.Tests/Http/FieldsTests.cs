using CsCheck;
using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Http.Types;
using Windhover.Wasi.Http;
using HeaderError = Windhover.Wasi.Http.HeaderError;

namespace Windhover.Wasi.Tests.Http;

public sealed class FieldsTests
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    [Fact]
    public void Values_are_set_appended_and_deleted()
    {
        var fields = new Fields(1000);
        Assert.False(fields.Has("foo"));
        Assert.Empty(fields.Get("foo"));
        Guest.Ok(fields.Delete("foo"));
        Guest.Ok(fields.Set("foo", Values("bar", "baz")));
        Assert.Equal(["bar", "baz"], Texts(fields.Get("FOO")));
        Guest.Ok(fields.Append("other", "x"u8));
        Guest.Ok(fields.Append("Foo", "qux"u8));
        Assert.Equal([("foo", "bar"), ("foo", "baz"), ("other", "x"), ("foo", "qux")], Entries(fields));
        Guest.Ok(fields.Set("foo", Values("one")));
        Assert.Equal([("foo", "one"), ("other", "x")], Entries(fields));
        var clone = fields.Clone();
        Guest.Ok(fields.Set("foo", []));
        Assert.False(fields.Has("foo"));
        Assert.True(clone.Has("foo"));
        Guest.Ok(clone.Delete("FOO"));
        Assert.Equal([("other", "x")], Entries(clone));
    }

    [Fact]
    public void Large_values_are_kept_as_they_are()
    {
        var value = new byte[10_000];
        for (var i = 0; i < value.Length; i++)
            value[i] = (byte)(0x80 + (i % 128));
        var fields = new Fields(100_000);
        Guest.Ok(fields.Append("large", value));
        Guest.Ok(fields.Append("small", "x"u8));
        var clone = fields.Clone();
        Assert.Equal(value, fields.Get("LARGE").Single().ToArray());
        Assert.Equal(value, fields.Entries()[0].Value.ToArray());
        Assert.Equal(System.Text.Encoding.Latin1.GetString(value), fields[0].Value);
        Guest.Ok(fields.Delete("large"));
        Guest.Ok(fields.Append("large", value.AsSpan(5000)));
        Assert.Equal(5000, fields.Get("large").Single().Length);
        fields.Dispose();
        Assert.Equal(value, clone.Get("large").Single().ToArray());
    }

    [Fact]
    public void They_are_there_until_the_last_owner_drops_them()
    {
        var fields = new Fields(100_000);
        Guest.Ok(fields.Append("large", new byte[10_000].Select(_ => (byte)'a').ToArray()));
        var shared = fields.Share();
        fields.Dispose();
        Assert.Equal(10_000, shared.Find("large")!.Length);
        shared.Dispose();
        Assert.Throws<ObjectDisposedException>(() => shared.Find("large"));
    }

    [Fact]
    public void A_message_pays_for_its_fields_until_it_is_gone()
    {
        var meter = new BudgetMeter("app", Budget.Default);
        using var usage = new WasiUsage(meter);
        var fields = new Fields(100_000) { Usage = usage };
        Guest.Ok(fields.Append("large", new byte[10_000].Select(_ => (byte)'a').ToArray()));
        var response = new OutgoingResponse(Guest.Context(), fields);
        ((IOutgoingResponse)response).Headers().Dispose(); // the guest's handle to them
        Assert.InRange(meter.Used(BudgetKind.HostMemory), 10_000, 20_000);
        response.Dispose();
        Assert.Equal(0, meter.Used(BudgetKind.HostMemory));
    }

    [Fact]
    public void Names_are_tokens()
    {
        for (var c = 0; c < 1024; c++)
        {
            var name = ((char)c).ToString();
            var fields = new Fields(1000);
            if (TokenCharacters.Contains((char)c))
            {
                Guest.Ok(fields.Append(name, "v"u8));
                continue;
            }
            Guest.Fails(HeaderError.InvalidSyntax, fields.Append(name, "v"u8));
            Guest.Fails(HeaderError.InvalidSyntax, fields.Set(name, Values("v")));
            Guest.Fails(HeaderError.InvalidSyntax, fields.Delete(name));
            Assert.False(fields.Has(name));
        }
        Guest.Fails(HeaderError.InvalidSyntax, new Fields(1000).Append("", "v"u8));
    }

    [Fact]
    public void Values_are_bytes_without_control_characters()
    {
        for (var b = 0; b < 256; b++)
        {
            var fields = new Fields(1000);
            var valid = b is '\t' or (>= 0x20 and < 0x7f) or >= 0x80;
            var result = fields.Append("foo", [(byte)b]);
            Assert.Equal(valid, result.IsOk);
            if (valid)
                Assert.Equal([(byte)b], fields.Get("foo")[0].ToArray());
            else
                Assert.Equal(HeaderError.InvalidSyntax, result.Error);
        }
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1234567890123456789", true)]
    [InlineData("", false)]
    [InlineData("+5", false)]
    [InlineData("-5", false)]
    [InlineData(" 5", false)]
    [InlineData("12345678901234567890", false)]
    public void A_content_length_is_digits(string value, bool valid) =>
        Assert.Equal(valid, new Fields(1000).Append("Content-Length", System.Text.Encoding.ASCII.GetBytes(value)).IsOk);

    [Theory]
    [InlineData("connection")]
    [InlineData("Keep-Alive")]
    [InlineData("TRANSFER-ENCODING")]
    [InlineData("upgrade")]
    [InlineData("host")]
    [InlineData("proxy-connection")]
    [InlineData("http2-settings")]
    public void Fields_of_the_connection_are_the_hosts_business(string name)
    {
        var fields = new Fields(1000);
        Guest.Fails(HeaderError.Forbidden, fields.Append(name, "x"u8));
        Guest.Fails(HeaderError.Forbidden, fields.Set(name, Values("x")));
        Guest.Fails(HeaderError.Forbidden, Fields.FromList([(name, new byte[] { 1 + 'x' })], 1000, Guest.Usage));
        Assert.True(fields.AddReceived(name, "x"));
        Assert.False(fields.Has(name));
    }

    [Fact]
    public void Immutable_fields_do_not_change_but_their_clone_may()
    {
        var fields = Guest.Ok(Fields.FromList([("a", "1"u8.ToArray())], 1000, Guest.Usage)).Freeze();
        Guest.Fails(HeaderError.Immutable, fields.Append("b", "2"u8));
        Guest.Fails(HeaderError.Immutable, fields.Set("a", []));
        Guest.Fails(HeaderError.Immutable, fields.Delete("a"));
        Guest.Ok(fields.Clone().Append("b", "2"u8));
        Assert.Equal([("a", "1")], Entries(fields));
    }

    [Fact]
    public void Size_is_limited_and_given_back()
    {
        var fields = new Fields(1000);
        Guest.Fails(HeaderError.SizeExceeded, fields.Append("a", Enumerable.Repeat((byte)'x', 1000).ToArray()));
        while (fields.Append("a", default).IsOk)
        {
        }

        Assert.InRange(fields.Count, 20, 40);
        Guest.Ok(fields.Delete("a"));
        Guest.Ok(fields.Append("a", Enumerable.Repeat((byte)'x', 900).ToArray()));
        Assert.False(fields.AddReceived("b", new string('x', 900)));
    }

    [Fact]
    public void Any_bytes_come_back_as_they_went_in() => Gen.Byte[0x20, 0xff].Where(b => b != 0x7f).Array[0, 200].Sample(value =>
    {
        var fields = new Fields(1000);
        Guest.Ok(fields.Append("x", value));
        return fields.Get("x")[0].Span.SequenceEqual(value);
    });

    private static byte[][] Values(params string[] values) => [.. values.Select(System.Text.Encoding.ASCII.GetBytes)];

    private static string[] Texts(IEnumerable<ReadOnlyMemory<byte>> values) => [.. values.Select(value => System.Text.Encoding.ASCII.GetString(value.Span))];

    private static (string, string)[] Entries(Fields fields) => [.. fields.Entries().Select(entry => (entry.Name, System.Text.Encoding.ASCII.GetString(entry.Value.Span)))];
}
