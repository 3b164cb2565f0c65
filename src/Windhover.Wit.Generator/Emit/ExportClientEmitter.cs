using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// The client of an exported interface:
//
//   XExports.Bind(prepared)          looks every function up and checks its type, once per component
//   exports.F(instance, a, b)        enters the instance, lowers, calls, lifts, completes (Abi/ExportCall)
//   class R : IDisposable            a resource of the component; its methods go through the client that made it
//
// The class WitGlue inside the client holds what the calls need, so that helpers cannot clash with the names of the WIT's functions.
internal sealed partial class ExportClientEmitter
{
    private readonly BoundScope _scope;
    private readonly TypeMapper _types;
    private readonly bool _exceptions;
    private readonly bool _plugin;
    private readonly HelperSet _helpers = new();
    private readonly ExportHandles _handles;
    private readonly LiftEmitter _lift;
    private readonly LowerEmitter _lower;
    private readonly DescriptorEmitter _descriptors;

    public ExportClientEmitter(BoundScope scope, TypeMapper types, bool exceptions, bool plugin)
    {
        _plugin = plugin;
        _scope = scope;
        _types = types;
        _exceptions = exceptions;
        _descriptors = new DescriptorEmitter(types, Direction.Export);
        _handles = new ExportHandles(types, scope, _descriptors);
        _lift = new LiftEmitter(types, Direction.Export, _helpers, _handles);
        _lower = new LowerEmitter(types, Direction.Export, _helpers, _handles);
    }

    /// <summary>Also for resources without functions: other interfaces pass them, and their class belongs to this client.</summary>
    public static bool HasExports(BoundScope scope) => scope.Functions.Any() || scope.Resources.Any();

    private WitFunction[] Functions => _scope.Functions.ToArray();

    public void Emit(CodeWriter writer)
    {
        Identities(writer);
        if (!HasExports(_scope))
            return;
        foreach (WitResource resource in _scope.Resources)
            Resource(writer, resource);
        Client(writer);
        _descriptors.Emit(writer);
    }

    private void Identities(CodeWriter writer)
    {
        if (!_scope.Resources.Any())
            return;
        writer.Docs("Stand-ins for the resource types that each component defines for itself.");
        using (writer.Block($"public static class {_scope.TypesClass}"))
        {
            foreach (WitResource resource in _scope.Resources)
            {
                writer.Line($"public static readonly {Names.Types}ResourceType {CSharpNames.Pascal(resource.Name)}Resource = "
                    + $"{Names.Bindings}ExportBinder.Placeholder({CodeWriter.Literal(resource.Name)});");
            }
        }

        writer.Line();
    }

    private void Resource(CodeWriter writer, WitResource resource)
    {
        string name = _scope.TypeName(resource);
        writer.Docs(resource.Docs, $"WIT resource `{resource.Name}` of a component. Disposing an owned one runs its destructor; it must not outlive its instance.");
        using (writer.Block($"public sealed class {name} : global::System.IDisposable"))
        {
            writer.Line($"private readonly {_scope.ExportsClass} _exports;");
            if (_plugin)
                writer.Line($"private {Names.Plugins}PluginResource _plugin;");
            using (writer.Line().Block($"internal {name}({_scope.ExportsClass} exports, {Names.Linking}ComponentInstance instance, {Names.Resources}GuestResource resource)"))
            {
                writer.Line("_exports = exports;").Line("Instance = instance;").Line("Resource = resource;");
                if (_plugin)
                    writer.Line($"_plugin = new {Names.Plugins}PluginResource(instance, resource);");
            }

            writer.Line().Line("/// <summary>The instance that the resource lives in.</summary>");
            writer.Line($"public {Names.Linking}ComponentInstance Instance {{ get; }}").Line();
            writer.Line("/// <summary>The handle.</summary>").Line($"public {Names.Resources}GuestResource Resource {{ get; }}");
            foreach (WitFunction function in Functions.Where(f => f.Kind == WitFunctionKind.Method && f.Resource!.Definition == resource))
            {
                writer.Line().Docs(function.Docs, function.Docs is null ? $"Calls `{function.CanonicalName}`." : null);
                string arguments = Arguments(function);
                string method = MethodName(function, name);
                string header = $"{Return(function)} {method}({Parameters(function, skipSelf: true)})";
                string call = $"_exports.{GlueName(function)}(Instance, this{arguments})";
                if (_plugin)
                    PluginClientEmitter.Guarded(writer, function, _scope, header, Return(function) == "void", "_plugin", _ => call);
                else
                    writer.Line($"public {header} => {call};");
            }

            writer.Line().Line("/// <inheritdoc/>").Line($"public void Dispose() => {(_plugin ? "_plugin" : "Resource")}.Dispose();");
        }

        writer.Line();
    }

