using System.Text.RegularExpressions;
using Windhover.Engine;

namespace Windhover.Components.Binary;

/// <summary>Decides whether a decoded component is valid in everything but the bodies of its core modules.</summary>
internal static partial class ComponentValidation
{
    /// <summary>Validates the skeleton of a component; takes milliseconds, whatever the size of its code.</summary>
    /// <exception cref="InvalidComponentException">It breaks a rule of the component model; the message names the rule.</exception>
    public static void Validate(ComponentBinary component, CompileCache? cache = null)
    {
        byte[] skeleton = SkeletonWriter.Write(component);
        if (cache is not null && cache.IsMarkedValid(skeleton))
            return;
        try
        {
            ComponentValidator.Validate(skeleton);
            cache?.MarkValid(skeleton);
        }
        catch (InvalidModuleException e)
        {
            // Offsets in the native message are the skeleton's: they would mislead.
            throw new InvalidComponentException($"invalid component: {Offsets().Replace(e.Message, "").Trim()}", e);
        }
    }

    [GeneratedRegex(@"\s*\(at offset 0x[0-9a-f]+\)")]
    private static partial Regex Offsets();
}
