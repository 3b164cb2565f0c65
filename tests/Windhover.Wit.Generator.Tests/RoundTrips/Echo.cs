using System.Text;
using Acme.Windhover_.Values.Roundtrip;
using Acme.Windhover_.Values.Types;
using Windhover.Components.Bindings;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>A host that gives back what it gets: with it, every exported function of the guest is the identity.</summary>
internal sealed class Echo : IRoundtrip
{
    public uint Taken { get; private set; }

    public int Nothings { get; private set; }

    public bool RoundtripBool(bool v) => v;

    public sbyte RoundtripS8(sbyte v) => v;

    public byte RoundtripU8(byte v) => v;

    public short RoundtripS16(short v) => v;

    public ushort RoundtripU16(ushort v) => v;

    public int RoundtripS32(int v) => v;

    public uint RoundtripU32(uint v) => v;

    public long RoundtripS64(long v) => v;

    public ulong RoundtripU64(ulong v) => v;

    public float RoundtripF32(float v) => v;

    public double RoundtripF64(double v) => v;

    public Rune RoundtripChar(Rune v) => v;

    public string RoundtripString(string v) => v;

    public ReadOnlyMemory<byte> RoundtripListU8(ReadOnlySpan<byte> v) => v.ToArray();

    public IReadOnlyList<string> RoundtripListString(string[] v) => v;

    public ValueTuple<double> RoundtripTuple1(ValueTuple<double> v) => v;

    public (byte, long, string) RoundtripTuple3((byte, long, string) v) => v;

    public ((byte, ushort), (float, (bool, Rune))) RoundtripTupleNested(((byte, ushort), (float, (bool, Rune))) v) => v;

    public byte? RoundtripOptionU8(byte? v) => v;

    public string? RoundtripOptionString(string? v) => v;

    public Option<uint?> RoundtripOptionOption(Option<uint?> v) => v;

    public Point? RoundtripOptionPoint(Point? v) => v;

    public Result<Unit, Unit> RoundtripResultNone(Result<Unit, Unit> v) => v;

    public Result<ulong, Unit> RoundtripResultOk(Result<ulong, Unit> v) => v;

    public Result<Unit, string> RoundtripResultErr(Result<Unit, string> v) => v;

    public Result<uint, string> RoundtripResultBoth(Result<uint, string> v) => v;

    public Result<double, Color> RoundtripResultMixed(Result<double, Color> v) => v;

    public Result<ReadOnlyMemory<byte>?, Result<Unit, float>> RoundtripResultNested(Result<byte[]?, Result<Unit, float>> v) => Again(v);

    public Point RoundtripPoint(Point v) => v;

    public Padded RoundtripPadded(Padded v) => v;

    public Address RoundtripAddress(Address v) => v;

    public Person RoundtripPerson(Person v) => v;

    public Wide RoundtripWide(Wide v) => v;

    public Number RoundtripNumber(Number v) => v;

    public Shape RoundtripShape(Shape v) => v;

    public Color RoundtripColor(Color v) => v;

    public Many RoundtripMany(Many v) => v;

    public Flags1 RoundtripFlags1(Flags1 v) => v;

    public Flags8 RoundtripFlags8(Flags8 v) => v;

    public Flags9 RoundtripFlags9(Flags9 v) => v;

    public Flags16 RoundtripFlags16(Flags16 v) => v;

    public Flags17 RoundtripFlags17(Flags17 v) => v;

    public Flags32 RoundtripFlags32(Flags32 v) => v;

    public IReadOnlyList<bool> RoundtripListOfBool(bool[] v) => v;

    public ReadOnlyMemory<sbyte> RoundtripListOfS8(ReadOnlySpan<sbyte> v) => v.ToArray();

    public ReadOnlyMemory<byte> RoundtripListOfU8(ReadOnlySpan<byte> v) => v.ToArray();

    public ReadOnlyMemory<short> RoundtripListOfS16(ReadOnlySpan<short> v) => v.ToArray();

    public ReadOnlyMemory<ushort> RoundtripListOfU16(ReadOnlySpan<ushort> v) => v.ToArray();

    public ReadOnlyMemory<int> RoundtripListOfS32(ReadOnlySpan<int> v) => v.ToArray();

    public ReadOnlyMemory<uint> RoundtripListOfU32(ReadOnlySpan<uint> v) => v.ToArray();

    public ReadOnlyMemory<long> RoundtripListOfS64(ReadOnlySpan<long> v) => v.ToArray();

    public ReadOnlyMemory<ulong> RoundtripListOfU64(ReadOnlySpan<ulong> v) => v.ToArray();

    public ReadOnlyMemory<float> RoundtripListOfF32(ReadOnlySpan<float> v) => v.ToArray();

    public ReadOnlyMemory<double> RoundtripListOfF64(ReadOnlySpan<double> v) => v.ToArray();

