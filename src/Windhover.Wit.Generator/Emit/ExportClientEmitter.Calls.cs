using System.Globalization;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// One call of an exported function. A synchronous one:
//
//   Call_F      checks for null before the instance is entered, and chooses
//   Direct_F    enters the instance, lowers, calls, lifts, completes (Abi/ExportCall)
//   Turn_F      Direct_F in a turn of the instance, blocking until it is over: where asynchronous calls are under way, or a stream is passed
//
// An asynchronous one is a task of the instance: Call_F hands its lowering and its lifting to Abi/ExportTask.
internal sealed partial class ExportClientEmitter
{
    private void SyncCall(CodeWriter writer, WitFunction function, string field)
    {
        string name = GlueName(function).Substring("Call_".Length);
        string raw = function.Result is null ? "void" : _types.Map(function.Result, Direction.Export, Style.Given);
        string parameters = GlueParameters(function);
        string arguments = string.Concat(function.Parameters.Select((_, i) => $", p{i}"));
        using (writer.Line().Block($"public {Return(function)} Call_{name}({parameters})"))
        {
            NullChecks(writer, function);
            string turn = $"Turn_{name}(instance{arguments})";
            string direct = $"Direct_{name}(instance{arguments})";
            bool always = TypeFacts.HasChannel(function);
            if (function.Result is null)
            {
                if (always)
                    writer.Line(turn + ";");
                else
                    writer.Line($"if ({Names.Abi}ExportTask.NeedsTurn(instance))").Line($"    {turn};").Line("else").Line($"    {direct};");
            }
            else
            {
                writer.Line($"{raw} result = {(always ? turn : $"{Names.Abi}ExportTask.NeedsTurn(instance) ? {turn} : {direct}")};");
                writer.Line(!Unwraps(function) ? "return result;" : Return(function) == "void" ? "_ = result.Value;" : "return result.Value;");
            }
        }

        using (writer.Line().Block($"private {raw} Turn_{name}({parameters})"))
        {
            var passed = new List<string>();
            for (int i = 0; i < function.Parameters.Count; i++)
            {
                bool span = TypeMapper.SpanElement(function.Parameters[i].Type) is not null;
                if (span)
                    writer.Line($"var q{i} = p{i}.ToArray();");
                passed.Add(span ? $", q{i}" : $", p{i}");
            }

            string direct = $"Direct_{name}(instance{string.Concat(passed)})";
            if (function.Result is null)
                writer.Line($"{Names.Abi}ExportTask.Run(instance, () => {direct});");
            else
                writer.Line($"{raw} result = default!;").Line($"{Names.Abi}ExportTask.Run(instance, () => result = {direct});").Line("return result;");
        }

        using (writer.Line().Block($"private {raw} Direct_{name}({parameters})"))
            Direct(writer, function, field);
    }

    private void AsyncCall(CodeWriter writer, WitFunction function, string field)
    {
        string name = GlueName(function).Substring("Call_".Length);
        WitType[] parameters = function.Parameters.Select(p => p.Type).ToArray();
        using (writer.Line().Block($"public {Return(function)} Call_{name}({GlueParameters(function)}, {Names.CancellationToken} cancellation)"))
        {
            NullChecks(writer, function);
            string lift = function.Result is null ? "" : $", Result_{name}";
            string call = $"{Names.Abi}ExportTask.CallAsync(instance, {field}, Lower{lift}, cancellation)";
            writer.Line($"return {(Unwraps(function) ? $"{Names.Bindings}AsyncResults.{(Return(function).IndexOf('<') < 0 ? "CheckAsync" : "UnwrapAsync")}({call})" : call)};").Line();
            using (writer.Block($"void Lower({Names.ContextParameter}, scoped {Names.Span} values)"))
                LowerArguments(writer, parameters, parameters.Sum(Layout.FlatCount) > Layout.MaxFlatParameters, isAsync: true);
        }

        if (function.Result is null)
            return;
        using (writer.Line().Block($"private {_types.Map(function.Result, Direction.Export, Style.Given)} Result_{name}({Names.ContextParameter}, scoped {Names.ReadOnlySpan} values)"))
        {
            if (Layout.FlatCount(function.Result) > Layout.MaxFlatParameters)
            {
                writer.Line($"uint source = context.CheckBlock(values[0].U32, {Layout.Size(function.Result)}, {Layout.Alignment(function.Result)});");
                writer.Line($"return {_lift.Load(function.Result, Style.Given, "source")};");
            }
            else
            {
                writer.Line($"return {_lift.Lift(function.Result, Style.Given, "0")};");
            }
        }
    }

