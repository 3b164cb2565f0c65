using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// The client of an exported interface for one plug-in. It adds to XExports (which takes the instance with each call) what Windhover.Plugins.Plugin
// demands around a call:
//
//   EnterCall    one call at a time, not after dispose; sets the deadline
//   the call
//   Failure      names the plug-in, the function and the remedy
//   LeaveCall
internal sealed class PluginClientEmitter(BoundScope scope, TypeMapper types, bool exceptions)
{
    public void Emit(CodeWriter writer)
    {
        if (scope.LinkName is null || !ExportClientEmitter.HasExports(scope))
            return;
        writer.Docs(scope.Scope.Docs, $"Calls `{scope.LinkName}` of one plug-in.");
        using (writer.Block($"public sealed class {scope.ClientClass}"))
        {
            writer.Line($"private readonly {Names.Plugins}Plugin _plugin;").Line($"private readonly {scope.ExportsClass} _exports;").Line();
            using (writer.Block($"internal {scope.ClientClass}({Names.Plugins}Plugin plugin, {scope.ExportsClass} exports)"))
                writer.Line("_plugin = plugin;").Line("_exports = exports;");
            foreach (WitFunction function in scope.Functions.Where(f => f.Kind != WitFunctionKind.Method))
                Function(writer, function, ExportClientEmitter.ClientName(function, scope), "_plugin", "_exports");
        }

        writer.Line();
    }

    /// <summary>A guarded method that calls a function of an export client.</summary>
    public void Function(CodeWriter writer, WitFunction function, string name, string plugin, string exports)
    {
        writer.Line().Docs(function.Docs, function.Docs is null ? $"Calls `{function.CanonicalName}`." : null);
        writer.Line($"/// <exception cref=\"{Names.Plugins}PluginException\">The plug-in trapped, met its budget, or was called against its rules.</exception>");
        string parameters = string.Join(", ", ImportInterfaceEmitter.HostParameters(function)
            .Select(p => $"{types.Parameter(p.Type, Direction.Export, function.IsAsync)} {CSharpNames.Camel(p.Name)}")
            .Concat(function.IsAsync ? [$"{Names.CancellationToken} {ImportInterfaceEmitter.Cancellation(function)} = default"] : []));
        string arguments = ExportClientEmitter.Arguments(function);
        string result = types.Return(function, Direction.Export, exceptions);
        Guarded(writer, function, scope, $"{result} {name}({parameters})", result == "void", plugin, instance => $"{exports}.{ExportClientEmitter.ClientName(function, scope)}({instance}{arguments})");
    }

    public static void Guarded(CodeWriter writer, WitFunction function, BoundScope scope, string header, bool isVoid, string plugin, Func<string, string> call)
    {
        string name = CodeWriter.Literal(scope.LinkName is null ? function.CanonicalName : $"{scope.LinkName}#{function.CanonicalName}");
        HashSet<string> taken = new(function.Parameters.Select(p => CSharpNames.CamelUnescaped(p.Name)), StringComparer.Ordinal) { ImportInterfaceEmitter.Cancellation(function) };
        string instance = WorldEmitter.Unique("callee", taken), error = WorldEmitter.Unique("failure", taken);
        string kind = function.IsAsync ? "Async" : "";
        bool isTask = header.StartsWith("global::System.Threading.Tasks.ValueTask ", StringComparison.Ordinal);
        using (writer.Block($"public {(function.IsAsync ? "async " : "")}{header}"))
        {
            writer.Line($"{Names.Linking}ComponentInstance {instance} = {plugin}.Enter{kind}Call({name});");
            using (writer.Block("try"))
            {
                string line = function.IsAsync ? $"await {call(instance)}.ConfigureAwait(false);" : $"{call(instance)};";
                writer.Line(isVoid || isTask ? line : "return " + line);
            }

            using (writer.Block($"catch (global::System.Exception {error}) when ({plugin}.IsFailure({error}))"))
                writer.Line($"throw {plugin}.Failure({name}, {error});");
            using (writer.Block("finally"))
                writer.Line($"{plugin}.Leave{kind}Call();");
        }
    }
}
