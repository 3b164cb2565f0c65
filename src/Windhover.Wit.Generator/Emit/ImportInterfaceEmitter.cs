using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Emit;

/// <summary>Writes what the host implements: an interface per resource, and one for the functions that no resource's object stands for.</summary>
internal sealed class ImportInterfaceEmitter(BoundScope scope, TypeMapper types, bool exceptions)
{
    public void Emit(CodeWriter writer)
    {
        foreach (WitResource resource in scope.Resources)
        {
            writer.Docs(resource.Docs, $"WIT resource `{resource.Name}`: the host's object, disposed when its owner drops the handle.");
            using (writer.Block($"public interface {scope.TypeName(resource)} : global::System.IDisposable"))
                Members(writer, scope.Functions.Where(f => f.Kind == WitFunctionKind.Method && f.Resource!.Definition == resource));
            writer.Line();
        }

        List<WitFunction> functions = scope.HostFunctions.ToList();
        if (functions.Count == 0)
            return;
        string what = scope.LinkName is null ? "the world's own functions" : $"`{scope.LinkName}`";
        writer.Docs(scope.Scope.Docs, $"What a host implements for {what}.");
        using (writer.Block($"public interface {scope.HostInterface}"))
            Members(writer, functions);
        writer.Line();
    }

    private void Members(CodeWriter writer, IEnumerable<WitFunction> functions)
    {
        bool first = true;
        foreach (WitFunction function in functions)
        {
            if (!first)
                writer.Line();
            first = false;
            writer.Docs(function.Docs, OwnershipNote(function));
            writer.Line($"{types.Return(function, scope.Direction, exceptions)} {TypeMapper.FunctionName(function)}({Parameters(function)});");
        }
    }

    private string Parameters(WitFunction function) => string.Join(", ", HostParameters(function)
        .Select(p => $"{types.Parameter(p.Type, scope.Direction, function.IsAsync)} {CSharpNames.Camel(p.Name)}")
        .Concat(function.IsAsync ? [$"{Names.CancellationToken} {Cancellation(function)}"] : []));

    /// <summary>The name of the token that an asynchronous function takes last.</summary>
    public static string Cancellation(WitFunction function) =>
        function.Parameters.Any(p => CSharpNames.Camel(p.Name) == "cancellationToken") ? "callCancellation" : "cancellationToken";

    /// <summary>A method's <c>self</c> is the object itself.</summary>
    public static IEnumerable<WitParameter> HostParameters(WitFunction function) =>
        function.Kind == WitFunctionKind.Method ? function.Parameters.Skip(1) : function.Parameters;

    /// <summary>The same C# type stands for owned and borrowed handles and for lasting and passing memory: the documentation tells them apart.</summary>
    private static string? OwnershipNote(WitFunction function)
    {
        string[] owned = HostParameters(function).Where(p => TypeFacts.Resolve(p.Type) is WitOwnType or WitOptionType { Element: WitOwnType })
            .Select(p => $"`{CSharpNames.CamelUnescaped(p.Name)}`").ToArray();
        string[] spans = function.IsAsync ? [] : HostParameters(function).Where(p => TypeMapper.SpanElement(p.Type) is not null)
            .Select(p => $"`{CSharpNames.CamelUnescaped(p.Name)}`").ToArray();
        var notes = new List<string>();
        if (owned.Length > 0)
            notes.Add($"{string.Join(", ", owned)}: the caller gives it away; dispose it.");
        if (spans.Length > 0)
            notes.Add($"{string.Join(", ", spans)}: the guest's memory, valid until the method returns or calls the guest.");
        return notes.Count == 0 ? null : string.Join(" ", notes);
    }
}
