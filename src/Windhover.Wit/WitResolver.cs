using Windhover.Wit.Model;
using Windhover.Wit.Resolution;
using Windhover.Wit.Syntax;

namespace Windhover.Wit;

// From files to a resolved set of packages:
//
//  (1) every file is parsed; syntax errors of all files are reported together,
//  (2) files become packages: those of one folder are one package, each entry of a `deps` folder is another, and so is each
//      `package … { }` block,
//  (3) packages are ordered so that each comes after those it refers to,
//  (4) each is resolved in that order (PackageResolver).
/// <summary>Reads WIT text into the model.</summary>
public static class WitResolver
{
    // Far above what people write (all of WASI 0.2 is 0.3 MB in 40 files); they keep hostile input from filling memory.
    private const int MaxFiles = 4096;
    private const int MaxFileLength = 4 << 20;
    private const long MaxTotalLength = 32L << 20;

    /// <summary>
    /// Reads a folder: its <c>*.wit</c> files are the root package, the entries of its <c>deps</c> folder (files or folders) its
    /// dependencies.
    /// </summary>
    /// <param name="path">A folder, or a single WIT file.</param>
    /// <param name="options">Features to enable; none by default.</param>
    /// <exception cref="WitException">The files are not valid WIT.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static WitPackageSet ParseDirectory(string path, WitOptions? options = null) => ParseGroups(WitFileSystem.Read(path), options);

    /// <summary>
    /// Reads files without touching the file system. Folders are told from the paths: a file <c>…/deps/x.wit</c> and the files of a folder
    /// <c>…/deps/x/</c> are a dependency each, all others form the root package.
    /// </summary>
    /// <param name="files">Paths and texts; <c>/</c> and <c>\</c> both separate folders.</param>
    /// <param name="options">Features to enable; none by default.</param>
    /// <exception cref="WitException">The files are not valid WIT.</exception>
    public static WitPackageSet ParseFiles(IEnumerable<(string Path, string Text)> files, WitOptions? options = null) =>
        ParseGroups(WitFileSystem.Group((files ?? throw new ArgumentNullException(nameof(files))).ToList()), options);

    /// <summary>Reads a single file that holds everything; further packages stand in it as <c>package … { }</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The path to show in diagnostics.</param>
    /// <param name="options">Features to enable; none by default.</param>
    /// <exception cref="WitException">The text is not valid WIT.</exception>
    public static WitPackageSet Parse(string text, string path = "input.wit", WitOptions? options = null) =>
        ParseGroups([[(path, text ?? throw new ArgumentNullException(nameof(text)))]], options);

    /// <summary>The first group is the root package.</summary>
    private static WitPackageSet ParseGroups(List<List<(string Path, string Text)>> groups, WitOptions? options)
    {
        var context = new ResolveContext(options ?? WitOptions.Default);
        try
        {
            CheckSizes(groups, context);
            foreach (var package in context.Options.KnownPackages)
                context.AddKnown(package);
            var sources = new List<WitSource>();
            var parsed = groups.ConvertAll(g => ParseGroup(g, sources, context));
            var main = context.Diagnostics.Count == 0 ? ResolveGroups(parsed, context) : null;
            if (context.Diagnostics.Count == 0)
                return new WitPackageSet(main!, context.Packages.Values.ToList(), sources);
        }
        catch (AbortException)
        {
            // The reason is among the diagnostics.
        }
        throw new WitException(context.Diagnostics);
    }

    private static void CheckSizes(List<List<(string Path, string Text)>> groups, ResolveContext context)
    {
        if (groups.Sum(g => g.Count) > MaxFiles)
            throw context.Abort(default, $"there are more than {MaxFiles} files", null);
        var total = 0L;
        foreach (var (path, text) in groups.SelectMany(g => g))
        {
            total += text.Length;
            if (text.Length > MaxFileLength || total > MaxTotalLength)
                throw context.Abort(new WitSpan(new WitSource(path, ""), 0, 0),
                    "the WIT files are too large: at most 4 MB in one file and 32 MB together", null);
        }
    }

    private static List<UnitSyntax> ParseGroup(List<(string Path, string Text)> files, List<WitSource> sources, ResolveContext context)
    {
        var units = new List<UnitSyntax>();
        foreach (var (path, text) in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var source = new WitSource(path, text);
            sources.Add(source);
            try
            {
                units.Add(Parser.Parse(source, context.Options.PlainCommentsAsDocs));
            }
            catch (SyntaxException e)
            {
                context.Report(e.Diagnostic.Span, e.Diagnostic.Message, e.Diagnostic.Help);
            }
        }
        return units;
    }

    private static WitPackage ResolveGroups(List<List<UnitSyntax>> groups, ResolveContext context)
    {
        var units = new List<PackageUnit>();
        WitPackageName? main = null;
        foreach (var group in groups)
        {
            var unit = PackageUnit.Gather(group, units, context);
            main ??= unit.Name;
            units.Add(unit);
        }
        foreach (var unit in Order(units, context))
            PackageResolver.Resolve(unit, context);
        return context.Packages[main!];
    }

    private static List<PackageUnit> Order(List<PackageUnit> units, ResolveContext context)
    {
        units = units.OrderBy(u => u.Name.ToString(), StringComparer.Ordinal).ToList();
        var indexes = new Dictionary<WitPackageName, int>();
        for (var i = 0; i < units.Count; i++)
        {
            if (context.Packages.ContainsKey(units[i].Name))
                throw context.Abort(units[i].Span, $"package `{units[i].Name}` is among the known packages already", null);
            if (indexes.TryGetValue(units[i].Name, out var other))
                throw context.Abort(units[i].Span, $"package `{units[i].Name}` is defined twice",
                    $"the other one is at {units[other].Span}");
            indexes.Add(units[i].Name, i);
        }
        var spans = new List<List<WitSpan>>();
        var needs = new List<IReadOnlyList<int>>();
        foreach (var unit in units)
        {
            var known = unit.Dependencies().Where(d => indexes.ContainsKey(d.Name)).ToList();
            needs.Add(known.ConvertAll(d => indexes[d.Name]));
            spans.Add(known.ConvertAll(d => d.Span));
        }
        if (DependencyOrder.Sort(needs, out var cycle) is { } order)
            return order.ConvertAll(o => units[o]);
        var name = units[needs[cycle.Node][cycle.Need]].Name;
        throw context.Abort(spans[cycle.Node][cycle.Need], $"package `{name}` depends on itself",
            needs[cycle.Node][cycle.Need] == cycle.Node ? "name the interfaces of the own package without the package"
                : "packages may not refer to each other in a circle");
    }
}
