using System.Text.Encodings.Web;
using System.Text.Json;
using Windhover.Components.Binary;

namespace Windhover.Cli.Capabilities;

/// <summary>A report as JSON, for scripts. Names and shapes are kept stable.</summary>
internal static class ReportJson
{
    public static void Write(GuestReport report)
    {
        using var output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
            Write(writer, report);
        output.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter writer, GuestReport report)
    {
        writer.WriteStartObject();
        writer.WriteString("file", report.File.Path);
        writer.WriteString("kind", report.File.Kind == WasmKind.Component ? "component" : "core-module");
        writer.WriteNumber("bytes", report.File.Bytes.Length);
        writer.WriteStartArray("coreModules");
        foreach (var size in report.CoreModuleSizes)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteStartArray("producers");
        foreach (var producer in report.Producers)
        {
            writer.WriteStartObject();
            writer.WriteString("field", producer.Field);
            writer.WriteString("name", producer.Name);
            writer.WriteString("version", producer.Version);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("imports");
        foreach (var import in report.Imports)
        {
            writer.WriteStartObject();
            writer.WriteString("name", import.Name);
            writer.WriteString("kind", import.Kind);
            writer.WriteString("capability", import.Capability?.Words);
            writer.WriteString("grant", import.Capability?.Grant);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("exports");
        foreach (var export in report.Exports)
        {
            writer.WriteStartObject();
            writer.WriteString("name", export.Name);
            writer.WriteString("kind", export.Kind);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("wit", report.Wit?.ToString());
        writer.WriteEndObject();
    }
}
