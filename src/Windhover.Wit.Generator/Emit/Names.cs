namespace Windhover.Wit.Generator.Emit;

/// <summary>Names of the runtime that generated code uses; always from <c>global::</c>, so that nothing in a user's namespaces can hide them.</summary>
internal static class Names
{
    public const string Abi = "global::Windhover.Components.Abi.";
    public const string Bindings = "global::Windhover.Components.Bindings.";
    public const string Linking = "global::Windhover.Components.Linking.";
    public const string Resources = "global::Windhover.Components.Resources.";
    public const string Plugins = "global::Windhover.Plugins.";
    public const string Types = "global::Windhover.Components.Types.";
    public const string RawValue = "global::Windhover.Engine.RawValue";
    public const string Context = Abi + "CanonicalContext";
    public const string ContextParameter = "ref " + Context + " context";
    public const string Span = "global::System.Span<" + RawValue + ">";
    public const string ReadOnlySpan = "global::System.ReadOnlySpan<" + RawValue + ">";
    public const string CancellationToken = "global::System.Threading.CancellationToken";
    public const string ArgumentException = "global::System.ArgumentException";

    /// <summary>The classes of a generated file that nobody outside it sees.</summary>
    public const string Descriptors = "WitTypes", Glue = "WitGlue";
}
