using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>What a guest of one command may use.</summary>
internal sealed record Limits(Budget Budget)
{
    /// <summary>Fuel of the guest, if it is counted.</summary>
    public ulong? Fuel { get; init; }

    /// <summary>Time and chance of a run that must repeat exactly; null: those of the machine.</summary>
    public DeterministicWorld? World { get; init; }

    /// <summary>For a program that a person runs: as long as it takes, and as much as it says; what it can hold on to of the host is bounded all the same.</summary>
    public static Budget ForCommands { get; } = Budget.Default with
    {
        Memory = Budget.Unlimited,
        MemoryPerInstance = Budget.Unlimited,
        Cpu = System.Threading.Timeout.InfiniteTimeSpan,
        Wall = System.Threading.Timeout.InfiniteTimeSpan,
        RequestBody = Budget.Unlimited,
        ResponseBody = Budget.Unlimited,
        Output = Budget.Unlimited,
    };

    private bool IsInterruptible => Timeout is not null || Budget[BudgetKind.Cpu] != Budget.Unlimited;

    public TimeSpan? Timeout => Budget.Wall == System.Threading.Timeout.InfiniteTimeSpan ? null : Budget.Wall;

    /// <summary>
    /// An engine for one instance: no pool, and code that can be interrupted (on other systems than Linux up to 3 times slower in the tightest loops) only
    /// when there is a deadline.
    /// </summary>
    public WasmEngine CreateEngine()
    {
        var options = EngineOptionsFor(IsInterruptible);
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

    /// <summary>A store with these limits; the time runs from here, that of the processor on the calling thread.</summary>
    public Store CreateStore(WasmEngine engine)
    {
        var store = new Store(engine, new StoreLimits { MaxMemoryBytes = Budget.MemoryPerInstance == Budget.Unlimited ? null : Budget.MemoryPerInstance });
        if (Budget[BudgetKind.Cpu] != Budget.Unlimited)
            store.SetDeadline(Budget.Wall, CpuWatch.Start(Budget.Cpu).Token);
        else if (Timeout is { } timeout)
            store.SetDeadline(timeout);
        if (Fuel is { } fuel)
            store.SetFuel(fuel);
        return store;
    }
}

/// <summary>The options that set them.</summary>
internal sealed class LimitOptions(
    Budget budget,
    string timeout = "End the guest after this time, such as 500ms, 5s, 2m.",
    string memory = "The most that a linear memory of the guest may grow to, such as 64MiB.")
{
    private readonly Option<string?> _timeout = new("--timeout") { Description = timeout, HelpName = "TIME" };

    private readonly Option<string?> _memory = new("--max-memory") { Description = memory, HelpName = "SIZE" };

    private readonly Option<string[]> _budget = new("--budget")
    {
        Description = "How much the guest may use, such as memory-per-instance=64MiB,output=1MiB; docs/budgets.md lists all. Repeatable.",
        HelpName = "NAME=VALUE,…",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_budget);
        command.Options.Add(_timeout);
        command.Options.Add(_memory);
    }

    /// <exception cref="CliException">A value is malformed.</exception>
    public Limits Read(ParseResult parsed)
    {
        var limits = budget;
        try
        {
            foreach (var list in parsed.GetValue(_budget) ?? [])
                limits = limits.With(list);
            if (parsed.GetValue(_timeout) is { } time)
                limits = Units.TryParseTime(time, out var wall) ? limits with { Wall = wall } : throw CliException.Usage($"--timeout {time}: expected a time such as 500ms, 5s or 2m");
            if (parsed.GetValue(_memory) is { } size)
                limits = Units.TryParseSize(size, out var bytes) ? limits with { MemoryPerInstance = Math.Max(64 << 10, bytes) } : throw CliException.Usage($"--max-memory {size}: expected a size such as 64MiB");
        }
        catch (BudgetFormatException e)
        {
            throw CliException.Usage($"--budget: {e.Message}");
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw CliException.Usage(e.Message);
        }

        return new Limits(limits);
    }
}
