using Windhover.Components.Binary;
using Windhover.Components.Types;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Plugins;

/// <summary>
/// Whether a component fits a world, in words. Names are compared as the linker does it: versions of one compatibility track serve each other
/// (<c>1.1.0</c> and <c>1.4.2</c>, <c>0.2.1</c> and <c>0.2.7</c>).
/// </summary>
public static class PluginFit
{
    /// <summary>What does not fit, one sentence each; none when it fits.</summary>
    /// <param name="component">The component's WIT.</param>
    /// <param name="world">The world.</param>
    /// <param name="alsoOffered">Names of interfaces that the host offers beside the world, such as WASI's.</param>
    public static IReadOnlyList<string> Check(ComponentWit component, PluginWorld world, IEnumerable<string>? alsoOffered = null)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(world);
        var findings = new List<string>();
        Dictionary<string, Found> exports = Interfaces(component.World.Exports);
        foreach (PluginInterface wanted in world.Exports)
            CheckExport(wanted, exports, findings);
        Dictionary<string, PluginInterface> offered = world.Imports.ToDictionary(i => i.Name, StringComparer.Ordinal);
        var also = new ImportMatcher(alsoOffered ?? []);
        foreach ((string name, Found import) in Interfaces(component.World.Imports))
            CheckImport(name, import, offered, also, findings);
        return findings;
    }

    private static void CheckExport(PluginInterface wanted, Dictionary<string, Found> exports, List<string> findings)
    {
        var matcher = new ImportMatcher(exports.Keys);
        if (!matcher.TryMatch(wanted.Name, out string? name))
        {
            if (wanted.Name.Length == 0)
            {
                findings.AddRange(wanted.Functions.Select(f => $"it does not export the function `{f.Name}`"));
                return;
            }

            string near = matcher.Nearest(wanted.Name) is { } other ? $"; it has `{other}`, which is another version or interface" : "";
            findings.Add($"it does not export the interface `{wanted.Name}`{near}");
            return;
        }

        foreach (PluginFunction function in wanted.Functions)
        {
            string full = Full(wanted.Name, function.Name);
            if (!exports[name].Functions.TryGetValue(function.Name, out string? signature))
                findings.Add($"it does not export the function `{full}`{Version(wanted.Name, name)}");
            else if (signature != function.Signature)
                findings.Add($"it exports `{full}` as `{Short(signature, function.Signature)}`, the world says `{Short(function.Signature, signature)}`");
        }
    }

    private static void CheckImport(string name, Found import, Dictionary<string, PluginInterface> offered, ImportMatcher also, List<string> findings)
    {
        // An interface of types only costs the host nothing.
        if (import.Functions.Count == 0)
            return;
        var matcher = new ImportMatcher(offered.Keys);
        if (!matcher.TryMatch(name, out string? provided))
        {
            if (name.Length > 0 && also.TryMatch(name, out _))
                return;
            string near = (matcher.Nearest(name) ?? also.Nearest(name)) is { } other ? $"; it offers `{other}`" : "";
            findings.Add(name.Length == 0
                ? $"it imports the function{(import.Functions.Count > 1 ? "s" : "")} {string.Join(", ", import.Functions.Keys.Select(f => $"`{f}`"))}, which the host does not offer"
                : $"it imports `{name}`, which the host does not offer{near}");
            return;
        }

        Dictionary<string, string> functions = offered[provided].Functions.ToDictionary(f => f.Name, f => f.Signature, StringComparer.Ordinal);
        foreach ((string function, string signature) in import.Functions)
        {
            if (!functions.TryGetValue(function, out string? has))
                findings.Add($"it imports the function `{Full(name, function)}`, which the host does not offer{Version(name, provided)}");
            else if (has != signature)
                findings.Add($"it imports `{Full(name, function)}` as `{Short(signature, has)}`, the host offers `{Short(has, signature)}`");
        }
    }

    private static Dictionary<string, Found> Interfaces(IEnumerable<WitWorldItem> items)
    {
        var found = new Dictionary<string, Found>(StringComparer.Ordinal);
        foreach (WitWorldItem item in items)
        {
            if (item is WitInterfaceItem i)
                found[i.Name] = new Found(i.Interface.Functions.ToDictionary(f => f.CanonicalName, SignatureText.Of, StringComparer.Ordinal));
            else if (item is WitFunctionItem f)
                (found.TryGetValue("", out Found? root) ? root : found[""] = new Found([])).Functions[f.Function.CanonicalName] = SignatureText.Of(f.Function);
        }

        return found;
    }

    private static string Full(string @interface, string function) => @interface.Length == 0 ? function : $"{@interface}#{function}";

    private static string Version(string wanted, string name) => wanted == name ? "" : $" (it has `{name}`)";

    /// <summary>Long signatures are cut to where they begin to differ.</summary>
    private static string Short(string text, string other)
    {
        const int Whole = 200, Before = 60, After = 80;
        if (text.Length <= Whole)
            return text;
        int at = 0;
        while (at < text.Length && at < other.Length && text[at] == other[at])
            at++;
        int start = Math.Max(0, at - Before), end = Math.Min(text.Length, at + After);
        return $"{(start > 0 ? "…" : "")}{text[start..end]}{(end < text.Length ? "…" : "")}";
    }

    private sealed record Found(Dictionary<string, string> Functions);
}
