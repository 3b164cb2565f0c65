using Microsoft.Extensions.DependencyInjection;
using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;
using Windhover.Components.Linking;
using Windhover.Wasi;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Determinism;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Http;
using Windhover.Wasi.P2;
using Windhover.Wasi.P3;

namespace Windhover.Cli.Guests;

/// <summary>
/// One instance of a component for the time of one command, on WASI 0.2 and 0.3 with what was granted. The process's own standard streams are the guest's.
/// </summary>
internal sealed class ComponentSession : IDisposable
{
    // Code that runs is ended by the store's deadline, which tells where it was. This much later whatever waits is ended too.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(50);

    private readonly List<IDisposable> _owned = [];
    private readonly CancellationTokenSource _deadline = new();
    private readonly WasiContext? _wasi;

    public ComponentSession(Component component, Grants grants, Limits limits, IReadOnlyList<string> arguments)
    {
        try
        {
            Prepared = Own(new ComponentLinker(component.Engine).AddWasiP2(static state => (WasiContext)state!).AddWasiP3(static state => (WasiContext)state!).Prepare(component));
            var options = Options(grants, arguments) with { Budget = limits.Budget };
            DeterministicTime? time = null;
            if (limits.World is { } world)
            {
                time = new DeterministicTime(world, _deadline.Token);
                options = options with
                {
                    Time = time,
                    SecureRandom = world.Fill,
                    InsecureRandomSeed = world.Seed,
                    Stdin = InputGrant.FromBytes(Streams.ReadInput()),
                    Stdout = OutputGrant.ToStream(Streams.RawOutput),
                    Stderr = OutputGrant.ToStream(Streams.RawError),
                };
            }

            var wasi = _wasi = Own(new WasiContext(options, time, _deadline.Token));
            var store = Own(limits.CreateStore(component.Engine));
            if (limits.Timeout is { } timeout)
                _deadline.CancelAfter(timeout + Grace);
            Instance = Own(Prepared.Instantiate(store, wasi));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PreparedComponent Prepared { get; }

    public ComponentInstance Instance { get; }

    /// <summary>Calls a function and waits for its result, synchronous or not, until the deadline.</summary>
    /// <exception cref="CliException">The deadline passed while the guest waited.</exception>
    public object? Call(ExportedFunction function, params object?[] arguments)
    {
        try
        {
            return Instance.CallAsync(function, arguments).WaitAsync(_deadline.Token).GetAwaiter().GetResult();
        }
        catch (Exception e) when (_deadline.IsCancellationRequested && (e is OperationCanceledException || e.InnerException is OperationCanceledException))
        {
            throw new CliException("the guest waited past its deadline", e, ExitStatus.Timeout, "--timeout sets how long the guest may run");
        }
    }

    public void Dispose()
    {
        // First the instance: then what it wrote last is still to be passed on.
        (_owned.Count > 0 ? _owned[^1] as ComponentInstance : null)?.Dispose();
        _wasi?.FlushAsync().GetAwaiter().GetResult();
        for (var i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
        _deadline.Dispose();
    }

    private WasiOptions Options(Grants grants, IReadOnlyList<string> arguments) => new()
    {
        Arguments = arguments,
        Environment = grants.Environment,
        Stdin = InputGrant.Inherit,
        Stdout = OutputGrant.InheritOutput,
        Stderr = OutputGrant.InheritError,
        Directories = [.. grants.Directories.Select(Open)],
        Network = grants.Network,
        OutgoingHttp = grants.AllowedHosts.Count == 0 ? null : CreateHttp(grants.AllowedHosts),
    };

    private DirectoryGrant Open(GrantedDirectory directory)
    {
        try
        {
            return Own(DirectoryGrant.Open(directory.HostPath, directory.GuestPath, directory.Writable));
        }
        catch (IOException e)
        {
            throw CliException.Usage($"--dir {directory.HostPath}: {e.Message}");
        }
    }

    private OutgoingHttp CreateHttp(IReadOnlyList<string> hosts)
    {
        var services = new ServiceCollection();
        services.AddGuestHttpClient();
        try
        {
            return new OutgoingHttp(Own(services.BuildServiceProvider()).GetRequiredService<IHttpClientFactory>(), hosts);
        }
        catch (FormatException e)
        {
            throw CliException.Usage($"--allow-host: {e.Message}", GrantOptions.HostExample);
        }
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
