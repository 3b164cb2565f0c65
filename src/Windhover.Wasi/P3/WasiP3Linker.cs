using Windhover.Components.Linking;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Environment;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Exit;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Stderr;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Stdin;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.Stdout;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalInput;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalOutput;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalStderr;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalStdin;
using Windhover.Wasi.Bindings.P3.Wasi.Cli.TerminalStdout;
using Windhover.Wasi.Bindings.P3.Wasi.Clocks.MonotonicClock;
using Windhover.Wasi.Bindings.P3.Wasi.Clocks.SystemClock;
using Windhover.Wasi.Bindings.P3.Wasi.Clocks.Timezone;
using Windhover.Wasi.Bindings.P3.Wasi.Filesystem.Preopens;
using Windhover.Wasi.Bindings.P3.Wasi.Http.Client;
using Windhover.Wasi.Bindings.P3.Wasi.Http.Handler;
using Windhover.Wasi.Bindings.P3.Wasi.Random.Insecure;
using Windhover.Wasi.Bindings.P3.Wasi.Random.InsecureSeed;
using Windhover.Wasi.Bindings.P3.Wasi.Random.Random;
using Windhover.Wasi.Bindings.P3.Wasi.Sockets.IpNameLookup;
using FilesystemTypesImports = Windhover.Wasi.Bindings.P3.Wasi.Filesystem.Types.TypesImports;
using HttpTypesImports = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.TypesImports;
using SocketsTypesImports = Windhover.Wasi.Bindings.P3.Wasi.Sockets.Types.TypesImports;

namespace Windhover.Wasi.P3;

/// <summary>Offers WASI 0.3 to components.</summary>
public static class WasiP3Linker
{
    /// <summary>
    /// Defines the interfaces of WASI 0.3.0, beside those of 0.2 if they are there: both are faces of the same services, and a component may use both. A component made for
    /// a release candidate of 0.3.0 finds them too where its types are the same. What a guest may do is its <see cref="WasiContext"/>'s matter.
    /// </summary>
    /// <param name="linker">The linker.</param>
    /// <param name="context">The guest's services, from the state given to its instance. Called on each call of the guest: a cast or a field, no search.</param>
    public static ComponentLinker AddWasiP3(this ComponentLinker linker, Func<object?, WasiContext> context)
    {
        ArgumentNullException.ThrowIfNull(linker);
        ArgumentNullException.ThrowIfNull(context);
        P3Host Host(object? state) => context(state).P3;
        EnvironmentImports.Define(linker, Host);
        ExitImports.Define(linker, Host);
        StdinImports.Define(linker, Host);
        StdoutImports.Define(linker, Host);
        StderrImports.Define(linker, Host);
        TerminalInputImports.Define(linker);
        TerminalOutputImports.Define(linker);
        TerminalStdinImports.Define(linker, Host);
        TerminalStdoutImports.Define(linker, Host);
        TerminalStderrImports.Define(linker, Host);
        MonotonicClockImports.Define(linker, Host);
        SystemClockImports.Define(linker, Host);
        TimezoneImports.Define(linker, Host);
        RandomImports.Define(linker, Host);
        InsecureImports.Define(linker, Host);
        InsecureSeedImports.Define(linker, Host);
        FilesystemTypesImports.Define(linker);
        PreopensImports.Define(linker, Host);
        SocketsTypesImports.Define(linker, Host);
        IpNameLookupImports.Define(linker, Host);
        HttpTypesImports.Define(linker, Host);
        ClientImports.Define(linker, Host);
        HandlerImports.Define(linker, Host);
        Func<string, bool>? others = linker.ServePrerelease;
        linker.ServePrerelease = name => (name.StartsWith("wasi:", StringComparison.Ordinal) && name.Contains("@0.3.0-", StringComparison.Ordinal)) || others?.Invoke(name) == true;
        return linker;
    }
}
