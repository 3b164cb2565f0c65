using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Windhover.Components.Tests.Suite;

namespace Windhover.Components.Tests.Oracle;

/// <summary>Writes the values of a call for the native API, into memory that lives until it is disposed; and reads native values.</summary>
internal sealed unsafe class OracleValues : IDisposable
{
    private readonly List<nint> _blocks = [];

    public OracleValue* Write(IReadOnlyList<WastValue> values)
    {
        var result = Allocate<OracleValue>(values.Count);
        for (var i = 0; i < values.Count; i++)
            result[i] = Write(values[i]);
        return result;
    }

    /// <summary>Copies what the value holds; the caller still has to delete it.</summary>
    public static WastValue Read(in OracleValue value)
    {
        switch (value.Kind)
        {
            case OracleKind.Bool:
                return WastValue.Of("bool", value.Bool != 0 ? "true" : "false");
            case OracleKind.S8:
                return Integer("s8", (sbyte)value.Bits);
            case OracleKind.U8:
                return Integer("u8", (byte)value.Bits);
            case OracleKind.S16:
                return Integer("s16", (short)value.Bits);
            case OracleKind.U16:
                return Integer("u16", (ushort)value.Bits);
            case OracleKind.S32:
                return Integer("s32", (int)value.Bits);
            case OracleKind.U32:
                return Integer("u32", (uint)value.Bits);
            case OracleKind.S64:
                return Integer("s64", (long)value.Bits);
            case OracleKind.U64:
                return Integer("u64", value.Bits);
            case OracleKind.F32:
                return WastValue.Float("f32", value.F32);
            case OracleKind.F64:
                return WastValue.Float("f64", value.F64);
            case OracleKind.Char:
                return WastValue.Of("char", new Rune((uint)value.Bits).ToString());
            case OracleKind.String:
                return WastValue.Of("str", value.Vector.Text);
            case OracleKind.Enum:
                return WastValue.Of("enum", value.Vector.Text);
            case OracleKind.List or OracleKind.Tuple:
                return WastValue.Of(value.Kind == OracleKind.List ? "list" : "tuple", "", ReadAll(value.Vector));
            case OracleKind.Record:
                var fields = value.Vector.Items<OracleField>().ToArray();
                return new WastValue("record", "", [.. fields.Select(f => Read(f.Value))], [.. fields.Select(f => f.Name.Text)]);
            case OracleKind.Variant:
                return WastValue.Of("variant", value.Vector.Text, ReadPayload(value.VariantPayload));
            case OracleKind.Option:
                return WastValue.Of("option", value.OptionPayload is null ? "none" : "some", ReadPayload(value.OptionPayload));
            case OracleKind.Result:
                return WastValue.Of("result", value.Bool != 0 ? "ok" : "err", ReadPayload(value.ResultPayload));
            case OracleKind.Flags:
                return WastValue.Flags(value.Vector.Items<OracleVector>().ToArray().Select(f => f.Text));
            default:
                throw new NotSupportedException($"a native value of kind {value.Kind}");
        }
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            NativeMemory.Free((void*)block);
        _blocks.Clear();
    }

    private OracleValue Write(WastValue value) => value.Type switch
    {
        "bool" => new() { Kind = OracleKind.Bool, Bool = value.Scalar == "true" ? (byte)1 : (byte)0 },
        "f32" => new() { Kind = OracleKind.F32, F32 = (float)value.AsFloat },
        "f64" => new() { Kind = OracleKind.F64, F64 = value.AsFloat },
        "char" => new() { Kind = OracleKind.Char, Bits = (uint)Rune.GetRuneAt(value.Scalar, 0).Value },
        "str" => new() { Kind = OracleKind.String, Vector = Text(value.Scalar) },
        "enum" => new() { Kind = OracleKind.Enum, Vector = Text(value.Scalar) },
        "list" => new() { Kind = OracleKind.List, Vector = Vector(Write(value.Items), value.Items.Count) },
        "tuple" => new() { Kind = OracleKind.Tuple, Vector = Vector(Write(value.Items), value.Items.Count) },
        "record" => new() { Kind = OracleKind.Record, Vector = Fields(value) },
        "variant" => new() { Kind = OracleKind.Variant, Vector = Text(value.Scalar), VariantPayload = Payload(value) },
        "option" => new() { Kind = OracleKind.Option, OptionPayload = Payload(value) },
        "result" => new() { Kind = OracleKind.Result, Bool = value.Scalar == "ok" ? (byte)1 : (byte)0, ResultPayload = Payload(value) },
        "flags" => new() { Kind = OracleKind.Flags, Vector = Flags(value.Names) },
        _ => new() { Kind = Enum.Parse<OracleKind>(value.Type, ignoreCase: true), Bits = unchecked((ulong)(long)(Int128)value.AsInteger) },
    };

    private OracleValue* Payload(WastValue value) => value.Items.Count == 0 ? null : Write(value.Items);

    private OracleVector Fields(WastValue record)
    {
        var fields = Allocate<OracleField>(record.Items.Count);
        for (var i = 0; i < record.Items.Count; i++)
            fields[i] = new OracleField { Name = Text(record.Names[i]), Value = Write(record.Items[i]) };
        return Vector(fields, record.Items.Count);
    }

    private OracleVector Flags(IReadOnlyList<string> names)
    {
        var flags = Allocate<OracleVector>(names.Count);
        for (var i = 0; i < names.Count; i++)
            flags[i] = Text(names[i]);
        return Vector(flags, names.Count);
    }

    private OracleVector Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var copy = Allocate<byte>(bytes.Length);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return Vector(copy, bytes.Length);
    }

    private T* Allocate<T>(int count) where T : unmanaged
    {
        var block = NativeMemory.AllocZeroed((nuint)Math.Max(count, 1), (nuint)sizeof(T));
        _blocks.Add((nint)block);
        return (T*)block;
    }

    private static OracleVector Vector(void* data, int count) => new() { Data = data, Count = (nuint)count };

    private static WastValue[] ReadAll(OracleVector values) => [.. values.Items<OracleValue>().ToArray().Select(v => Read(v))];

    private static WastValue[] ReadPayload(OracleValue* payload) => payload is null ? [] : [Read(*payload)];

    private static WastValue Integer<T>(string type, T value) where T : IFormattable =>
        WastValue.Of(type, value.ToString(null, CultureInfo.InvariantCulture));
}
