using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;

namespace Windhover.Cli.Guests;

/// <summary>How much of a used slot's memory stays resident between instances: <c>--keep-resident SIZE</c>.</summary>
internal static class KeepResidentOption
{
    public static Option<string?> Create() => new("--keep-resident")
    {
        Description = "Memory that each slot for an instance keeps between requests: more is faster. [default: 1.25MiB, or 64KiB where all slots could keep a quarter of the machine's memory]",
        HelpName = "SIZE",
    };

    /// <summary>Bytes; null where nothing was said.</summary>
    public static int? Read(string? text)
    {
        if (text is null)
            return null;
        if (!Units.TryParseSize(text, out long bytes) || bytes is < 0 or > 1 << 30)
            throw CliException.Usage($"--keep-resident {text}: expected a size from 0 to 1GiB, such as 64KiB or 2MiB");
        return (int)bytes;
    }
}
