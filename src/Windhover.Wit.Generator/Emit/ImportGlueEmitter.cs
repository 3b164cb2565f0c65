using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// The glue of an imported interface. Per function (CanonicalABI.md, "canon lower", seen from the host):
//
//   (1) lift every argument, from flat slots or, when they are more than 16, from the block that slot 0 points to
//   (2) call the host's object: the one behind `self`, or what the host's state answers for the interface
//   (3) lower the result into slot 0, or through the pointer in the last slot
//
// Nothing is allocated by the glue itself; the handlers are instance methods because a delegate of a static one costs an extra jump.
internal sealed partial class ImportGlueEmitter
{
    private readonly BoundScope _scope;
    private readonly TypeMapper _types;
    private readonly bool _exceptions;
    private readonly HelperSet _helpers = new();
    private readonly LiftEmitter _lift;
    private readonly LowerEmitter _lower;
    private readonly DescriptorEmitter _descriptors;

    public ImportGlueEmitter(BoundScope scope, TypeMapper types, bool exceptions)
    {
        _scope = scope;
        _types = types;
        _exceptions = exceptions;
        _descriptors = new DescriptorEmitter(types, Direction.Import);
        var handles = new ImportHandles(types, _descriptors);
        _lift = new LiftEmitter(types, Direction.Import, _helpers, handles);
        _lower = new LowerEmitter(types, Direction.Import, _helpers, handles);
    }

    private IEnumerable<WitFunction> Functions => _scope.Functions;

    /// <summary>Whether <c>Define</c> asks for the host's implementation of the free functions.</summary>
    public static bool NeedsHost(BoundScope scope) => scope.HostFunctions.Any();

    /// <summary>Whether there is anything to define.</summary>
    public static bool HasImports(BoundScope scope) => scope.Functions.Any() || scope.Resources.Any();

    public void Emit(CodeWriter writer)
    {
        Resources(writer);
        if (!HasImports(_scope))
            return;
        Define(writer);
        if (Functions.Any())
            Glue(writer);
        writer.Line();
        _descriptors.Emit(writer);
    }

    private void Resources(CodeWriter writer)
    {
        if (!_scope.Resources.Any())
            return;
        writer.Docs("The identities of the resource types, as the linker knows them.");
        using (writer.Block($"public static class {_scope.TypesClass}"))
        {
            foreach (WitResource resource in _scope.Resources)
            {
                writer.Docs($"`{resource.Name}`: objects of {_scope.TypeName(resource)}.");
                writer.Line($"public static readonly {Names.Types}ResourceType {CSharpNames.Pascal(resource.Name)}Resource = new({CodeWriter.Literal(resource.Name)});");
            }
        }

        writer.Line();
    }

    private void Define(CodeWriter writer)
    {
        string what = _scope.LinkName is null ? "the world's own imports" : $"`{_scope.LinkName}`";
        bool host = NeedsHost(_scope);
        writer.Docs($"Provides {what} to components.");
        using (writer.Block($"public static class {_scope.ImportsClass}"))
        {
            if (_scope.LinkName is not null)
                writer.Docs("The name that components import.").Line($"public const string InterfaceName = {CodeWriter.Literal(_scope.LinkName)};").Line();
            writer.Docs($"Defines {what} in a linker." + (host ? " `host` answers, for the state given to an instance, what implements the functions outside of resources." : ""));
            string parameter = host ? $", global::System.Func<object?, {_scope.HostInterface}> host" : "";
            using (writer.Block($"public static void Define({Names.Linking}ComponentLinker linker{parameter})"))
            {
                writer.Line("global::System.ArgumentNullException.ThrowIfNull(linker);");
                if (host)
                    writer.Line("global::System.ArgumentNullException.ThrowIfNull(host);");
                writer.Line($"{Names.Linking}HostInterface target = {(_scope.LinkName is null ? "linker.Root" : "linker.Interface(InterfaceName)")};");
                foreach (WitResource resource in _scope.Resources)
                    writer.Line($"target.DefineResource({CodeWriter.Literal(resource.Name)}, {_scope.ResourceIdentity(resource)});");
                if (Functions.Any())
                    writer.Line($"var glue = new {Names.Glue}({(host ? "host" : "")});");
                foreach (WitFunction function in Functions)
                {
                    string name = HandlerName(function);
                    writer.Line($"target.Define{(function.IsAsync ? "Async" : "")}({CodeWriter.Literal(function.CanonicalName)}, {_descriptors.Function(function, name.Substring("Handle_".Length))}, glue.{name});");
                }
            }
        }

        writer.Line();
    }

