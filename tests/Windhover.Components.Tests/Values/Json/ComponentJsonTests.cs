using System.Text;
using CsCheck;
using Windhover.Components.Tests.Types;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Components.Values.Json;

namespace Windhover.Components.Tests.Values.Json;

public sealed class ComponentJsonTests
{
    private static readonly RecordType Person = new(
    [
        new Field("name", PrimitiveType.String),
        new Field("age", PrimitiveType.U8),
        new Field("home-town", new OptionType(PrimitiveType.String)),
    ]);

    private static readonly VariantType Shape = new([new Case("empty", null), new Case("circle", PrimitiveType.F64), new Case("label", PrimitiveType.String)]);

    [Fact]
    public void Every_value_survives_the_way_to_json_and_back()
    {
        var types = TypeGen.Any.Where(type => ComponentJson.FindUnsupported(type) is null);
        types.SelectMany(type => ValueGen.Of(type).Select(value => (type, value))).Sample(
            x => ValueGen.Same(x.value, ComponentJson.Parse(x.type, ComponentJson.ToJson(x.type, x.value)))
                && ValueGen.Same(x.value, ComponentJson.Parse(x.type, ComponentJson.ToJson(x.type, x.value, indented: true))),
            iter: 2000,
            print: x => $"{x.type}: {ComponentJson.ToJson(x.type, x.value)}");
    }

    [Fact]
    public void Any_text_gives_a_value_or_the_one_exception()
    {
        var types = TypeGen.Any.Where(type => ComponentJson.FindUnsupported(type) is null);
        var texts = ValueGen.One("{", "}", "[", "]", ",", ":", "\"some\"", "\"ok\"", "\"\\ud800\"", "null", "1", "-1e999", "true", "\"c0\"", "\"f0\"", "\"AA==\"")
            .Array[1, 12].Select(string.Concat);
        types.Select(texts).Sample(
            (type, text) =>
            {
                try
                {
                    return ComponentValues.Difference(type, ComponentJson.Parse(type, text)) is null;
                }
                catch (ComponentJsonException)
                {
                    return true;
                }
            },
            iter: 5000);
    }

    [Fact]
    public void Forms_are_as_documented()
    {
        Check(Person, """{"name":"Ada","age":36,"home-town":null}""", new object?[] { "Ada", (byte)36, VariantValue.None });
        Check(Shape, "\"empty\"", new VariantValue(0));
        Check(Shape, """{"circle":1.5}""", new VariantValue(1, 1.5));
        Check(new ListType(PrimitiveType.U8), "\"aGk=\"", "hi"u8.ToArray());
        Check(new ListType(PrimitiveType.U16), "[1,65535]", new ushort[] { 1, 65535 });
        Check(new OptionType(new OptionType(PrimitiveType.U8)), "null", VariantValue.None);
        Check(new OptionType(new OptionType(PrimitiveType.U8)), """{"some":null}""", VariantValue.Some(VariantValue.None));
        Check(new OptionType(new OptionType(PrimitiveType.U8)), """{"some":7}""", VariantValue.Some(VariantValue.Some((byte)7)));
        Check(new ResultType(PrimitiveType.U8, null), """{"ok":7}""", VariantValue.Ok((byte)7));
        Check(new ResultType(PrimitiveType.U8, null), """{"error":null}""", VariantValue.Error());
        Check(new FlagsType(["read", "write", "run"]), """["read","run"]""", 5u);
        Check(new EnumType(["red", "green"]), "\"green\"", 1u);
        Check(PrimitiveType.U64, "9007199254740991", 9007199254740991UL);
        Check(PrimitiveType.U64, "\"9007199254740992\"", 9007199254740992UL);
        Check(PrimitiveType.S64, "\"-9223372036854775808\"", long.MinValue);
        Check(PrimitiveType.F32, "\"NaN\"", float.NaN);
        Check(PrimitiveType.F64, "\"-Infinity\"", double.NegativeInfinity);
        Check(PrimitiveType.F64, "-0", -0d);
        Check(PrimitiveType.Char, "\"é\"", new Rune('é'));
        Check(new MapType(PrimitiveType.String, PrimitiveType.U8), """{"a":1}""", new object?[] { new object?[] { "a", (byte)1 } });
        Check(new MapType(PrimitiveType.U8, PrimitiveType.Bool), "[[1,true]]", new object?[] { new object?[] { (byte)1, true } });
    }

