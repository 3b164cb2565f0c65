using System.Text;
using System.Text.Json;
using Windhover.Components.Types;

namespace Windhover.Components.Values.Json;

// Writes values that are known to fit their type (ComponentJson.Write checks). Types have at most 100 levels, and so has the recursion.
internal static class ComponentJsonWriter
{
    public static void Write(Utf8JsonWriter writer, ValType type, object? value)
    {
        switch (type)
        {
            case PrimitiveType primitive:
                WritePrimitive(writer, primitive.Kind, value!);
                break;
            case RecordType record:
                writer.WriteStartObject();
                for (var i = 0; i < record.Types.Length; i++)
                {
                    writer.WritePropertyName(record.Labels[i]);
                    Write(writer, record.Types[i], ((object?[])value!)[i]);
                }

                writer.WriteEndObject();
                break;
            case TupleType tuple:
                writer.WriteStartArray();
                for (var i = 0; i < tuple.Types.Length; i++)
                    Write(writer, tuple.Types[i], ((object?[])value!)[i]);
                writer.WriteEndArray();
                break;
            case ListType { Element: PrimitiveType { Kind: PrimitiveKind.U8 } }:
                writer.WriteBase64StringValue((byte[])value!);
                break;
            case ListType list:
                writer.WriteStartArray();
                foreach (var element in (Array)value!)
                    Write(writer, list.Element, element);
                writer.WriteEndArray();
                break;
            case MapType map:
                WriteMap(writer, map, (Array)value!);
                break;
            case EnumType e:
                writer.WriteStringValue(e.Labels[(int)(uint)value!]);
                break;
            case FlagsType flags:
                writer.WriteStartArray();
                for (var i = 0; i < flags.Labels.Count; i++)
                {
                    if (((uint)value! >> i & 1) != 0)
                        writer.WriteStringValue(flags.Labels[i]);
                }

                writer.WriteEndArray();
                break;
            case OptionType option:
                WriteOption(writer, option, (VariantValue)value!);
                break;
            case SumType sum:
                WriteCase(writer, sum, (VariantValue)value!);
                break;
            default:
                throw new ComponentJsonException("$", ComponentJson.NoForm(type));
        }
    }

    private static void WriteOption(Utf8JsonWriter writer, OptionType option, VariantValue value)
    {
        if (value.Case == 0)
        {
            writer.WriteNullValue();
        }
        else if (option.Element is OptionType)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("some"u8);
            Write(writer, option.Element, value.Payload);
            writer.WriteEndObject();
        }
        else
        {
            Write(writer, option.Element, value.Payload);
        }
    }

    private static void WriteCase(Utf8JsonWriter writer, SumType sum, VariantValue value)
    {
        var payload = sum.Payloads[(int)value.Case];
        var name = sum.CaseName((int)value.Case);
        if (payload is null && sum is VariantType)
        {
            writer.WriteStringValue(name);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName(name);
        if (payload is null)
            writer.WriteNullValue();
        else
            Write(writer, payload, value.Payload);
        writer.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter writer, MapType map, Array entries)
    {
        if (map.Key is not PrimitiveType { Kind: PrimitiveKind.String })
        {
            writer.WriteStartArray();
            foreach (var entry in entries)
                Write(writer, map.Entry, entry);
            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        foreach (var entry in entries)
        {
            var pair = (object?[])entry!;
            writer.WritePropertyName((string)pair[0]!);
            Write(writer, map.Value, pair[1]);
        }

        writer.WriteEndObject();
    }

    private static void WritePrimitive(Utf8JsonWriter writer, PrimitiveKind kind, object value)
    {
        switch (kind)
        {
            case PrimitiveKind.Bool:
                writer.WriteBooleanValue((bool)value);
                break;
            case PrimitiveKind.S8:
                writer.WriteNumberValue((sbyte)value);
                break;
            case PrimitiveKind.U8:
                writer.WriteNumberValue((byte)value);
                break;
            case PrimitiveKind.S16:
                writer.WriteNumberValue((short)value);
                break;
            case PrimitiveKind.U16:
                writer.WriteNumberValue((ushort)value);
                break;
            case PrimitiveKind.S32:
                writer.WriteNumberValue((int)value);
                break;
            case PrimitiveKind.U32:
                writer.WriteNumberValue((uint)value);
                break;
            case PrimitiveKind.S64 when (long)value is < -ComponentJson.MaxSafeInteger or > ComponentJson.MaxSafeInteger:
            case PrimitiveKind.U64 when (ulong)value > (ulong)ComponentJson.MaxSafeInteger:
                writer.WriteStringValue(value.ToString());
                break;
            case PrimitiveKind.S64:
                writer.WriteNumberValue((long)value);
                break;
            case PrimitiveKind.U64:
                writer.WriteNumberValue((ulong)value);
                break;
            case PrimitiveKind.F32 when !float.IsFinite((float)value):
                writer.WriteStringValue(NotFinite((float)value));
                break;
            case PrimitiveKind.F32:
                writer.WriteNumberValue((float)value);
                break;
            case PrimitiveKind.F64 when !double.IsFinite((double)value):
                writer.WriteStringValue(NotFinite((double)value));
                break;
            case PrimitiveKind.F64:
                writer.WriteNumberValue((double)value);
                break;
            case PrimitiveKind.Char:
                writer.WriteStringValue(((Rune)value).ToString());
                break;
            case PrimitiveKind.String:
                writer.WriteStringValue((string)value);
                break;
            default:
                throw new ComponentJsonException("$", ComponentJson.NoForm(PrimitiveType.Of(kind)));
        }
    }

    private static string NotFinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}
