using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

/// <summary>Writes the C# of a scope's records, variants, enums and flags.</summary>
internal sealed class TypeEmitter(BoundScope scope, TypeMapper types)
{
    private const string Hidden = "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]";

    public void Emit(CodeWriter writer)
    {
        foreach (WitTypeDef type in scope.Types)
        {
            switch (type)
            {
                case WitRecord record:
                    Record(writer, record);
                    break;
                case WitVariant variant:
                    Variant(writer, variant);
                    break;
                case WitEnum @enum:
                    Enum(writer, @enum);
                    break;
                case WitFlags flags:
                    Flags(writer, flags);
                    break;
            }
        }
    }

    public static string Property(WitField field, string typeName) => CSharpNames.Property(field.Name, typeName);

    public static IReadOnlyList<string> CaseNames(WitVariant variant, string typeName) => variant.Cases.Select(c => CSharpNames.Case(c.Name, typeName)).ToArray();

    private void Record(CodeWriter writer, WitRecord record)
    {
        string name = scope.TypeName(record);
        writer.Docs(record.Docs, record.Docs is null ? $"WIT record `{record.Name}`." : null);
        foreach (WitField field in record.Fields)
            writer.Docs(field.Docs, tag: $"param name=\"{Property(field, name)}\"");
        string kind = TypeFacts.IsStruct(record) ? "readonly record struct" : "sealed record";
        IEnumerable<string> fields = record.Fields.Select(f => $"{types.Map(f.Type, scope.Direction, Style.Data)} {Property(f, name)}");
        writer.Line($"public {kind} {name}({string.Join(", ", fields)});").Line();
    }

    private void Variant(CodeWriter writer, WitVariant variant)
    {
        string name = scope.TypeName(variant);
        writer.Docs(variant.Docs, variant.Docs is null ? $"WIT variant `{variant.Name}`: one of the nested cases." : null);
        using (writer.Block($"public abstract record {name}"))
        {
            using (writer.Block($"private {name}()"))
            {
            }

            writer.Line().Line("/// <summary>The number of the case, from 0.</summary>").Line(Hidden).Line("public abstract int Discriminant();");
            for (int i = 0; i < variant.Cases.Count; i++)
            {
                WitCase @case = variant.Cases[i];
                string caseName = CSharpNames.Case(@case.Name, name);
                writer.Line().Docs(@case.Docs, @case.Docs is null ? $"Case `{@case.Name}`." : null);
                string payload = @case.Type is null ? "" : $"({types.Map(@case.Type, scope.Direction, Style.Data)} Value)";
                using (writer.Block($"public sealed record {caseName}{payload} : {name}"))
                {
                    if (@case.Type is null)
                        writer.Line("/// <summary>The only value that this case has.</summary>").Line($"public static {caseName} Instance {{ get; }} = new();").Line();
                    writer.Line("/// <inheritdoc/>").Line(Hidden).Line($"public override int Discriminant() => {i};");
                }
            }
        }

        writer.Line();
    }

    private void Enum(CodeWriter writer, WitEnum type)
    {
        writer.Docs(type.Docs, type.Docs is null ? $"WIT enum `{type.Name}`." : null);
        string underlying = Layout.DiscriminantSize(type) switch { 1 => "byte", 2 => "ushort", _ => "uint" };
        using (writer.Block($"public enum {scope.TypeName(type)} : {underlying}"))
        {
            for (int i = 0; i < type.Cases.Count; i++)
                writer.Docs(type.Cases[i].Docs).Line($"{CSharpNames.Pascal(type.Cases[i].Name)} = {i},");
        }

        writer.Line();
    }

    private void Flags(CodeWriter writer, WitFlags type)
    {
        writer.Docs(type.Docs, type.Docs is null ? $"WIT flags `{type.Name}`." : null);
        writer.Line("[global::System.Flags]");
        string underlying = Layout.FlagsSize(type) switch { 1 => "byte", 2 => "ushort", _ => "uint" };
        using (writer.Block($"public enum {scope.TypeName(type)} : {underlying}"))
        {
            // `none` would be the flag's own name if there were one.
            if (!type.Labels.Any(l => CSharpNames.Pascal(l.Name) == "None"))
                writer.Line("/// <summary>No flag.</summary>").Line("None = 0,");
            for (int i = 0; i < type.Labels.Count; i++)
                writer.Docs(type.Labels[i].Docs).Line($"{CSharpNames.Pascal(type.Labels[i].Name)} = 1{(underlying == "uint" ? "u" : "")} << {i},");
        }

        writer.Line();
    }
}