    /// <summary>A method of the class: it may carry neither the class's name nor one of its own properties'.</summary>
    private static string MethodName(WitFunction function, string type)
    {
        string name = TypeMapper.FunctionName(function);
        return name == type || name is "Instance" or "Resource" ? name + "Value" : name;
    }

    private void Client(CodeWriter writer)
    {
        string name = _scope.ExportsClass;
        string what = _scope.LinkName is null ? "the functions that a component exports itself" : $"`{_scope.LinkName}` of a component";
        string interfaceName = _scope.LinkName is null ? "null" : "InterfaceName";
        writer.Docs(_scope.Scope.Docs, $"Calls {what}. Bound once per component, used with any of its instances, from any thread that may use the instance.");
        using (writer.Block($"public sealed class {name}"))
        {
            if (_scope.LinkName is not null)
                writer.Docs("The name that components export.").Line($"public const string InterfaceName = {CodeWriter.Literal(_scope.LinkName)};").Line();
            writer.Line("private readonly WitGlue _glue;").Line();
            writer.Line($"private {name}({Names.Linking}PreparedComponent component) => _glue = new WitGlue(this, component);").Line();
            writer.Line("/// <summary>Looks the functions up and checks their types.</summary>");
            writer.Line($"/// <exception cref=\"{Names.Linking}LinkException\">The component lacks one, or has it with another type.</exception>");
            using (writer.Block($"public static {name} Bind({Names.Linking}PreparedComponent component)"))
                writer.Line("global::System.ArgumentNullException.ThrowIfNull(component);").Line($"return new {name}(component);");
            writer.Line().Line("/// <summary>As Bind, but answers null for a component that does not export the interface at all.</summary>");
            writer.Line($"/// <exception cref=\"{Names.Linking}LinkException\">The component has the interface, but not as these bindings know it.</exception>");
            using (writer.Block($"public static {name}? TryBind({Names.Linking}PreparedComponent component)"))
            {
                writer.Line("global::System.ArgumentNullException.ThrowIfNull(component);");
                string any = string.Join(" && ", Functions.Select(f => $"component.FindFunction({interfaceName}, {CodeWriter.Literal(f.CanonicalName)}) is null"));
                writer.Line(any.Length == 0 ? $"return new {name}(component);" : $"return {any} ? null : new {name}(component);");
            }

            foreach (WitFunction function in Functions)
            {
                writer.Line();
                Forward(writer, function);
            }

            writer.Line();
            Glue(writer);
        }

        writer.Line();
    }

    /// <summary>Free functions, statics and constructors are the client's own; a method is called through its resource's class.</summary>
    private void Forward(CodeWriter writer, WitFunction function)
    {
        bool method = function.Kind == WitFunctionKind.Method;
        string arguments = Arguments(function);
        string parameters = Parameters(function, skipSelf: true);
        string tail = parameters.Length == 0 ? "" : ", " + parameters;
        string instance = InstanceName(function);
        if (method)
        {
            string self = _types.Named(function.Resource!.Definition, Direction.Export);
            writer.Line($"internal {Return(function)} {GlueName(function)}({Names.Linking}ComponentInstance componentInstance, {self} resourceSelf{tail}) => "
                + $"_glue.{GlueName(function)}(componentInstance, resourceSelf{arguments});");
            return;
        }

        writer.Docs(function.Docs, function.Docs is null ? $"Calls `{function.CanonicalName}`." : null);
        writer.Line($"/// <exception cref=\"global::Windhover.Engine.TrapException\">The guest trapped; the instance cannot be used again.</exception>");
        writer.Line($"public {Return(function)} {ClientName(function, _scope)}({Names.Linking}ComponentInstance {instance}{tail}) => "
            + $"_glue.{GlueName(function)}({instance}{arguments});");
    }