    private bool Unwraps(WitFunction function) => _exceptions && function.Result is not null && TypeFacts.Resolve(function.Result) is WitResultType;

    private string GlueParameters(WitFunction function)
    {
        string self = function.Kind == WitFunctionKind.Method ? $", {_types.Named(function.Resource!.Definition, Direction.Export)} p0" : "";
        string tail = string.Concat(function.Parameters.Select((p, n) => (p, n)).Skip(self.Length > 0 ? 1 : 0)
            .Select(x => $", {_types.Parameter(x.p.Type, Direction.Export, function.IsAsync)} p{x.n}"));
        return $"{Names.Linking}ComponentInstance instance{self}{tail}";
    }

    /// <summary>Before the instance is entered: a call that was begun and not completed would close it for good.</summary>
    private static void NullChecks(CodeWriter writer, WitFunction function)
    {
        for (int i = 0; i < function.Parameters.Count; i++)
        {
            if (TypeFacts.IsReference(function.Parameters[i].Type))
                writer.Line($"global::System.ArgumentNullException.ThrowIfNull(p{i});");
        }
    }

    private void Direct(CodeWriter writer, WitFunction function, string field)
    {
        WitType[] parameters = function.Parameters.Select(p => p.Type).ToArray();
        int slots = parameters.Sum(Layout.FlatCount);
        bool spilled = slots > Layout.MaxFlatParameters;
        int size = Math.Max(spilled ? 1 : slots, function.Result is null ? 0 : 1);
        writer.Line($"scoped var call = new {Names.Abi}ExportCall(instance, {field});");
        if (parameters.Length > 0 || function.Result is not null)
            writer.Line($"ref {Names.Context} context = ref call.Context;");
        writer.Line($"{Names.Span} values = {(size == 0 ? "default" : $"stackalloc {Names.RawValue}[{size}]")};");
        LowerArguments(writer, parameters, spilled, isAsync: false);
        writer.Line("call.Invoke(values);");
        if (function.Result is null)
        {
            writer.Line("call.Complete();");
            return;
        }

        bool stored = Layout.FlatCount(function.Result) > Layout.MaxFlatResults;
        if (stored)
            writer.Line($"uint source = context.CheckBlock(values[0].U32, {Layout.Size(function.Result)}, {Layout.Alignment(function.Result)});");
        string value = stored ? _lift.Load(function.Result, Style.Given, "source") : _lift.Lift(function.Result, Style.Given, "0");
        writer.Line($"{_types.Map(function.Result, Direction.Export, Style.Given)} result = {value};").Line("call.Complete();").Line("return result;");
    }

    private void LowerArguments(CodeWriter writer, WitType[] parameters, bool spilled, bool isAsync)
    {
        if (spilled)
        {
            writer.Line($"uint target = context.Allocate({Layout.Max(parameters)}, {Layout.TupleSize(parameters)});");
            writer.Line("values[0] = target;");
        }

        uint[] offsets = Layout.Offsets(parameters);
        int slot = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            string? at = spilled ? null : slot.ToString(CultureInfo.InvariantCulture);
            string? address = spilled ? Expressions.Add("target", offsets[i]) : null;
            writer.Line(!isAsync ? _lower.Parameter(parameters[i], at, address, $"p{i}")
                : spilled ? _lower.Store(parameters[i], address!, $"p{i}")
                : _lower.Lower(parameters[i], at!, $"p{i}"));
            slot += Layout.FlatCount(parameters[i]);
        }
    }
}
