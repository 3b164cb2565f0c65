using Windhover.Wit.Model;
using Windhover.Wit.Syntax;

namespace Windhover.Wit.Resolution;

/// <summary>All files (or blocks) of one package, before resolution.</summary>
internal sealed class PackageUnit(WitPackageName name, WitSpan span)
{
    public WitPackageName Name { get; } = name;

    public WitSpan Span { get; } = span;

    public string? Docs { get; private set; }

    public List<UnitSyntax> Files { get; } = [];

    /// <summary>The other packages named in here, with the first place that names each.</summary>
    public IEnumerable<(WitPackageName Name, WitSpan Span)> Dependencies()
    {
        var seen = new HashSet<WitPackageName>();
        foreach (var path in Files.SelectMany(PathsOf))
        {
            if (path.Package is { } package && seen.Add(package))
                yield return (package, path.PackageSpan);
        }
    }

    /// <summary>Gathers the files of a directory into its package, and the packages nested in them.</summary>
    public static PackageUnit Gather(IReadOnlyList<UnitSyntax> files, List<PackageUnit> nested, ResolveContext context)
    {
        PackageUnit? unit = null;
        WitSpan docs = default;
        foreach (var head in files.Select(f => f.Package).OfType<PackageHead>())
        {
            unit ??= new PackageUnit(head.Name, head.Span);
            if (head.Name != unit.Name)
                throw context.Abort(head.Span, $"the package is called `{head.Name}` here and `{unit.Name}` in {unit.Span}",
                    "the files of one folder form one package");
            if (head.Docs is null)
                continue;
            if (unit.Docs is not null)
                throw context.Abort(head.DocsSpan, $"the package is documented here and in {docs}",
                    "keep the documentation of the package in one file");
            (unit.Docs, docs) = (head.Docs, head.DocsSpan);
        }
        if (unit is null)
        {
            var start = files.Count == 0 ? default : new WitSpan(files[0].Source, 0, 0);
            throw context.Abort(start, "there is no `package` statement", "begin one of the files with `package namespace:name;`");
        }
        foreach (var file in files)
        {
            unit.Files.Add(file);
            foreach (var block in file.Nested)
            {
                foreach (var inner in block.Nested)
                    throw context.Abort(inner.Package!.Span, "packages cannot be placed inside other packages",
                        "place packages side by side at the top level");
                var package = new PackageUnit(block.Package!.Name, block.Package.Span) { Docs = block.Package.Docs };
                package.Files.Add(block);
                nested.Add(package);
            }
        }
        return unit;
    }

    private static IEnumerable<PathSyntax> PathsOf(UnitSyntax file) =>
        file.Uses.Select(u => u.Path).Concat(file.Scopes.SelectMany(s => PathsOf(s.Members)));

    private static IEnumerable<PathSyntax> PathsOf(List<MemberSyntax> members)
    {
        foreach (var member in members)
        {
            switch (member)
            {
                case UseSyntax use:
                    yield return use.From;
                    break;
                case IncludeSyntax include:
                    yield return include.From;
                    break;
                case ExternSyntax { Path: { } path }:
                    yield return path;
                    break;
                case ExternSyntax { Inline: { } inline }:
                    foreach (var use in inline.OfType<UseSyntax>()) // an inline interface holds no further ones
                        yield return use.From;
                    break;
            }
        }
    }
}
