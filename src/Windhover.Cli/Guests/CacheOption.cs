using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>Where compiled code is kept between runs: <c>--cache DIR</c>, <c>--cache off</c>, or the user's cache folder.</summary>
internal static class CacheOption
{
    public static Option<string?> Create() => new("--cache")
    {
        Description = "Folder for compiled code, or `off` [default: $XDG_CACHE_HOME/windhover or ~/.cache/windhover]",
        HelpName = "DIR|off",
    };

    /// <summary>Opens the cache; null when it is switched off or has no place to be.</summary>
    public static CompileCache? Open(string? value)
    {
        if (value == "off")
            return null;
        try
        {
            return new CompileCache(value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only home must not keep a guest from running; a folder that was asked for must be fit for use.
            return value is null ? null : throw CliException.Usage($"--cache {value}: {e.Message}");
        }
    }
}