    [Fact]
    public void Second_forms_are_read()
    {
        Assert.Equal("hi"u8.ToArray(), ComponentJson.Parse(new ListType(PrimitiveType.U8), "[104, 105]"));
        Assert.Equal(ulong.MaxValue, ComponentJson.Parse(PrimitiveType.U64, "18446744073709551615"));
        Assert.Equal(new object?[] { "Ada", (byte)36, VariantValue.None }, ComponentJson.Parse(Person, """{"age":36,"name":"Ada"}"""));
        Assert.Equal(new VariantValue(0), ComponentJson.Parse(Shape, """{"empty":null}"""));
    }

    [Theory]
    [InlineData("""{"name":"Ada"}""", "at $: the field `age` of type `u8` is missing")]
    [InlineData("""{"name":"Ada","age":300}""", "at $.age: expected `u8` (a whole number from 0 to 255), found 300")]
    [InlineData("""{"name":"Ada","age":1.5}""", "at $.age: expected `u8` (a whole number from 0 to 255), found 1.5")]
    [InlineData("""{"name":7,"age":1}""", "at $.name: expected `string`, found a number")]
    [InlineData("""{"name":"Ada","age":1,"x":1}""", "at $: there is no field `x`; the fields are `name`, `age`, `home-town`")]
    [InlineData("""{"name":"Ada","name":"Ada"}""", "at $: the field `name` is given twice")]
    [InlineData("""{"name":"\ud800","age":1}""", "at $.name: the string is not valid Unicode")]
    [InlineData("[]", "at $: expected `record { name: string, age: u8, home-town: option<string> }` (an object), found an array")]
    public void Errors_name_the_place_and_the_type(string json, string message) =>
        Assert.Equal(message, Assert.Throws<ComponentJsonException>(() => ComponentJson.Parse(Person, json)).Message);

    [Fact]
    public void Errors_name_the_place_in_lists_and_cases()
    {
        var type = new ListType(Shape);
        Assert.Equal("$[1].circle", Error(type, """["empty",{"circle":"x"}]""").Path);
        Assert.Equal("at $[0]: there is no case `square`; the cases are `empty`, `circle`, `label`", Error(type, "[\"square\"]").Message);
        Assert.StartsWith("at $[0]: the case `circle` has a payload of type `f64`", Error(type, "[\"circle\"]").Message, StringComparison.Ordinal);
        Assert.StartsWith("at $[0]: the text is not JSON (line 1, byte 3)", Error(type, "[nope]").Message, StringComparison.Ordinal);
        Assert.StartsWith("at $: the text is not JSON (line 1, byte 4)", Error(type, "[] []").Message, StringComparison.Ordinal);
        Assert.StartsWith("at $: the text is not JSON", Error(type, "").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_way_down_ends_in_an_error()
    {
        var deep = new string('[', 100_000);
        Assert.Throws<ComponentJsonException>(() => ComponentJson.Parse(new ListType(new ListType(PrimitiveType.U8)), deep));
    }

    [Fact]
    public void Handles_have_no_form()
    {
        var type = new RecordType([new Field("file", new OwnType(new ResourceType("descriptor")))]);
        Assert.Equal("own<descriptor>", ComponentJson.FindUnsupported(type)!.ToString());
        Assert.Throws<ComponentJsonException>(() => ComponentJson.ToJson(type, new object?[] { null }));
        Assert.Throws<ComponentJsonException>(() => ComponentJson.Parse(type, """{"file":1}"""));
    }

    private static ComponentJsonException Error(ValType type, string json) =>
        Assert.Throws<ComponentJsonException>(() => ComponentJson.Parse(type, json));

    private static void Check(ValType type, string json, object? value)
    {
        Assert.Equal(json, ComponentJson.ToJson(type, value));
        Assert.True(ValueGen.Same(value, ComponentJson.Parse(type, json)), json);
    }
}
