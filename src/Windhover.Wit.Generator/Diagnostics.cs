using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Windhover.Wit.Generator.Input;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator;

/// <summary>A diagnostic without references into the compilation, compared by value.</summary>
internal sealed record Problem(string Id, SourcePlace? Place, EquatableArray<string> Arguments)
{
    public Problem(DiagnosticDescriptor descriptor, SourcePlace? place, params string[] arguments)
        : this(descriptor.Id, place, new EquatableArray<string>(arguments))
    {
    }

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Diagnostics.Find(Id), Place?.ToLocation() ?? Location.None, Arguments.ToArray<object>());
}

/// <summary>Everything that the generator can complain about; docs/bindings.md lists the remedies.</summary>
internal static class Diagnostics
{
    private const string Category = "Windhover.Wit";

    public static readonly DiagnosticDescriptor InvalidWit = new(
        "WH1001", "WIT cannot be read", "{0}", Category, DiagnosticSeverity.Error, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnknownWorld = new(
        "WH1002", "WIT world not found", "World '{0}': {1}", Category, DiagnosticSeverity.Error, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NotPartial = new(
        "WH1003", "The class of a WIT world cannot be completed", "The class '{0}' must be partial, not generic and not nested to carry [WitWorld]",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NoFiles = new(
        "WH1004", "The project has no WIT", "No WIT file is given for the world '{0}': add <Wit Include=\"wit/**\" /> to the project",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true);

    private static readonly DiagnosticDescriptor[] s_all = [InvalidWit, UnknownWorld, NotPartial, NoFiles];

    public static DiagnosticDescriptor Find(string id) => s_all.First(d => d.Id == id);

    /// <summary>The place of a WIT span, as the compiler counts: lines and columns from 0.</summary>
    public static SourcePlace? PlaceOf(WitSpan span)
    {
        if (span.Source is not { } source)
            return null;
        return new SourcePlace(
            source.Path,
            new TextSpan(span.Start, span.Length),
            new LinePositionSpan(Position(source, span.Start), Position(source, Math.Min(span.Start + span.Length, source.Text.Length))));
    }

    private static LinePosition Position(WitSource source, int offset)
    {
        (int line, int column) = source.GetPosition(offset);
        return new LinePosition(line - 1, column - 1);
    }
}