    private static string HandlerName(WitFunction function) => function.Kind switch
    {
        WitFunctionKind.Freestanding => "Handle_" + CSharpNames.Pascal(function.Name),
        WitFunctionKind.Constructor => "Handle_Create_" + CSharpNames.Pascal(function.Resource!.Name),
        _ => $"Handle_{CSharpNames.Pascal(function.Resource!.Name)}_{CSharpNames.Pascal(function.Name)}",
    };

    private void Glue(CodeWriter writer)
    {
        string parameter = NeedsHost(_scope) ? $"(global::System.Func<object?, {_scope.HostInterface}> host)" : "";
        using (writer.Block($"file sealed class {Names.Glue}{parameter}"))
        {
            bool first = true;
            foreach (WitFunction function in Functions)
            {
                if (!first)
                    writer.Line();
                first = false;
                if (function.IsAsync)
                {
                    AsyncHandler(writer, function);
                    continue;
                }

                using (writer.Block($"public void {HandlerName(function)}(ref {Names.Abi}HostCall call)"))
                    Handler(writer, function);
            }

            _helpers.WriteAll(writer);
        }
    }

    private void Handler(CodeWriter writer, WitFunction function)
    {
        WitType[] parameters = function.Parameters.Select(p => p.Type).ToArray();
        int slots = parameters.Sum(Layout.FlatCount);
        bool spilled = slots > Layout.MaxFlatParameters;
        bool stored = function.Result is not null && Layout.FlatCount(function.Result) > Layout.MaxFlatResults;
        if (parameters.Length > 0 || function.Result is not null)
            writer.Line($"ref {Names.Context} context = ref call.Context;").Line($"{Names.Span} values = call.Values;");
        if (spilled)
            writer.Line($"uint address = context.CheckBlock(values[0].U32, {Layout.TupleSize(parameters)}, {Layout.Max(parameters)});");
        Arguments(writer, function, parameters, spilled);
        Call(writer, function);
        if (function.Result is null)
            return;
        if (stored)
        {
            string pointer = $"values[{(spilled ? 1 : slots)}].U32";
            writer.Line($"uint target = context.CheckBlock({pointer}, {Layout.Size(function.Result)}, {Layout.Alignment(function.Result)});");
            writer.Line(_lower.Store(function.Result, "target", "result"));
        }
        else
        {
            writer.Line(_lower.Lower(function.Result, "0", "result"));
        }
    }

    private void Arguments(CodeWriter writer, WitFunction function, WitType[] parameters, bool spilled)
    {
        uint[] offsets = Layout.Offsets(parameters);
        int slot = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            bool self = i == 0 && function.Kind == WitFunctionKind.Method;
            string value = _lift.Parameter(parameters[i], spilled ? null : slot.ToString(System.Globalization.CultureInfo.InvariantCulture), Expressions.Add("address", offsets[i]));
            writer.Line($"var {(self ? "self" : $"arg{i}")} = {value};");
            slot += Layout.FlatCount(parameters[i]);
        }
    }

    private static string CallExpression(WitFunction function)
    {
        bool method = function.Kind == WitFunctionKind.Method;
        IEnumerable<string> arguments = Enumerable.Range(method ? 1 : 0, function.Parameters.Count - (method ? 1 : 0)).Select(i => $"arg{i}")
            .Concat(function.IsAsync ? ["cancellation"] : []);
        return $"{(method ? "self" : "host(call.State)")}.{TypeMapper.FunctionName(function)}({string.Join(", ", arguments)})";
    }

    private void Call(CodeWriter writer, WitFunction function)
    {
        string call = CallExpression(function);
        if (function.Result is null)
        {
            writer.Line(call + ";");
        }
        else if (_exceptions && TypeFacts.Resolve(function.Result) is WitResultType result)
        {
            string type = _types.Map(result, Direction.Import, Style.Data);
            writer.Line($"{type} result;");
            using (writer.Block("try"))
            {
                if (result.Ok is null)
                    writer.Line(call + ";").Line($"result = {type}.Ok(default);");
                else
                    writer.Line($"result = {type}.Ok({call});");
            }

            using (writer.Block($"catch ({Names.Bindings}WitException<{_types.Payload(result.Error, Direction.Import, Style.Data)}> e)"))
                writer.Line($"result = {type}.Err(e.Error);");
        }
        else
        {
            writer.Line($"{_types.Map(function.Result, Direction.Import, Style.Data)} result = {call};");
        }
    }
}
