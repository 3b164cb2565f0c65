using System.Globalization;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

/// <summary>
/// Completes the class that carries <c>[WitWorld]</c>: <c>Define</c> provides every import that these bindings generate, <c>Bind</c> finds every
/// export.
/// </summary>
internal static class WorldEmitter
{
    public static SourceFile Emit(BoundWorld world)
    {
        CodeWriter file = SourceFile.Begin($"world {world.World}");
        if (world.Request.Namespace.Length > 0)
            file.Line($"namespace {world.Request.Namespace};").Line();
        file.Docs(world.World.Docs, $"The WIT world `{world.World}`.");
        using (file.Block($"partial class {world.Request.ClassName}"))
        {
            Define(file, world);
            if (!world.Request.IsStatic)
                Exports(file, world);
        }

        return new SourceFile($"{(world.Request.Namespace.Length == 0 ? "" : world.Request.Namespace + ".")}{world.Request.ClassName}.World.g.cs", file.ToString());
    }

    public static void Define(CodeWriter writer, BoundWorld world)
    {
        List<(BoundScope Scope, string? Parameter)> imports = Imports(world);
        if (imports.Count == 0)
            return;
        writer.Docs("Provides every import of the world. Each function answers, for the state given to an instance, what implements an interface.");
        string parameters = string.Concat(imports.Where(i => i.Parameter is not null)
            .Select(i => $",\n        global::System.Func<object?, {i.Scope.Qualify(i.Scope.HostInterface)}> {i.Parameter}"));
        using (writer.Block($"public static void Define({Names.Linking}ComponentLinker linker{parameters})"))
        {
            foreach ((BoundScope scope, string? parameter) in imports)
                writer.Line($"{scope.Qualify(scope.ImportsClass)}.Define(linker{(parameter is null ? "" : ", " + parameter)});");
        }
    }

    /// <summary>What the world imports, with the parameter of <c>Define</c> for what a host has to implement.</summary>
    public static List<(BoundScope Scope, string? Parameter)> Imports(BoundWorld world)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal) { "linker" };
        return world.Imports.Where(s => !s.IsExternal && ImportGlueEmitter.HasImports(s))
            .Select(scope => (scope, ImportGlueEmitter.NeedsHost(scope) ? Unique(ParameterName(scope), taken) : null)).ToList();
    }

    private static void Exports(CodeWriter writer, BoundWorld world)
    {
        List<(BoundScope Scope, string Property)> exports = [];
        var taken = new HashSet<string>(StringComparer.Ordinal) { world.Request.ClassName, "Define", "Bind" };
        foreach (BoundScope scope in world.Exports.Where(s => !s.IsExternal && ExportClientEmitter.HasExports(s)))
            exports.Add((scope, Unique(scope.LinkName is null ? "Functions" : scope.Name, taken)));
        if (exports.Count == 0)
            return;
        string name = world.Request.ClassName;
        writer.Line();
        using (writer.Block($"private {name}({Names.Linking}PreparedComponent component)"))
        {
            foreach ((BoundScope scope, string property) in exports)
                writer.Line($"{property} = {scope.Qualify(scope.ExportsClass)}.Bind(component);");
        }

        foreach ((BoundScope scope, string property) in exports)
        {
            writer.Line().Docs(scope.LinkName is null ? "The functions that the component exports itself." : $"`{scope.LinkName}` of the component.");
            writer.Line($"public {scope.Qualify(scope.ExportsClass)} {property} {{ get; }}");
        }

        writer.Line().Line("/// <summary>Finds the world's exports in a component and checks their types; once per component.</summary>");
        writer.Line($"/// <exception cref=\"{Names.Linking}LinkException\">The component lacks one, or has it with another type.</exception>");
        using (writer.Block($"public static {name} Bind({Names.Linking}PreparedComponent component)"))
            writer.Line("global::System.ArgumentNullException.ThrowIfNull(component);").Line($"return new {name}(component);");
    }

    /// <summary><c>wasi:cli/environment</c> → <c>cliEnvironment</c>: interfaces called <c>types</c> are many.</summary>
    private static string ParameterName(BoundScope scope) => scope.Scope is WitInterface { IsInline: false, Package: { } package }
        ? CSharpNames.CamelUnescaped(package.Name.Name) + scope.Name
        : "host" + scope.Name;

    public static string Unique(string name, HashSet<string> taken)
    {
        string unique = name;
        for (int i = 2; !taken.Add(unique); i++)
            unique = name + i.ToString(CultureInfo.InvariantCulture);
        return unique;
    }
}
