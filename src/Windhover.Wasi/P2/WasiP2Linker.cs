using Windhover.Components.Linking;
using Windhover.Wasi.Bindings;

namespace Windhover.Wasi.P2;

/// <summary>Offers WASI 0.2 to components.</summary>
public static class WasiP2Linker
{
    /// <summary>
    /// Defines all interfaces of WASI 0.2.12; a component made for an earlier 0.2 finds them too. What a guest may do is not decided here: each instance has its own
    /// <see cref="WasiContext"/>.
    /// </summary>
    /// <param name="linker">The linker.</param>
    /// <param name="context">The guest's services, from the state given to its instance. Called on each call of the guest: a cast or a field, no search.</param>
    public static ComponentLinker AddWasiP2(this ComponentLinker linker, Func<object?, WasiContext> context)
    {
        ArgumentNullException.ThrowIfNull(linker);
        ArgumentNullException.ThrowIfNull(context);
        P2Host Host(object? state) => context(state).P2;
        WasiP2.Define(
            linker,
            cliEnvironment: Host,
            cliExit: Host,
            ioPoll: Host,
            cliStdin: Host,
            cliStdout: Host,
            cliStderr: Host,
            cliTerminalStdin: Host,
            cliTerminalStdout: Host,
            cliTerminalStderr: Host,
            clocksMonotonicClock: Host,
            clocksWallClock: Host,
            clocksTimezone: Host,
            filesystemTypes: Host,
            filesystemPreopens: Host,
            socketsNetwork: Host,
            socketsInstanceNetwork: Host,
            socketsUdpCreateSocket: Host,
            socketsTcpCreateSocket: Host,
            socketsIpNameLookup: Host,
            randomRandom: Host,
            randomInsecure: Host,
            randomInsecureSeed: Host,
            httpTypes: Host,
            httpOutgoingHandler: Host);
        return linker;
    }
}
