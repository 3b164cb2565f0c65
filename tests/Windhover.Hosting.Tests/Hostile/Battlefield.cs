using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Tests.Hostile;

[assembly: AssemblyFixture(typeof(Battlefield))]

namespace Windhover.Hosting.Tests.Hostile;

/// <summary>One server with two apps: one that attacks, and a neighbour that two clients ask all the time and must never see an error.</summary>
public sealed class Battlefield : IAsyncLifetime
{
    private const int Clients = 2;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<double> _latencies = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly LogLines _log = new(LogLevel.Information);
    private readonly SemaphoreSlim _one = new(1);
    private WebApplication? _server;
    private Task[] _clients = [];
    private bool _begun;

    public Uri Address { get; private set; } = new("http://localhost");

    public BudgetMeter Attacker { get; private set; } = new("", Budget.Default);

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public double CalmP99 { get; private set; }

    public Footprint Calm { get; private set; }

    private string Neighbour => new Uri(Address, "/").ToString();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts the server when the first attack needs it: the other tests of the assembly run without that load.</summary>
    public async Task BeginAsync()
    {
        if (_begun)
            return;
        _begun = true;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_log).AddFilter("Microsoft", LogLevel.None).AddFilter("System", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddWindhover(o => o.Engine = new EngineOptions { MaxInstances = 100 });
        _server = builder.Build();
        ComponentHost host = _server.Services.GetRequiredService<ComponentHost>();
        var options = new ComponentOptions
        {
            Budget = Budget.Parse(
                "wall=1s,memory-per-instance=16MiB,memory=64MiB,host-memory=4MiB,handles=5000,response-body=1MiB,requests=8,queued-requests=8,outbound-requests=4,output=256KiB"),
        };
        options.AllowedHosts.Add("*");
        ComponentApp attacker = host.Load(TestServer.Guest("c-hostile/c-hostile.wasm"), options);
        Attacker = attacker.Meter;
        _server.MapComponent("/", TestServer.Guest("c-http/c-http.wasm"));
        _server.MapComponent("/{**path}", attacker);
        await _server.StartAsync();
        Address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _clients = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(AskAsync))];
        await LatenciesAsync(200); // warm
        CalmP99 = P99(await LatenciesAsync(2000));
        Calm = Footprint.Now();
    }

    /// <summary>Only one attack at a time, so that each is charged with what it does.</summary>
    public async Task<(T Result, double P99)> UnderAttackAsync<T>(Func<Task<T>> attack)
    {
        await _one.WaitAsync();
        try
        {
            await BeginAsync();
            _latencies.Clear();
            T result = await attack();
            await LatenciesAsync(50);
            Assert.Empty(_errors);
            Assert.DoesNotContain(_log.Lines, line => line.Contains("\n2026", StringComparison.Ordinal) || line.Any(c => (char.IsControl(c) && c != '\n') || c is '\u2028' or '\u202e'));
            return (result, P99([.. _latencies]));
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        Client.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task AskAsync()
    {
        using var client = new HttpClient();
        while (!_stop.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                string text = await client.GetStringAsync(Neighbour, _stop.Token);
                if (text != "Hello from C\n")
                    _errors.Enqueue($"answered `{text}`");
            }
            catch (Exception error) when (!_stop.IsCancellationRequested)
            {
                _errors.Enqueue(error.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _latencies.Enqueue(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    // The neighbour is asked that often from now on.
    private async Task<double[]> LatenciesAsync(int count)
    {
        _latencies.Clear();
        while (_latencies.Count < count)
            await Task.Delay(5);
        return [.. _latencies];
    }

    private static double P99(double[] values) => values.Length == 0 ? 0 : values.Order().ElementAt((int)(values.Length * 0.99));
}

/// <summary>What the process takes of the machine.</summary>
public readonly record struct Footprint(int Threads, int Files, int Maps, long ResidentBytes)
{
    public static Footprint Now()
    {
        using var process = Process.GetCurrentProcess();
        return new Footprint(
            process.Threads.Count, Directory.GetFileSystemEntries("/proc/self/fd").Length, File.ReadLines("/proc/self/maps").Count(), process.WorkingSet64);
    }
}
