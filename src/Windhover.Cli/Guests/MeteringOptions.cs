using System.CommandLine;
using System.Globalization;
using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>The options by which a run is metered, and made to repeat exactly.</summary>
internal sealed class MeteringOptions
{
    private readonly Option<bool> _deterministic = new("--deterministic")
    {
        Description = "Make the run repeat exactly: clocks and random numbers from --seed, NaN bits and relaxed SIMD alike everywhere, fuel counted.",
    };

    private readonly Option<string?> _fuel = new("--fuel") { Description = "Instructions that the guest may execute; what it used is told on standard error.", HelpName = "N" };

    private readonly Option<string?> _seed = new("--seed") { Description = "Begins the random numbers of a deterministic run [default: 0].", HelpName = "N" };

    public void AddTo(Command command)
    {
        command.Options.Add(_deterministic);
        command.Options.Add(_fuel);
        command.Options.Add(_seed);
    }

    /// <summary>Adds what was asked for to the limits.</summary>
    /// <exception cref="CliException">A value is malformed, or a seed has no use.</exception>
    public Limits AddTo(Limits limits, ParseResult parsed)
    {
        var deterministic = parsed.GetValue(_deterministic);
        var seed = Number("--seed", parsed.GetValue(_seed));
        if (seed is not null && !deterministic)
            throw CliException.Usage("--seed needs --deterministic");
        var fuel = Number("--fuel", parsed.GetValue(_fuel)) ?? (deterministic ? FuelReport.Unlimited : null);
        return limits with { Fuel = fuel, World = deterministic ? new DeterministicWorld(seed ?? 0) : null };
    }

    /// <summary>Refuses grants that no run can repeat.</summary>
    /// <exception cref="CliException">The network was granted.</exception>
    public Grants Check(Grants grants, ParseResult parsed) =>
        parsed.GetValue(_deterministic) && grants.NeedComponent
            ? throw CliException.Usage("--deterministic allows no network: what others answer does not repeat", "leave --allow-net and --allow-host out")
            : grants;

    private static ulong? Number(string option, string? text)
    {
        if (text is null)
            return null;
        return ulong.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue
            ? value
            : throw CliException.Usage($"{option} {text}: expected a whole number from 0 to {long.MaxValue}");
    }
}

/// <summary>Tells on standard error, at the end of a run however it ends, what fuel was used.</summary>
internal sealed class FuelReport : IDisposable
{
    /// <summary>Fuel that is counted, but does not run out.</summary>
    public const ulong Unlimited = long.MaxValue;

    private readonly Store _store;
    private readonly ulong _fuel;

    private FuelReport(Store store, ulong fuel)
    {
        _store = store;
        _fuel = fuel;
    }

    /// <summary>A report, if fuel is counted.</summary>
    public static FuelReport? For(Store store, Limits limits) => limits.Fuel is { } fuel ? new FuelReport(store, fuel) : null;

    public void Dispose()
    {
        var used = (_fuel - _store.GetFuel()).ToString(CultureInfo.InvariantCulture);
        Streams.Error.WriteLine(_fuel == Unlimited ? $"fuel used: {used}" : $"fuel used: {used} of {_fuel.ToString(CultureInfo.InvariantCulture)}");
    }
}
