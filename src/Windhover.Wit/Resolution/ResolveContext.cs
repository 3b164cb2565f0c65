using Windhover.Wit.Model;

namespace Windhover.Wit.Resolution;

/// <summary>Leaves the resolver at once with what was reported so far; never leaves the library.</summary>
internal sealed class AbortException : Exception;

/// <summary>What all parts of one resolution share: options, packages done, diagnostics, and the budget of work.</summary>
internal sealed class ResolveContext(WitOptions options)
{
    private const int MaxDiagnostics = 50;

    /// <summary>
    /// Items that `include` and elaboration may copy or visit in one resolution. The WASI packages need a few thousand; without a bound a
    /// megabyte of text can ask for 10⁸ (many worlds that each include a large one).
    /// </summary>
    private const int MaxWork = 2_000_000;

    private readonly HashSet<(WitSpan, string)> _reported = [];
    private int _work;

    public WitOptions Options { get; } = options;

    public List<WitDiagnostic> Diagnostics { get; } = [];

    public Dictionary<WitPackageName, WitPackage> Packages { get; } = [];

    /// <summary>Names left out because their feature is off: of packages, and of interfaces.</summary>
    public HashSet<(object Owner, string Name)> Excluded { get; } = [];

    /// <summary>How deep the interfaces below an interface nest.</summary>
    public Dictionary<WitInterface, int> InterfaceDepth { get; } = [];

    /// <summary>Lets a finished package be referred to.</summary>
    public void AddKnown(WitPackage package)
    {
        Packages.Add(package.Name, package);
        var inline = package.Worlds.SelectMany(w => w.Imports.Concat(w.Exports)).OfType<WitInterfaceItem>()
            .Select(i => i.Interface).Where(i => i.IsInline);
        foreach (var item in package.Interfaces.Concat(inline))
        {
            var below = item.Dependencies.Select(d => InterfaceDepth.TryGetValue(d, out var depth) ? depth : 0);
            InterfaceDepth[item] = 1 + below.DefaultIfEmpty(0).Max();
        }
    }

    public void Report(WitSpan span, string message, string? help = null)
    {
        if (_reported.Add((span, message)))
            Diagnostics.Add(new WitDiagnostic(span, message, help));
        if (Diagnostics.Count >= MaxDiagnostics)
            throw new AbortException();
    }

    public AbortException Abort(WitSpan span, string message, string? help = null)
    {
        Report(span, message, help);
        return new AbortException();
    }

    public void Spend(WitSpan span)
    {
        if (++_work > MaxWork)
            throw Abort(span, "the worlds of these packages are too large together", "split the packages, or include less");
    }

    /// <summary>Whether an item with these gates is part of the package (WIT.md "Feature Gates").</summary>
    public bool IsIncluded(WitStability stability, WitPackageName package, WitSpan span)
    {
        if (stability.Feature is { } feature)
            return Options.AllFeatures || Options.Features.Contains(feature);
        if (stability.Since is { } since)
        {
            if (package.Version is null)
                Report(span, $"`@since` needs a package with a version, and `{package}` has none", $"write `package {package}@{since};`");
            else if (since > package.Version)
                Report(span, $"`@since(version = {since})` is later than the package's own version {package.Version}",
                    "raise the package's version, or use `@unstable`");
        }
        return true;
    }

    public static string Excluding(string what) =>
        $"{what} is left out because its feature is not enabled";

    /// <summary>A hint with the nearest of the known names (or built-in ones), or all known ones when they are few.</summary>
    public static string? Suggest(string name, IEnumerable<string> known, IEnumerable<string>? builtIn = null)
    {
        string? best = null;
        var bestDistance = Math.Max(1, name.Length / 3) + 1;
        var names = new List<string>();
        names.AddRange(known.Take(1000));
        foreach (var candidate in names.Concat(builtIn ?? []))
        {
            var distance = Distance(name, candidate, bestDistance);
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }
        return best is not null ? $"did you mean `{best}`?"
            : names.Count is > 0 and <= 8 ? "known here: " + string.Join(", ", names.Select(k => $"`{k}`")) : null;
    }

    // Levenshtein, only for names short enough to be mistyped.
    private static int Distance(string a, string b, int limit)
    {
        if (a.Length > 60 || b.Length > 60 || Math.Abs(a.Length - b.Length) >= limit)
            return limit;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = cost;
            }
        }
        return row[b.Length];
    }
}
