using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Windhover.Wit.Generator.Emit;
using Windhover.Wit.Generator.Input;

namespace Windhover.Wit.Generator;

// The pipeline. Each arrow is a cached step: it runs again only when what comes in has changed by value.
//
//   additional files ──► WIT files (path, text) ──┐
//                                                 ├─► generate ──► files (name, text) ──► one output per file
//   [WitWorld] classes ──► requests ──────────────┘       └──────► problems
//
// An edit of ordinary C# changes neither side, so nothing after the first arrows runs (tests/…/CachingTests).

/// <summary>Turns the WIT worlds named by <c>[WitWorld]</c> into C#. docs/bindings.md states what it writes.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class WitGenerator : IIncrementalGenerator
{
    /// <summary>The names of the cached steps, as a driver that tracks them reports them.</summary>
    public const string FilesStep = "Wit.Files", RequestsStep = "Wit.Requests", OutputStep = "Wit.Output", SourcesStep = "Wit.Sources";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<EquatableArray<WitFile>> files = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Where(static pair => pair.Left.Path.EndsWith(".wit", StringComparison.OrdinalIgnoreCase)
                && pair.Right.GetOptions(pair.Left).TryGetValue("build_metadata.AdditionalFiles.SourceItemGroup", out string? group)
                && group == "Wit")
            .Select(static (pair, cancel) => new WitFile(pair.Left.Path, pair.Left.GetText(cancel)?.ToString() ?? ""))
            .Collect()
            .Select(static (all, _) => EquatableArray<WitFile>.From(all.OrderBy(f => f.Path, StringComparer.Ordinal)))
            .WithTrackingName(FilesStep);

        IncrementalValueProvider<EquatableArray<WorldRequest>> requests = context.SyntaxProvider
            .ForAttributeWithMetadataName(WorldRequest.AttributeName, static (node, _) => node is TypeDeclarationSyntax, WorldRequest.Create)
            .Collect()
            .Select(static (all, _) => EquatableArray<WorldRequest>.From(
                all.OrderBy(r => r.Namespace, StringComparer.Ordinal).ThenBy(r => r.ClassName, StringComparer.Ordinal)))
            .WithTrackingName(RequestsStep);

        IncrementalValueProvider<Generation> output = files.Combine(requests)
            .Select(static (pair, cancel) => Generation.Run(pair.Left, pair.Right, cancel))
            .WithTrackingName(OutputStep);

        context.RegisterSourceOutput(output.SelectMany(static (o, _) => o.Problems), static (c, problem) => c.ReportDiagnostic(problem.ToDiagnostic()));
        context.RegisterSourceOutput(
            output.SelectMany(static (o, _) => o.Files).WithTrackingName(SourcesStep),
            static (c, file) => c.AddSource(file.HintName, file.Text));
    }
}
