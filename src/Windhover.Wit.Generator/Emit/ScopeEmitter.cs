using Windhover.Wit.Generator.Binding;

namespace Windhover.Wit.Generator.Emit;

/// <summary>Writes the file of one scope; none when it has nothing to say.</summary>
internal static class ScopeEmitter
{
    public static SourceFile? Emit(BoundScope scope, TypeMapper types, bool exceptions, bool plugin)
    {
        var body = new CodeWriter();
        new TypeEmitter(scope, types).Emit(body);
        if (scope.Direction == Direction.Import)
        {
            new ImportInterfaceEmitter(scope, types, exceptions).Emit(body);
            new ImportGlueEmitter(scope, types, exceptions).Emit(body);
        }
        else
        {
            new ExportClientEmitter(scope, types, exceptions, plugin).Emit(body);
            if (plugin)
                new PluginClientEmitter(scope, types, exceptions).Emit(body);
        }

        if (body.IsEmpty)
            return null;
        string subject = scope.LinkName is null ? $"the {(scope.Direction == Direction.Import ? "imports" : "exports")} of world {scope.Scope}"
            : $"{(scope.Direction == Direction.Import ? "import" : "export")} {scope.LinkName}";
        CodeWriter file = SourceFile.Begin(subject);
        if (scope.Namespace.Length > 0)
            file.Line($"namespace {scope.Namespace};").Line();
        file.Append(body);
        return SourceFile.Of(scope, file);
    }
}
