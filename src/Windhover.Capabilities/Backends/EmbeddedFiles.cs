using Windhover.Engine;

namespace Windhover.Capabilities.Backends;

/// <summary>Where embedded backends keep their files, and the options they share.</summary>
internal static class EmbeddedFiles
{
    /// <summary>The option <c>path</c> (relative to the manifest), or a place below the app's data directory.</summary>
    /// <exception cref="CapabilityException">There is neither.</exception>
    public static string PathOf(CapabilityRequest request, CapabilityResource resource, string folder, string extension)
    {
        if (resource["path"] is { Length: > 0 } path)
            return Path.GetFullPath(path, Path.GetFullPath(request.BaseDirectory ?? "."));
        if (request.DataDirectory.Length == 0)
            throw new CapabilityException($"`{resource.Name}` needs a place for its files: give it `path`, or the app a data directory.", resource.Name);
        return Path.GetFullPath(Path.Combine(request.DataDirectory, folder, ResourceNames.ToFileName(resource.Name) + extension));
    }

    /// <summary>An option that is a number of bytes: <c>100MiB</c>.</summary>
    /// <exception cref="CapabilityException">It is no such number.</exception>
    public static long Size(CapabilityResource resource, string option, long byDefault)
    {
        if (resource[option] is not { } text)
            return byDefault;
        try
        {
            return Budget.Entry(BudgetKind.HostMemory).Parse(text);
        }
        catch (BudgetFormatException)
        {
            throw new CapabilityException($"`{resource.Name}`: `{option} = \"{text}\"` is no size: write it as 100MiB.", resource.Name);
        }
    }

    /// <summary>An option that is a whole number.</summary>
    /// <exception cref="CapabilityException">It is no such number, or out of its range.</exception>
    public static int Number(CapabilityResource resource, string option, int byDefault, int minimum, int maximum)
    {
        if (resource[option] is not { } text)
            return byDefault;
        if (int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum)
            return number;
        throw new CapabilityException($"`{resource.Name}`: `{option} = \"{text}\"` must be a number from {minimum} to {maximum}.", resource.Name);
    }
}
