using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>What a guest of one command may use.</summary>
internal sealed record Limits(TimeSpan? Timeout, long? MaxMemoryBytes)
{
    /// <summary>Fuel of the guest, if it is counted.</summary>
    public ulong? Fuel { get; init; }

    /// <summary>Time and chance of a run that must repeat exactly; null: those of the machine.</summary>
    public DeterministicWorld? World { get; init; }

    /// <summary>
    /// An engine for one instance: no pool, and code that can be interrupted (on other systems than Linux up to 3 times slower in the tightest loops) only
    /// when there is a deadline.
    /// </summary>
    public WasmEngine CreateEngine()
    {
        var options = EngineOptionsFor(Timeout is not null);
        return new WasmEngine(options with
        {
            Fuel = Fuel is not null,
            CanonicalizeNaN = World is not null,
            DeterministicRelaxedSimd = World is not null,
        });
    }

    public static EngineOptions EngineOptionsFor(bool interruptible) => new() { Pooling = false, Interruption = interruptible ? Interruption.Automatic : Interruption.None };

    /// <summary>
    /// For a server: a pool, from which an instance takes microseconds. Each of a component's core modules takes a slot; beyond 4,000 slots
    /// (32 TiB of address space) requests are refused before the pool is what runs out.
    /// </summary>
    public static EngineOptions ServingEngineOptions(int concurrency, int coreModules) =>
        new() { MaxInstances = (int)Math.Clamp((long)concurrency * coreModules, 16, 4000) };

    /// <summary>A store with these limits; the time runs from here.</summary>
    public Store CreateStore(WasmEngine engine)
    {
        var store = new Store(engine, new StoreLimits { MaxMemoryBytes = MaxMemoryBytes });
        if (Timeout is { } timeout)
            store.SetDeadline(timeout);
        if (Fuel is { } fuel)
            store.SetFuel(fuel);
        return store;
    }
}

/// <summary>The options that set them.</summary>
internal sealed class LimitOptions(
    string timeout = "End the guest after this time, such as 500ms, 5s, 2m.",
    string memory = "The most that a linear memory of the guest may grow to, such as 64MiB.")
{
    private readonly Option<string?> _timeout = new("--timeout") { Description = timeout, HelpName = "TIME" };

    private readonly Option<string?> _memory = new("--max-memory") { Description = memory, HelpName = "SIZE" };

    public void AddTo(Command command)
    {
        command.Options.Add(_timeout);
        command.Options.Add(_memory);
    }

    /// <exception cref="CliException">A value is malformed.</exception>
    public Limits Read(ParseResult parsed)
    {
        TimeSpan? limit = null;
        long? bytes = null;
        if (parsed.GetValue(_timeout) is { } time)
            limit = Units.TryParseTime(time, out var value) ? value : throw CliException.Usage($"--timeout {time}: expected a time such as 500ms, 5s or 2m");
        if (parsed.GetValue(_memory) is { } size)
            bytes = Units.TryParseSize(size, out var value) ? value : throw CliException.Usage($"--max-memory {size}: expected a size such as 64MiB");
        return new Limits(limit, bytes);
    }
}
