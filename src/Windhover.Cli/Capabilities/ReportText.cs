using Windhover.Cli.Terminal;
using Windhover.Components.Binary;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Cli.Capabilities;

/// <summary>A report for people.</summary>
internal static class ReportText
{
    // A Go program imports a few dozen, a StarlingMonkey component exports two: more is a library, whose list would scroll away.
    private const int MaxLines = 60;

    public static void Write(GuestReport report, TextWriter output)
    {
        var ansi = Ansi.Output;
        var kind = report.File.Kind == WasmKind.Component ? "component" : "core module";
        output.WriteLine($"{ansi.Bold(report.File.Path)}: {kind}, {Units.Size(report.File.Bytes.Length)}");
        if (report.File.Kind == WasmKind.Component)
        {
            var sizes = string.Join(", ", report.CoreModuleSizes.Select(s => Units.Size(s)));
            output.WriteLine($"  core modules: {report.CoreModuleSizes.Count}{(sizes.Length > 0 ? $" ({sizes})" : "")}");
        }

        foreach (var field in report.Producers.GroupBy(p => p.Field))
            output.WriteLine($"  {field.Key}: {string.Join(", ", field.Select(p => p.Version.Length > 0 ? $"{p.Name} {p.Version}" : p.Name))}");

        // The functions of WASI 0.1 are many and small: one line for each capability says more.
        var needs = report.Imports
            .GroupBy(i => i is { Module: not null, Capability: not null } ? (i.Module, i.Capability.Words) : (i.Name, ""))
            .Select(g => (Name: g.Count() > 1 ? $"{g.First().Module} ({g.Count()} functions)" : g.First().Name, Import: g.First()))
            .ToArray();
        Section(output, "needs", needs, n => n.Name, n => n.Import.Capability is { } c
            ? c.Words + (c.Grant is null ? "" : $" (grant with {c.Grant})")
            : $"{n.Import.Kind}: nothing here provides it; an embedding host can");
        Section(output, "exports", report.Exports, e => e.Name, e => e.Use ?? e.Kind);
        if (report.Wit is { } wit)
        {
            // The interfaces of WASI are known, and long: `--wit` prints them too.
            var own = wit.Packages.Packages.Where(p => p.Name.Namespace != "wasi").ToArray();
            output.WriteLine(ansi.Bold("world"));
            foreach (var line in WitPrinter.Print(new WitPackageSet(wit.Packages.Main, own)).TrimEnd().Split('\n'))
                output.WriteLine(line.Length == 0 ? "" : $"  {line}");
        }
    }

    private static void Section<T>(TextWriter output, string title, IReadOnlyList<T> items, Func<T, string> name, Func<T, string> words)
    {
        if (items.Count == 0)
        {
            output.WriteLine(Ansi.Output.Bold($"{title} nothing"));
            return;
        }

        output.WriteLine(Ansi.Output.Bold(title));
        var width = Math.Min(items.Max(i => name(i).Length), 60);
        foreach (var item in items.Take(MaxLines))
            output.WriteLine($"  {name(item).PadRight(width)}  {Ansi.Output.Dim(words(item))}");
        if (items.Count > MaxLines)
            output.WriteLine($"  … {items.Count - MaxLines} more (all of them with --json)");
    }
}