    public IReadOnlyList<Rune> RoundtripListOfChar(Rune[] v) => v;

    public IReadOnlyList<string> RoundtripListOfString(string[] v) => v;

    public IReadOnlyList<ReadOnlyMemory<byte>> RoundtripListOfListU8(byte[][] v) => [.. v.Select(b => (ReadOnlyMemory<byte>)b)];

    public IReadOnlyList<IReadOnlyList<string>> RoundtripListOfListString(string[][] v) => v;

    public IReadOnlyList<ValueTuple<double>> RoundtripListOfTuple1(ValueTuple<double>[] v) => v;

    public IReadOnlyList<(byte, long, string)> RoundtripListOfTuple3((byte, long, string)[] v) => v;

    public IReadOnlyList<((byte, ushort), (float, (bool, Rune)))> RoundtripListOfTupleNested(((byte, ushort), (float, (bool, Rune)))[] v) => v;

    public IReadOnlyList<byte?> RoundtripListOfOptionU8(byte?[] v) => v;

    public IReadOnlyList<string?> RoundtripListOfOptionString(string?[] v) => v;

    public IReadOnlyList<Option<uint?>> RoundtripListOfOptionOption(Option<uint?>[] v) => v;

    public IReadOnlyList<Point?> RoundtripListOfOptionPoint(Point?[] v) => v;

    public IReadOnlyList<Result<Unit, Unit>> RoundtripListOfResultNone(Result<Unit, Unit>[] v) => v;

    public IReadOnlyList<Result<ulong, Unit>> RoundtripListOfResultOk(Result<ulong, Unit>[] v) => v;

    public IReadOnlyList<Result<Unit, string>> RoundtripListOfResultErr(Result<Unit, string>[] v) => v;

    public IReadOnlyList<Result<uint, string>> RoundtripListOfResultBoth(Result<uint, string>[] v) => v;

    public IReadOnlyList<Result<double, Color>> RoundtripListOfResultMixed(Result<double, Color>[] v) => v;

    public IReadOnlyList<Result<ReadOnlyMemory<byte>?, Result<Unit, float>>> RoundtripListOfResultNested(Result<byte[]?, Result<Unit, float>>[] v) => [.. v.Select(Again)];

    public IReadOnlyList<Point> RoundtripListOfPoint(Point[] v) => v;

    public IReadOnlyList<Padded> RoundtripListOfPadded(Padded[] v) => v;

    public IReadOnlyList<Address> RoundtripListOfAddress(Address[] v) => v;

    public IReadOnlyList<Person> RoundtripListOfPerson(Person[] v) => v;

    public IReadOnlyList<Wide> RoundtripListOfWide(Wide[] v) => v;

    public IReadOnlyList<Number> RoundtripListOfNumber(Number[] v) => v;

    public IReadOnlyList<Shape> RoundtripListOfShape(Shape[] v) => v;

    public IReadOnlyList<Color> RoundtripListOfColor(Color[] v) => v;

    public IReadOnlyList<Many> RoundtripListOfMany(Many[] v) => v;

    public IReadOnlyList<Flags1> RoundtripListOfFlags1(Flags1[] v) => v;

    public IReadOnlyList<Flags8> RoundtripListOfFlags8(Flags8[] v) => v;

    public IReadOnlyList<Flags9> RoundtripListOfFlags9(Flags9[] v) => v;

    public IReadOnlyList<Flags16> RoundtripListOfFlags16(Flags16[] v) => v;

    public IReadOnlyList<Flags17> RoundtripListOfFlags17(Flags17[] v) => v;

    public IReadOnlyList<Flags32> RoundtripListOfFlags32(Flags32[] v) => v;

    public void Nothing() => Nothings++;

    public void Take(uint v) => Taken = v;

    public uint Give() => 0xfedcba98;

    public ReadOnlyMemory<uint> Sixteen(uint p0, uint p1, uint p2, uint p3, uint p4, uint p5, uint p6, uint p7, uint p8, uint p9, uint p10, uint p11, uint p12, uint p13, uint p14, uint p15) =>
        new uint[] { p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15 };

    public ReadOnlyMemory<uint> Seventeen(uint p0, uint p1, uint p2, uint p3, uint p4, uint p5, uint p6, uint p7, uint p8, uint p9, uint p10, uint p11, uint p12, uint p13, uint p14, uint p15, uint p16) =>
        new uint[] { p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15, p16 };

    public (string, double, Shape) Mixture(byte a, string b, double c, ulong? d, Shape e) => ($"{a} {b} {d?.ToString() ?? "none"}", c, e);

    private static Result<ReadOnlyMemory<byte>?, Result<Unit, float>> Again(Result<byte[]?, Result<Unit, float>> v) =>
        v.TryGet(out byte[]? bytes, out Result<Unit, float> error) ? Result.Ok(bytes is null ? default(ReadOnlyMemory<byte>?) : bytes) : Result.Err(error);
}
