using System.Globalization;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

// The glue of an imported asynchronous function. A guest may have lowered it either way, and the two differ in what goes through memory:
//
//                 arguments in memory when     result through memory
//   async         more than 4 core values      always
//   sync          more than 16                 when it is more than 1
//
// So the handler asks, starts the host's method, and answers an operation; Return_… lowers the result when it is there, in a turn of its own.
internal sealed partial class ImportGlueEmitter
{
    private const int MaxFlatAsyncParameters = 4;

    private void AsyncHandler(CodeWriter writer, WitFunction function)
    {
        using (writer.Block($"public {Names.Abi}HostOperation {HandlerName(function)}(ref {Names.Abi}HostCall call, {Names.CancellationToken} cancellation)"))
        {
            AsyncArguments(writer, function);
            string call = CallExpression(function);
            if (function.Result is null)
            {
                writer.Line($"return {Names.Abi}HostOperation.Of({call});");
            }
            else if (_exceptions && TypeFacts.Resolve(function.Result) is WitResultType result)
            {
                string type = _types.Map(result, Direction.Import, Style.Data);
                string error = _types.Payload(result.Error, Direction.Import, Style.Data);
                string types = result.Ok is null ? error : $"{_types.Map(result.Ok, Direction.Import, Style.Data)}, {error}";
                writer.Line($"global::System.Threading.Tasks.ValueTask<{type}> result;");
                using (writer.Block("try"))
                    writer.Line($"result = {Names.Bindings}AsyncResults.CatchAsync<{types}>({call});");
                using (writer.Block($"catch ({Names.Bindings}WitException<{error}> e)"))
                    writer.Line($"result = new({type}.Err(e.Error));");
                writer.Line($"return {Names.Abi}HostOperation.Of(result, {ReturnName(function)});");
            }
            else
            {
                writer.Line($"return {Names.Abi}HostOperation.Of({call}, {ReturnName(function)});");
            }
        }

        if (function.Result is not null)
            AsyncReturn(writer, function, function.Result);
    }

    private static string ReturnName(WitFunction function) => "Return_" + HandlerName(function).Substring("Handle_".Length);

    private void AsyncArguments(CodeWriter writer, WitFunction function)
    {
        WitType[] parameters = function.Parameters.Select(p => p.Type).ToArray();
        if (parameters.Length == 0)
            return;
        writer.Line($"ref {Names.Context} context = ref call.Context;").Line($"{Names.Span} values = call.Values;");
        int slots = parameters.Sum(Layout.FlatCount);
        bool always = slots > Layout.MaxFlatParameters;
        bool sometimes = !always && slots > MaxFlatAsyncParameters;
        string check = $"context.CheckBlock(values[0].U32, {Layout.TupleSize(parameters)}, {Layout.Max(parameters)})";
        if (always)
            writer.Line($"uint address = {check};");
        else if (sometimes)
            writer.Line($"uint address = call.IsAsync ? {check} : 0;");
        uint[] offsets = Layout.Offsets(parameters);
        int slot = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            bool self = i == 0 && function.Kind == WitFunctionKind.Method;
            string load = _lift.Load(parameters[i], Style.Given, Expressions.Add("address", offsets[i]));
            string lift = _lift.Lift(parameters[i], Style.Given, slot.ToString(CultureInfo.InvariantCulture));
            writer.Line($"var {(self ? "self" : $"arg{i}")} = {(always ? load : sometimes ? $"call.IsAsync ? {load} : {lift}" : lift)};");
            slot += Layout.FlatCount(parameters[i]);
        }
    }

    private void AsyncReturn(CodeWriter writer, WitFunction function, WitType result)
    {
        int slots = function.Parameters.Sum(p => Layout.FlatCount(p.Type));
        int asyncSlot = slots > MaxFlatAsyncParameters ? 1 : slots;
        int syncSlot = slots > Layout.MaxFlatParameters ? 1 : slots;
        bool stored = Layout.FlatCount(result) > Layout.MaxFlatResults;
        string pointer = !stored || asyncSlot == syncSlot ? asyncSlot.ToString(CultureInfo.InvariantCulture) : $"call.IsAsync ? {asyncSlot} : {syncSlot}";
        string check = $"uint target = context.CheckBlock(values[{pointer}].U32, {Layout.Size(result)}, {Layout.Alignment(result)});";
        writer.Line();
        using (writer.Block($"private static void {ReturnName(function)}(ref {Names.Abi}HostCall call, {_types.Map(result, Direction.Import, Style.Data)} result)"))
        {
            writer.Line($"ref {Names.Context} context = ref call.Context;").Line($"{Names.Span} values = call.Values;");
            if (stored)
            {
                writer.Line(check).Line(_lower.Store(result, "target", "result"));
                return;
            }

            using (writer.Block("if (call.IsAsync)"))
                writer.Line(check).Line(_lower.Store(result, "target", "result"));
            using (writer.Block("else"))
                writer.Line(_lower.Lower(result, "0", "result"));
        }
    }
}
