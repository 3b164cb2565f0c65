using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Windhover.Wit.Generator.Tests.Harness;

/// <summary>Runs the generator on texts, as the compiler would, and keeps the compilation for questions.</summary>
internal sealed class GeneratorRun
{
    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    private readonly IReadOnlyList<AdditionalText> _texts;

    private GeneratorRun(CSharpCompilation compilation, GeneratorDriver driver, IReadOnlyList<AdditionalText> texts)
    {
        _texts = texts;
        Driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out Compilation after, out ImmutableArray<Diagnostic> diagnostics);
        Input = compilation;
        Output = after;
        Diagnostics = diagnostics;
    }

    public CSharpCompilation Input { get; }

    public Compilation Output { get; }

    public GeneratorDriver Driver { get; }

    public ImmutableArray<Diagnostic> Diagnostics { get; }

    public IReadOnlyList<GeneratedSourceResult> Sources => Driver.GetRunResult().Results.Single().GeneratedSources;

    /// <summary>What the compiler says of the whole, hidden notes aside: nothing, if all is well.</summary>
    public IReadOnlyList<string> Complaints => Output.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString()).ToArray();

    /// <summary>Fails with all that the generator and the compiler complain about.</summary>
    public GeneratorRun MustBeClean()
    {
        string[] all = [.. Diagnostics.Select(d => d.ToString()), .. Complaints];
        if (all.Length > 0)
            Assert.Fail($"{all.Length} complaints, the first ones:\n{string.Join("\n", all.Take(12))}");
        return this;
    }

    public static GeneratorRun Of(string source, params (string Path, string Text)[] wit)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Customer",
            [CSharpSyntaxTree.ParseText(source, s_parse, "Customer.cs")],
            References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, generalDiagnosticOption: ReportDiagnostic.Error));
        AdditionalText[] texts = [.. wit.Select(w => new WitText(w.Path, w.Text))];
        var driver = CSharpGeneratorDriver.Create(
            [new WitGenerator().AsSourceGenerator()],
            texts,
            s_parse,
            new WitOptionsProvider(),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return new GeneratorRun(compilation, driver, texts);
    }

    public GeneratorRun WithSource(string path, string source) => new(Input.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, s_parse, path)), Driver, _texts);

    public GeneratorRun WithWit(string path, string text)
    {
        AdditionalText old = _texts.Single(t => t.Path == path);
        var changed = new WitText(path, text);
        return new GeneratorRun(Input, Driver.ReplaceAdditionalText(old, changed), [.. _texts.Where(t => t != old), changed]);
    }

    public static (string Path, string Text)[] Files(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, folder), "*.wit", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (f.Replace('\\', '/'), File.ReadAllText(f)))];

    private static IEnumerable<MetadataReference> References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(p => Path.GetFileName(p) is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "netstandard.dll" or "mscorlib.dll"
            or "Windhover.Components.dll" or "Windhover.Engine.dll"))
        .Select(p => MetadataReference.CreateFromFile(p));

    internal sealed class WitText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }

    private sealed class WitOptionsProvider : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Options([]);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) =>
            new Options(new Dictionary<string, string> { ["build_metadata.AdditionalFiles.SourceItemGroup"] = "Wit" });
    }

    private sealed class Options(Dictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
    }
}
