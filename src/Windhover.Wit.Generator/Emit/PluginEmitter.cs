using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// Completes the class that carries [WitWorld] where the library of plug-ins (Windhover.Plugins) is referenced: an object of it is one plug-in in use.
//
//   class P : Plugin, IPlugin<P>
//       Rules                    XClient of each exported interface
//       Quote(…)                 the world's own functions
//       Instantiate[Async]       of a PluginComponent, with Imports
//       class Imports            the host's implementations
//       class Exports            what Bind finds, once per component
internal sealed class PluginEmitter(BoundWorld world, TypeMapper types)
{
    private readonly string _name = world.Request.ClassName;
    private readonly List<(BoundScope Scope, string? Parameter)> _imports = WorldEmitter.Imports(world);
    private readonly List<(BoundScope Scope, string Property)> _exports = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal)
    {
        world.Request.ClassName, "Define", "Bind", "Imports", "Exports", "Functions", "Instantiate", "InstantiateAsync", "World", "Info", "Dispose", "DisposeAsync", "Of",
        "EnterCall", "LeaveCall", "EnterAsyncCall", "LeaveAsyncCall", "IsFailure", "Failure", "HoldResource", "LetResourceGo", "HasEnded",
        "DefineImports", "BindExports", "CreatePlugin", "ResolveImports", "Equals", "GetHashCode", "ToString", "GetType", "MemberwiseClone", "Finalize", "ReferenceEquals",
    };

    private bool HasImports => _imports.Any(i => i.Parameter is not null);

    private string Exported => $"{_name}.Exports";

    public SourceFile Emit()
    {
        foreach (BoundScope scope in world.Exports.Where(s => !s.IsExternal && ExportClientEmitter.HasExports(s)))
            _exports.Add((scope, scope.LinkName is null ? "" : WorldEmitter.Unique(scope.Name, _taken)));
        CodeWriter file = SourceFile.Begin($"plug-in of world {world.World}");
        if (world.Request.Namespace.Length > 0)
            file.Line($"namespace {world.Request.Namespace};").Line();
        file.Docs(world.World.Docs, $"A plug-in of the WIT world `{world.World}`. One call at a time; see Windhover.Plugins.Plugin.");
        using (file.Block($"partial class {_name} : {Names.Plugins}Plugin, {Names.Plugins}IPlugin<{_name}>"))
        {
            World(file);
            WorldEmitter.Define(file, world);
            Calls(file);
            Instantiate(file);
            Contract(file);
            ImportsClass(file);
            ExportsClass(file);
        }

        return new SourceFile($"{(world.Request.Namespace.Length == 0 ? "" : world.Request.Namespace + ".")}{_name}.World.g.cs", file.ToString());
    }

    private void World(CodeWriter writer)
    {
        writer.Docs("The world, as components are checked against it.");
        writer.Line($"public static {Names.Plugins}PluginWorld World {{ get; }} = new(");
        writer.Line($"    {CodeWriter.Literal(world.World.ToString())},");
        Interfaces(writer, world.World.Imports, ",");
        Interfaces(writer, world.World.Exports, ");");
        writer.Line();
    }

    private static void Interfaces(CodeWriter writer, IReadOnlyList<WitWorldItem> items, string end)
    {
        writer.Line("    [");
        foreach (WitInterfaceItem item in items.OfType<WitInterfaceItem>())
            Interface(writer, item.Name, item.Interface.Functions);
        WitFunction[] functions = items.OfType<WitFunctionItem>().Select(i => i.Function).ToArray();
        if (functions.Length > 0)
            Interface(writer, "", functions);
        writer.Line("    ]" + end);
    }

    private static void Interface(CodeWriter writer, string name, IReadOnlyList<WitFunction> functions)
    {
        writer.Line($"        new {Names.Plugins}PluginInterface({CodeWriter.Literal(name)},");
        writer.Line("        [");
        foreach (WitFunction function in functions)
            writer.Line($"            new {Names.Plugins}PluginFunction({CodeWriter.Literal(function.CanonicalName)}, {CodeWriter.Literal(SignatureText.Of(function))}),");
        writer.Line("        ]),");
    }

    private void Calls(CodeWriter writer)
    {
        bool any = _exports.Any(e => e.Scope.LinkName is null);
        if (any)
            writer.Line().Line("private readonly Exports _exported;");
        using (writer.Line().Block($"private {_name}({Names.Plugins}PluginInstance instance, {Exported} exports)\n        : base(instance)"))
        {
            if (any)
                writer.Line("_exported = exports;");
            foreach ((BoundScope scope, string property) in _exports.Where(e => e.Scope.LinkName is not null))
                writer.Line($"{property} = new {scope.Qualify(scope.ClientClass)}(this, exports.{property});");
        }

        foreach ((BoundScope scope, string property) in _exports.Where(e => e.Scope.LinkName is not null))
        {
            writer.Line().Docs($"`{scope.LinkName}` of the plug-in.");
            writer.Line($"public {scope.Qualify(scope.ClientClass)} {property} {{ get; }}");
        }

        foreach ((BoundScope scope, _) in _exports.Where(e => e.Scope.LinkName is null))
        {
            var emitter = new PluginClientEmitter(scope, types, world.Request.Exceptions);
            foreach (WitFunction function in scope.Functions.Where(f => f.Kind != WitFunctionKind.Method))
            {
                string name = TypeMapper.FunctionName(function);
                emitter.Function(writer, function, _taken.Add(name) ? name : WorldEmitter.Unique(name + "Value", _taken), "this", "_exported.Functions");
            }
        }
    }

    private void Instantiate(CodeWriter writer)
    {
        string imports = HasImports ? $", {_name}.Imports imports" : "";
        string given = HasImports ? "imports" : "null";
        string body = $"{Names.Plugins}PluginFactory.Instantiate<{_name}>(component, {given}, options)";
        foreach (bool later in new[] { false, true })
        {
            writer.Line().Line("/// <summary>Makes a plug-in: a fresh sandbox of a component. Dispose it after use.</summary>");
            writer.Line("/// <param name=\"component\">The component.</param>");
            if (HasImports)
                writer.Line("/// <param name=\"imports\">What the host gives it to call.</param>");
            writer.Line("/// <param name=\"options\">Grants and budget; null: nothing is granted.</param>");
            if (later)
                writer.Line("/// <param name=\"cancellationToken\">Gives up before it begins.</param>");
            writer.Line($"/// <exception cref=\"{Names.Plugins}PluginMismatchException\">The component does not fit the world; the message says what is missing.</exception>");
            writer.Line($"/// <exception cref=\"{Names.Plugins}PluginTrapException\">The plug-in trapped while it started.</exception>");
            string parameters = $"({Names.Plugins}PluginComponent component{imports}, {Names.Plugins}PluginOptions? options = null";
            using (writer.Block(later
                ? $"public static global::System.Threading.Tasks.ValueTask<{_name}> InstantiateAsync{parameters}, global::System.Threading.CancellationToken cancellationToken = default)"
                : $"public static {_name} Instantiate{parameters})"))
            {
                if (HasImports)
                    writer.Line("global::System.ArgumentNullException.ThrowIfNull(imports);");
                if (later)
                    writer.Line("cancellationToken.ThrowIfCancellationRequested();");
                writer.Line(later ? $"return new global::System.Threading.Tasks.ValueTask<{_name}>({body});" : $"return {body};");
            }
        }

        writer.Line().Line("/// <summary>Finds the world's exports in a component and checks their types; for hosts that keep stores of their own.</summary>");
        writer.Line($"/// <exception cref=\"{Names.Linking}LinkException\">The component lacks one, or has it with another type.</exception>");
        using (writer.Block($"public static {Exported} Bind({Names.Linking}PreparedComponent component)"))
            writer.Line("global::System.ArgumentNullException.ThrowIfNull(component);").Line($"return new {Exported}(component);");
    }

    private void Contract(CodeWriter writer)
    {
        string self = $"{Names.Plugins}IPlugin<{_name}>";
        using (writer.Line().Block($"static void {self}.DefineImports({Names.Linking}ComponentLinker linker)"))
        {
            if (_imports.Count > 0)
            {
                string arguments = string.Concat(_imports.Where(i => i.Parameter is not null)
                    .Select(i => $", static state => ((Imports)(({Names.Plugins}PluginInstance)state!).Imports!).{Property(i.Parameter!)}"));
                writer.Line($"Define(linker{arguments});");
            }
        }

        writer.Line().Line($"static object {self}.BindExports({Names.Linking}PreparedComponent component) => Bind(component);");
        writer.Line().Line($"static {_name} {self}.CreatePlugin({Names.Plugins}PluginInstance instance, object exports) => new(instance, (Exports)exports);");
        writer.Line();
        if (!HasImports)
        {
            writer.Line($"static object? {self}.ResolveImports(global::System.IServiceProvider services) => null;");
            return;
        }

        using (writer.Block($"static object? {self}.ResolveImports(global::System.IServiceProvider services) => new Imports", "};"))
        {
            foreach ((BoundScope scope, string? parameter) in _imports.Where(i => i.Parameter is not null))
                writer.Line($"{Property(parameter!)} = {Names.Plugins}PluginFactory.Resolve<{scope.Qualify(scope.HostInterface)}>(services, {CodeWriter.Literal(scope.LinkName ?? world.World.ToString())}),");
        }
    }

    private void ImportsClass(CodeWriter writer)
    {
        if (!HasImports)
            return;
        writer.Line().Docs("What the host gives one plug-in to call: ordinary classes. Not disposed with the plug-in.");
        using (writer.Block("public sealed class Imports"))
        {
            foreach ((BoundScope scope, string? parameter) in _imports.Where(i => i.Parameter is not null))
            {
                writer.Docs(scope.LinkName is null ? "The functions that the world imports itself." : $"`{scope.LinkName}`.");
                writer.Line($"public required {scope.Qualify(scope.HostInterface)} {Property(parameter!)} {{ get; init; }}");
            }
        }
    }

    /// <summary><c>pricingCatalog</c> → <c>Catalog</c> where that is one of a kind, else <c>PricingCatalog</c>.</summary>
    private string Property(string parameter)
    {
        BoundScope scope = _imports.Single(i => i.Parameter == parameter).Scope;
        string name = scope.LinkName is null ? "Host" : scope.Name;
        bool alone = name != "Imports" && _imports.Count(i => i.Parameter is not null && (i.Scope.LinkName is null ? "Host" : i.Scope.Name) == name) == 1;
        return alone ? name : char.ToUpperInvariant(parameter[0]) + parameter.Substring(1);
    }

    private void ExportsClass(CodeWriter writer)
    {
        writer.Line().Docs("The world's exports in one component: their functions take the instance with each call.");
        using (writer.Block("public sealed class Exports"))
        {
            using (writer.Block($"internal Exports({Names.Linking}PreparedComponent component)"))
            {
                foreach ((BoundScope scope, string property) in _exports)
                    writer.Line($"{(scope.LinkName is null ? "Functions" : property)} = {scope.Qualify(scope.ExportsClass)}.Bind(component);");
            }

            foreach ((BoundScope scope, string property) in _exports)
            {
                writer.Line().Docs(scope.LinkName is null ? "The functions that the component exports itself." : $"`{scope.LinkName}` of the component.");
                writer.Line($"public {scope.Qualify(scope.ExportsClass)} {(scope.LinkName is null ? "Functions" : property)} {{ get; }}");
            }
        }
    }
}
