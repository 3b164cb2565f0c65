using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Windhover.Wit.Generator.Input;

/// <summary>One WIT file of the project. Compared by value, so that an edit elsewhere changes nothing here.</summary>
internal sealed record WitFile(string Path, string Text);

/// <summary>A package whose bindings stand under another root already.</summary>
internal sealed record ExternalPackage(string Package, string RootNamespace);

/// <summary>A place in a C# file that does not hold on to its syntax tree.</summary>
internal sealed record SourcePlace(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

/// <summary>What one <c>[WitWorld]</c> asks for.</summary>
internal sealed record WorldRequest(
    string World,
    string RootNamespace,
    string Namespace,
    string ClassName,
    string Accessibility,
    bool IsStatic,
    bool IsPartial,
    bool Exceptions,
    bool IsPlugin,
    EquatableArray<string> Features,
    EquatableArray<ExternalPackage> Externals,
    SourcePlace Place)
{
    public const string AttributeName = "Windhover.Components.Bindings.WitWorldAttribute";
    private const string PluginName = "Windhover.Plugins.Plugin";
    private const string ExternalName = "Windhover.Components.Bindings.WitExternalAttribute";

    public static WorldRequest Create(GeneratorAttributeSyntaxContext context, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var type = (INamedTypeSymbol)context.TargetSymbol;
        AttributeData attribute = context.Attributes[0];
        string world = attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string ?? "" : "";
        string ns = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        string root = ns;
        bool exceptions = false;
        string[] features = [];
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            switch (argument.Key)
            {
                case "Results":
                    exceptions = argument.Value.Value is 1;
                    break;
                case "Features" when !argument.Value.IsNull:
                    features = argument.Value.Values.Select(v => v.Value as string ?? "").ToArray();
                    break;
                case "RootNamespace" when argument.Value.Value is string given:
                    root = given;
                    break;
            }
        }

        IEnumerable<ExternalPackage> externals = type.GetAttributes()
            .Where(a => a.AttributeClass?.ToDisplayString() == ExternalName && a.ConstructorArguments.Length == 2)
            .Select(a => new ExternalPackage(a.ConstructorArguments[0].Value as string ?? "", a.ConstructorArguments[1].Value as string ?? ""));
        var declaration = (TypeDeclarationSyntax)context.TargetNode;
        Location location = declaration.Identifier.GetLocation();
        return new WorldRequest(
            world,
            root,
            ns,
            type.Name,
            type.DeclaredAccessibility == Microsoft.CodeAnalysis.Accessibility.Public ? "public" : "internal",
            type.IsStatic,
            declaration.Modifiers.Any(m => m.ValueText == "partial") && type.ContainingType is null && type.Arity == 0,
            exceptions,
            !type.IsStatic && type.BaseType is { SpecialType: SpecialType.System_Object }
                && context.SemanticModel.Compilation.GetTypeByMetadataName(PluginName) is not null,
            new EquatableArray<string>(features),
            EquatableArray<ExternalPackage>.From(externals),
            new SourcePlace(location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span));
    }
}
