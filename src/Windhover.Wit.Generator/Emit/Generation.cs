using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Input;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

/// <summary>What one run produced, compared by value.</summary>
internal sealed record Generation(EquatableArray<SourceFile> Files, EquatableArray<Problem> Problems)
{
    public static Generation Run(EquatableArray<WitFile> files, EquatableArray<WorldRequest> requests, CancellationToken cancel)
    {
        var sources = new List<SourceFile>();
        var problems = new List<Problem>();
        foreach (IGrouping<string, WorldRequest> group in requests.GroupBy(r => r.RootNamespace))
        {
            cancel.ThrowIfCancellationRequested();
            List<WorldRequest> usable = group.Where(r => IsUsable(r, files, problems)).ToList();
            if (usable.Count > 0)
                Generate(group.Key, usable, files, sources, problems, cancel);
        }

        return new Generation(EquatableArray<SourceFile>.From(sources), EquatableArray<Problem>.From(problems));
    }

    private static bool IsUsable(WorldRequest request, EquatableArray<WitFile> files, List<Problem> problems)
    {
        if (!request.IsPartial)
            problems.Add(new Problem(Diagnostics.NotPartial, request.Place, request.ClassName));
        else if (files.Count == 0)
            problems.Add(new Problem(Diagnostics.NoFiles, request.Place, request.World));
        else
            return true;
        return false;
    }

    private static void Generate(
        string root, List<WorldRequest> requests, EquatableArray<WitFile> files, List<SourceFile> sources, List<Problem> problems, CancellationToken cancel)
    {
        if (Parse(requests, files, problems) is not { } packages)
            return;
        var worlds = new List<(WorldRequest, WitWorld)>();
        foreach (WorldRequest request in requests)
        {
            try
            {
                worlds.Add((request, packages.SelectWorld(request.World.Length == 0 ? null : request.World)));
            }
            catch (WitException e)
            {
                string reason = e.Diagnostics[0].Message + (e.Diagnostics[0].Help is { } help ? $" ({help})" : "");
                problems.Add(new Problem(Diagnostics.UnknownWorld, request.Place, request.World, reason));
            }
        }

        var graph = new BindingGraph(root, worlds);
        var types = new TypeMapper(graph);
        foreach (BoundScope scope in graph.Scopes.Where(s => !s.IsExternal))
        {
            cancel.ThrowIfCancellationRequested();
            bool exceptions = graph.Worlds.Any(w => w.Request.Exceptions && (w.Imports.Contains(scope) || w.Exports.Contains(scope)));
            bool plugin = graph.Worlds.Any(w => w.Request.IsPlugin && w.Exports.Contains(scope));
            if (ScopeEmitter.Emit(scope, types, exceptions, plugin) is { } file)
                sources.Add(file);
        }

        foreach (BoundWorld world in graph.Worlds)
            sources.Add(world.Request.IsPlugin ? new PluginEmitter(world, types).Emit() : WorldEmitter.Emit(world));
    }

    private static WitPackageSet? Parse(List<WorldRequest> requests, EquatableArray<WitFile> files, List<Problem> problems)
    {
        try
        {
            var options = new WitOptions { Features = requests.SelectMany(r => r.Features).Distinct().ToArray() };
            return WitResolver.ParseFiles(files.Select(f => (f.Path, f.Text)), options);
        }
        catch (WitException e)
        {
            foreach (WitDiagnostic diagnostic in e.Diagnostics)
            {
                string message = diagnostic.Message + (diagnostic.Help is null ? "" : $" ({diagnostic.Help})");
                problems.Add(new Problem(Diagnostics.InvalidWit, Diagnostics.PlaceOf(diagnostic.Span), message));
            }

            return null;
        }
    }
}