    /// <summary>The name of a function in the client, which has members of its own.</summary>
    public static string ClientName(WitFunction function, BoundScope scope)
    {
        string name = TypeMapper.FunctionName(function);
        return name is "Bind" or "TryBind" || name == scope.ExportsClass || name == scope.ClientClass ? name + "Value" : name;
    }

    private void Glue(CodeWriter writer)
    {
        using (writer.Block("private sealed class WitGlue"))
        {
            var body = new CodeWriter();
            WitFunction[] functions = Functions;
            for (int i = 0; i < functions.Length; i++)
            {
                if (functions[i].IsAsync)
                    AsyncCall(body, functions[i], $"_function{i}");
                else
                    SyncCall(body, functions[i], $"_function{i}");
            }

            _helpers.WriteAll(body);
            writer.Line($"private readonly {_scope.ExportsClass} _exports;");
            for (int i = 0; i < functions.Length; i++)
                writer.Line($"private readonly {Names.Linking}ExportedFunction _function{i};");
            foreach ((string field, _) in _handles.Resources)
                writer.Line($"private readonly {Names.Types}ResourceType {field};");
            foreach ((string field, _, string kind) in _handles.Channels)
                writer.Line($"private readonly {Names.Types}{kind}Type {field};");
            foreach ((string field, BoundScope scope) in _handles.Clients)
                writer.Line($"private readonly {scope.Qualify(scope.ExportsClass)} {field};");
            using (writer.Line().Block($"public WitGlue({_scope.ExportsClass} exports, {Names.Linking}PreparedComponent component)"))
            {
                writer.Line("_exports = exports;");
                writer.Line($"var binder = new {Names.Bindings}ExportBinder(component, {(_scope.LinkName is null ? "null" : "InterfaceName")});");
                for (int i = 0; i < functions.Length; i++)
                    writer.Line($"_function{i} = binder.Function({CodeWriter.Literal(functions[i].CanonicalName)}, {_descriptors.Function(functions[i], GlueName(functions[i]).Substring("Call_".Length))}());");
                foreach ((string field, string identity) in _handles.Resources)
                    writer.Line($"{field} = binder.Resource({identity});");
                foreach ((string field, string type, string kind) in _handles.Channels)
                    writer.Line($"{field} = binder.{kind}({type});");
                foreach ((string field, BoundScope scope) in _handles.Clients)
                    writer.Line($"{field} = {scope.Qualify(scope.ExportsClass)}.Bind(component);");
            }

            writer.Append(body);
        }
    }

    private string Return(WitFunction function) => _types.Return(function, Direction.Export, _exceptions);

    private string Parameters(WitFunction function, bool skipSelf) => string.Join(", ", (skipSelf ? ImportInterfaceEmitter.HostParameters(function) : function.Parameters)
        .Select(p => $"{_types.Parameter(p.Type, Direction.Export, function.IsAsync)} {CSharpNames.Camel(p.Name)}")
        .Concat(function.IsAsync ? [$"{Names.CancellationToken} {ImportInterfaceEmitter.Cancellation(function)} = default"] : []));

    /// <summary>The arguments of a call, each after a comma.</summary>
    public static string Arguments(WitFunction function) => string.Concat(ImportInterfaceEmitter.HostParameters(function)
        .Select(p => ", " + CSharpNames.Camel(p.Name))
        .Concat(function.IsAsync ? [", " + ImportInterfaceEmitter.Cancellation(function)] : []));

    private static string InstanceName(WitFunction function) => function.Parameters.Any(p => p.Name == "instance") ? "componentInstance" : "instance";

    private static string GlueName(WitFunction function) => function.Kind switch
    {
        WitFunctionKind.Freestanding => "Call_" + CSharpNames.Pascal(function.Name),
        WitFunctionKind.Constructor => "Call_Create_" + CSharpNames.Pascal(function.Resource!.Name),
        _ => $"Call_{CSharpNames.Pascal(function.Resource!.Name)}_{CSharpNames.Pascal(function.Name)}",
    };
}
