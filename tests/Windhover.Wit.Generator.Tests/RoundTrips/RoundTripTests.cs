using System.Text;
using Acme.Windhover_.Values.Types;
using Windhover.Components.Bindings;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

// Every type goes the whole way through generated glue, flat and in memory:
//
//   test ──lower──► guest's export ──► guest's import ──lift──► Echo ──lower──► guest ──► ──lift──► test      Roundtrip…
//   test ──lower──► guest's export, which writes what it saw                                                  Show…
//
// The second tells glue that is wrong both ways from glue that is right.
public sealed class RoundTripTests(ValuesGuest guest) : IClassFixture<ValuesGuest>
{
    public static TheoryData<string> Files => ["values.wasm", "values-utf16.wasm", "values-latin1.wasm"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Primitives(string file)
    {
        using ValuesGuest.Running run = guest.Start(file);
        var (i, r, s) = (run.Instance, run.World.Roundtrip, run.World.Show);
        Check([true, false], ["true", "false"], v => r.RoundtripBool(i, v), v => s.ShowBool(i, v), v => r.RoundtripListOfBool(i, v), v => s.ShowListOfBool(i, v));
        Check<sbyte>([-128, 0, 127], ["-128", "0", "127"], v => r.RoundtripS8(i, v), v => s.ShowS8(i, v), v => r.RoundtripListOfS8(i, v), v => s.ShowListOfS8(i, v));
        Check<byte>([0, 255], ["0", "255"], v => r.RoundtripU8(i, v), v => s.ShowU8(i, v), v => r.RoundtripListOfU8(i, v), v => s.ShowListOfU8(i, v));
        Check<short>([-32768, 32767], ["-32768", "32767"], v => r.RoundtripS16(i, v), v => s.ShowS16(i, v), v => r.RoundtripListOfS16(i, v), v => s.ShowListOfS16(i, v));
        Check<ushort>([0, 65535], ["0", "65535"], v => r.RoundtripU16(i, v), v => s.ShowU16(i, v), v => r.RoundtripListOfU16(i, v), v => s.ShowListOfU16(i, v));
        Check([int.MinValue, -1], ["-2147483648", "-1"], v => r.RoundtripS32(i, v), v => s.ShowS32(i, v), v => r.RoundtripListOfS32(i, v), v => s.ShowListOfS32(i, v));
        Check<uint>([0, uint.MaxValue], ["0", "4294967295"], v => r.RoundtripU32(i, v), v => s.ShowU32(i, v), v => r.RoundtripListOfU32(i, v), v => s.ShowListOfU32(i, v));
        Check<long>([long.MinValue, 7], ["-9223372036854775808", "7"], v => r.RoundtripS64(i, v), v => s.ShowS64(i, v), v => r.RoundtripListOfS64(i, v), v => s.ShowListOfS64(i, v));
        Check<ulong>([ulong.MaxValue, 7], ["18446744073709551615", "7"], v => r.RoundtripU64(i, v), v => s.ShowU64(i, v), v => r.RoundtripListOfU64(i, v), v => s.ShowListOfU64(i, v));
        Check([1.5f, -0f], ["0x3fc00000", "0x80000000"], v => r.RoundtripF32(i, v), v => s.ShowF32(i, v), v => r.RoundtripListOfF32(i, v), v => s.ShowListOfF32(i, v));
        Check([1.5, double.NegativeInfinity], ["0x3ff8000000000000", "0xfff0000000000000"], v => r.RoundtripF64(i, v), v => s.ShowF64(i, v), v => r.RoundtripListOfF64(i, v), v => s.ShowListOfF64(i, v));
        Check([new Rune('a'), new Rune(0x1f600)], ["'a'", "'😀'"], v => r.RoundtripChar(i, v), v => s.ShowChar(i, v), v => r.RoundtripListOfChar(i, v), v => s.ShowListOfChar(i, v));
        Check(["", "plain", "żółw", "😀€é"], ["\"\"", "\"plain\"", "\"żółw\"", "\"😀€é\""], v => r.RoundtripString(i, v), v => s.ShowString(i, v), v => r.RoundtripListOfString(i, v), v => s.ShowListOfString(i, v));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Lists_and_tuples(string file)
    {
        using ValuesGuest.Running run = guest.Start(file);
        var (i, r, s) = (run.Instance, run.World.Roundtrip, run.World.Show);
        Check<ReadOnlyMemory<byte>>([new byte[] { 1, 2, 255 }, Array.Empty<byte>()], ["[1, 2, 255]", "[]"], v => r.RoundtripListU8(i, v.Span), v => s.ShowListU8(i, v.Span), v => r.RoundtripListOfListU8(i, v), v => s.ShowListOfListU8(i, v));
        Check<IReadOnlyList<string>>([["a", "bé"], []], ["[\"a\", \"bé\"]", "[]"], v => r.RoundtripListString(i, v), v => s.ShowListString(i, v), v => r.RoundtripListOfListString(i, v), v => s.ShowListOfListString(i, v));
        Check([ValueTuple.Create(1.5)], ["(0x3ff8000000000000)"], v => r.RoundtripTuple1(i, v), v => s.ShowTuple1(i, v), v => r.RoundtripListOfTuple1(i, v), v => s.ShowListOfTuple1(i, v));
        Check<(byte, long, string)>([(1, -2, "three"), (255, long.MinValue, "")], ["(1, -2, \"three\")", "(255, -9223372036854775808, \"\")"], v => r.RoundtripTuple3(i, v), v => s.ShowTuple3(i, v), v => r.RoundtripListOfTuple3(i, v), v => s.ShowListOfTuple3(i, v));
        Check<((byte, ushort), (float, (bool, Rune)))>([((1, 2), (1.5f, (true, new Rune('z'))))], ["((1, 2), (0x3fc00000, (true, 'z')))"], v => r.RoundtripTupleNested(i, v), v => s.ShowTupleNested(i, v), v => r.RoundtripListOfTupleNested(i, v), v => s.ShowListOfTupleNested(i, v));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Options_and_results(string file)
    {
        using ValuesGuest.Running run = guest.Start(file);
        var (i, r, s) = (run.Instance, run.World.Roundtrip, run.World.Show);
        Check<byte?>([null, 0, 255], ["none", "some(0)", "some(255)"], v => r.RoundtripOptionU8(i, v), v => s.ShowOptionU8(i, v), v => r.RoundtripListOfOptionU8(i, v), v => s.ShowListOfOptionU8(i, v));
        Check<string?>([null, "", "x"], ["none", "some(\"\")", "some(\"x\")"], v => r.RoundtripOptionString(i, v), v => s.ShowOptionString(i, v), v => r.RoundtripListOfOptionString(i, v), v => s.ShowListOfOptionString(i, v));
        Check<Option<uint?>>([default, new((uint?)null), new(7u)], ["none", "some(none)", "some(some(7))"], v => r.RoundtripOptionOption(i, v), v => s.ShowOptionOption(i, v), v => r.RoundtripListOfOptionOption(i, v), v => s.ShowListOfOptionOption(i, v));
        Check<Point?>([null, new Point(-1, 2)], ["none", "some({x: -1, y: 2})"], v => r.RoundtripOptionPoint(i, v), v => s.ShowOptionPoint(i, v), v => r.RoundtripListOfOptionPoint(i, v), v => s.ShowListOfOptionPoint(i, v));
        Check<Result<Unit, Unit>>([Result.Ok(), Result.Err()], ["ok", "err"], v => r.RoundtripResultNone(i, v), v => s.ShowResultNone(i, v), v => r.RoundtripListOfResultNone(i, v), v => s.ShowListOfResultNone(i, v));
        Check<Result<ulong, Unit>>([ulong.MaxValue, Result.Err()], ["ok(18446744073709551615)", "err"], v => r.RoundtripResultOk(i, v), v => s.ShowResultOk(i, v), v => r.RoundtripListOfResultOk(i, v), v => s.ShowListOfResultOk(i, v));
        Check<Result<Unit, string>>([Result.Ok(), "no"], ["ok", "err(\"no\")"], v => r.RoundtripResultErr(i, v), v => s.ShowResultErr(i, v), v => r.RoundtripListOfResultErr(i, v), v => s.ShowListOfResultErr(i, v));
        Check<Result<uint, string>>([7u, "no"], ["ok(7)", "err(\"no\")"], v => r.RoundtripResultBoth(i, v), v => s.ShowResultBoth(i, v), v => r.RoundtripListOfResultBoth(i, v), v => s.ShowListOfResultBoth(i, v));
        Check<Result<double, Color>>([1.5, Color.Blue], ["ok(0x3ff8000000000000)", "err(blue)"], v => r.RoundtripResultMixed(i, v), v => s.ShowResultMixed(i, v), v => r.RoundtripListOfResultMixed(i, v), v => s.ShowListOfResultMixed(i, v));
        Check<Result<ReadOnlyMemory<byte>?, Result<Unit, float>>>(
            [Result.Ok<ReadOnlyMemory<byte>?>(null), Result.Ok<ReadOnlyMemory<byte>?>(new byte[] { 9 }), Result.Err<Result<Unit, float>>(Result.Ok()), Result.Err<Result<Unit, float>>(1.5f)],
            ["ok(none)", "ok(some([9]))", "err(ok)", "err(err(0x3fc00000))"],
            v => r.RoundtripResultNested(i, v), v => s.ShowResultNested(i, v), v => r.RoundtripListOfResultNested(i, v), v => s.ShowListOfResultNested(i, v));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Records_and_variants(string file)
    {
        using ValuesGuest.Running run = guest.Start(file);
        var (i, r, s) = (run.Instance, run.World.Roundtrip, run.World.Show);
        var person = new Person("Ada", 36, ["a", "ß"], new Address("Row", 5), [new Point(1, 2), new Point(-3, 4)], [("k", 9)]);
        const string PersonText = "{name: \"Ada\", age: 36, tags: [\"a\", \"ß\"], home: some({street: \"Row\", number: some(5)}), path: [{x: 1, y: 2}, {x: -3, y: 4}], key-values: [(\"k\", 9)]}";
        var wide = new Wide(1, 2, 1.5f, 1.5, 5, 6, 1.5f, 1.5, 9, 10, 1.5f, 1.5, 13, 14, 1.5f, 1.5, 17, 18, 1.5f, 1.5);
        const string F = "0x3fc00000", D = "0x3ff8000000000000";
        string wideText = $"{{f0: 1, f1: 2, f2: {F}, f3: {D}, f4: 5, f5: 6, f6: {F}, f7: {D}, f8: 9, f9: 10, f10: {F}, f11: {D}, f12: 13, f13: 14, f14: {F}, f15: {D}, f16: 17, f17: 18, f18: {F}, f19: {D}}}";
        Check([new Point(-1, 2)], ["{x: -1, y: 2}"], v => r.RoundtripPoint(i, v), v => s.ShowPoint(i, v), v => r.RoundtripListOfPoint(i, v), v => s.ShowListOfPoint(i, v));
        Check([new Padded(1, 2, 3, 1.5f, true, new Rune('f'), -7)], ["{a: 1, b: 2, c: 3, d: 0x3fc00000, e: true, f: 'f', g: -7}"], v => r.RoundtripPadded(i, v), v => s.ShowPadded(i, v), v => r.RoundtripListOfPadded(i, v), v => s.ShowListOfPadded(i, v));
        Check([new Address("Row", null), new Address("", 65535)], ["{street: \"Row\", number: none}", "{street: \"\", number: some(65535)}"], v => r.RoundtripAddress(i, v), v => s.ShowAddress(i, v), v => r.RoundtripListOfAddress(i, v), v => s.ShowListOfAddress(i, v));
        Check([person], [PersonText], v => r.RoundtripPerson(i, v), v => s.ShowPerson(i, v), v => r.RoundtripListOfPerson(i, v), v => s.ShowListOfPerson(i, v));
        Check([wide], [wideText], v => r.RoundtripWide(i, v), v => s.ShowWide(i, v), v => r.RoundtripListOfWide(i, v), v => s.ShowListOfWide(i, v));
        Check<Number>([new Number.Int(-5), new Number.Real(1.5f)], ["int(-5)", "real(0x3fc00000)"], v => r.RoundtripNumber(i, v), v => s.ShowNumber(i, v), v => r.RoundtripListOfNumber(i, v), v => s.ShowListOfNumber(i, v));
        Check<Shape>(
            [Shape.Empty.Instance, new Shape.Byte(255), new Shape.Long(-1), new Shape.Single(1.5f), new Shape.Double(1.5), new Shape.Letter(new Rune('é')), new Shape.Text("t"), new Shape.At(new Point(1, 2)), new Shape.RawBytes(new byte[] { 7 }), new Shape.Who(person)],
            ["empty", "byte(255)", "long(-1)", "single(0x3fc00000)", "double(0x3ff8000000000000)", "letter('é')", "text(\"t\")", "at({x: 1, y: 2})", "raw-bytes([7])", $"who({PersonText})"],
            v => r.RoundtripShape(i, v), v => s.ShowShape(i, v), v => r.RoundtripListOfShape(i, v), v => s.ShowListOfShape(i, v));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Enums_and_flags(string file)
    {
        using ValuesGuest.Running run = guest.Start(file);
        var (i, r, s) = (run.Instance, run.World.Roundtrip, run.World.Show);
        Check([Color.Red, Color.Blue], ["red", "blue"], v => r.RoundtripColor(i, v), v => s.ShowColor(i, v), v => r.RoundtripListOfColor(i, v), v => s.ShowListOfColor(i, v));
        Check([Many.C0, Many.C255, Many.C256, Many.C299], ["c0", "c255", "c256", "c299"], v => r.RoundtripMany(i, v), v => s.ShowMany(i, v), v => r.RoundtripListOfMany(i, v), v => s.ShowListOfMany(i, v));
        Check([Flags1.None, Flags1.B0], ["{}", "{b0}"], v => r.RoundtripFlags1(i, v), v => s.ShowFlags1(i, v), v => r.RoundtripListOfFlags1(i, v), v => s.ShowListOfFlags1(i, v));
        Check([Flags8.B0 | Flags8.B7], ["{b0, b7}"], v => r.RoundtripFlags8(i, v), v => s.ShowFlags8(i, v), v => r.RoundtripListOfFlags8(i, v), v => s.ShowListOfFlags8(i, v));
        Check([Flags9.B8], ["{b8}"], v => r.RoundtripFlags9(i, v), v => s.ShowFlags9(i, v), v => r.RoundtripListOfFlags9(i, v), v => s.ShowListOfFlags9(i, v));
        Check([Flags16.B1 | Flags16.B15], ["{b1, b15}"], v => r.RoundtripFlags16(i, v), v => s.ShowFlags16(i, v), v => r.RoundtripListOfFlags16(i, v), v => s.ShowListOfFlags16(i, v));
        Check([Flags17.B16], ["{b16}"], v => r.RoundtripFlags17(i, v), v => s.ShowFlags17(i, v), v => r.RoundtripListOfFlags17(i, v), v => s.ShowListOfFlags17(i, v));
        Check([Flags32.B0 | Flags32.B31], ["{b0, b31}"], v => r.RoundtripFlags32(i, v), v => s.ShowFlags32(i, v), v => r.RoundtripListOfFlags32(i, v), v => s.ShowListOfFlags32(i, v));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Shapes_of_functions(string file)
    {
        using ValuesGuest.Running run = guest.Start(file);
        var (i, r) = (run.Instance, run.World.Roundtrip);
        r.Nothing(i);
        r.Take(i, 77);
        Assert.Equal((1, 77u), (run.Host.Echo.Nothings, run.Host.Echo.Taken));
        Assert.Equal(0xfedcba98, r.Give(i));
        Assert.Equal([.. Enumerable.Range(1, 16).Select(n => (uint)n)], r.Sixteen(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
        Assert.Equal([.. Enumerable.Range(1, 17).Select(n => (uint)n)], r.Seventeen(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17));
        Assert.Equal(("8 nine 10", 2.5, new Shape.Text("t")), r.Mixture(i, 8, "nine", 2.5, 10, new Shape.Text("t")));
    }

    private static void Check<T>(T[] values, string[] texts, Func<T, object?> roundtrip, Func<T, string> show, Func<T[], object?> roundtripList, Func<T[], string> showList)
    {
        for (int n = 0; n < values.Length; n++)
        {
            Assert.Equal(texts[n], show(values[n]));
            Assert.Equal(Render.Text(values[n]), Render.Text(roundtrip(values[n])));
        }

        foreach (int count in new[] { 0, 1, values.Length })
        {
            Assert.Equal($"[{string.Join(", ", texts.Take(count))}]", showList(values[..count]));
            Assert.Equal(Render.Text(values[..count]), Render.Text(roundtripList(values[..count])));
        }
    }
}
