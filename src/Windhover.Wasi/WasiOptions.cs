using Windhover.Engine;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Http;
using Windhover.Wasi.Random;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi;

/// <summary>
/// What a guest is granted. As made by <c>new WasiOptions()</c> that is nothing but clocks and random numbers: no arguments, no environment,
/// no input, no directory, no network. Immutable; one instance serves any number of guests.
/// </summary>
public sealed record WasiOptions
{
    /// <summary>The arguments, by custom beginning with the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The environment variables. The host's own are never passed on.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Where relative paths start, as a path within a granted directory.</summary>
    public string? InitialDirectory { get; init; }

    /// <summary>Standard input.</summary>
    public InputGrant Stdin { get; init; } = InputGrant.None;

    /// <summary>Standard output.</summary>
    public OutputGrant Stdout { get; init; } = OutputGrant.None;

    /// <summary>Standard error.</summary>
    public OutputGrant Stderr { get; init; } = OutputGrant.None;

    /// <summary>Directories of the host. The owner of the options disposes of them.</summary>
    public IReadOnlyList<DirectoryGrant> Directories { get; init; } = [];

    /// <summary>What sockets and name look-ups may reach.</summary>
    public NetworkPolicy Network { get; init; } = NetworkPolicy.None;

    /// <summary>What outgoing HTTP requests may reach; null: nothing.</summary>
    public OutgoingHttp? OutgoingHttp { get; init; }

    /// <summary>The clocks.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Replaces the operating system's secure random numbers, for runs that must repeat exactly. Never for production.</summary>
    public RandomFill? SecureRandom { get; init; }

    /// <summary>Seeds the insecure random numbers, for runs that must repeat; null: another seed for each guest.</summary>
    public ulong? InsecureRandomSeed { get; init; }

    /// <summary>Who pays for what guests hold: one for all guests with these options. Null: each guest has the whole of <see cref="Budget"/>.</summary>
    public BudgetMeter? Meter { get; init; }

    /// <summary>How much a guest may use; that of <see cref="Meter"/> where there is one.</summary>
    public Budget Budget
    {
        get => Meter?.Budget ?? _budget;
        init => _budget = value;
    }

    private readonly Budget _budget = Budget.Default;
}
