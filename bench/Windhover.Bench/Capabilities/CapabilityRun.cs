using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Windhover.Capabilities.KeyValue;
using Windhover.Capabilities.Redis;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Wasi;

namespace Windhover.Bench.Capabilities;

/// <summary>
/// What a <c>get</c> of 100 bytes from a key-value store costs a C guest, on SQLite and on Redis, beside the same call from C#. Rounds are interleaved; the
/// figures are medians, the ratios those of each round.
/// </summary>
internal static class CapabilityRun
{
    private const int Rounds = 9;

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("windhover-bench-").FullName;
        int port = FreePort();
        using var server = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", folder]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-server did not start.");
        try
        {
            using ConnectionMultiplexer client = Connect(port);
            MeasureAsync(folder, port, client.GetDatabase()).GetAwaiter().GetResult();
            RequestRun.MeasureAsync(folder, port).GetAwaiter().GetResult();
            return 0;
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, int port, IDatabase database)
    {
        await using ServiceProvider services = new ServiceCollection().AddWindhoverRedis().BuildServiceProvider();
        KeyValueCapability capability = services.GetServices<ICapability>().OfType<KeyValueCapability>().Single();
        using var engine = new WasmEngine(new EngineOptions { Pooling = false });
        var linker = new ComponentLinker(engine);
        var set = new CapabilitySet([capability], linker);
        var request = new CapabilityRequest("bench", "bench", folder,
        [
            new CapabilityResource("sqlite", "sqlite", new Dictionary<string, string>()),
            new CapabilityResource("redis", "redis", new Dictionary<string, string> { ["url"] = $"redis://127.0.0.1:{port}", ["prefix"] = "" }),
        ]);
        using CapabilityGrant grant = capability.Grant(request);
        using Component component = Component.Load(engine, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "c-keyvalue.wasm")));
        using PreparedComponent prepared = linker.Prepare(component);
        using var guest = new GuestContext("bench", new WasiOptions(), [grant], null, CancellationToken.None);
        using var store = new Store(engine);
        using ComponentInstance instance = prepared.Instantiate(store, guest);
        ExportedFunction run = prepared.FindFunction(null, "run")!;
        ExportedFunction read = prepared.FindFunction(null, "read")!;
        string value = new('v', 100);
        instance.Call(run, $"draft open sqlite\ndraft set k {value}\ndraft open redis\ndraft set k {value}");

        double Guest(string name, int times) => Time(times, () =>
        {
            if ((uint)instance.Call(read, name, "k", (uint)times)! != times)
                throw new InvalidOperationException("The value was not found.");
        });
        double ClientAsync(int times) => Time(times, () => Loop(times).GetAwaiter().GetResult());
        double Client(int times) => Time(times, () =>
        {
            for (int i = 0; i < times; i++)
                _ = (byte[]?)database.StringGet("k");
        });
        async Task Loop(int times)
        {
            for (int i = 0; i < times; i++)
                _ = (byte[]?)await database.StringGetAsync("k").ConfigureAwait(false);
        }

        Guest("sqlite", 20_000);
        Guest("redis", 2000);
        Client(2000);
        ClientAsync(2000);
        var rounds = new List<(double Sqlite, double Redis, double Client, double Async)>();
        for (int i = 0; i < Rounds; i++)
            rounds.Add((Guest("sqlite", 20_000), Guest("redis", 3000), Client(3000), ClientAsync(3000)));
        Print("get of 100 bytes, guest on SQLite", Median(rounds.Select(r => r.Sqlite)));
        Print("get of 100 bytes, guest on Redis", Median(rounds.Select(r => r.Redis)));
        Print("the client from C#, blocking", Median(rounds.Select(r => r.Client)));
        Print("the client from C#, awaited", Median(rounds.Select(r => r.Async)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"guest on Redis ÷ client: {Median(rounds.Select(r => r.Redis / r.Client)):F2} (blocking), {Median(rounds.Select(r => r.Redis / r.Async)):F2} (awaited)"));
        GC.KeepAlive(set);
    }

    private static double Time(int times, Action action)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / times;
    }

    private static void Print(string what, double microseconds) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {microseconds,8:F2} µs"));

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ConnectionMultiplexer Connect(int port)
    {
        var options = new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, port } }, AbortOnConnectFail = true, ConnectRetry = 20, ConnectTimeout = 500 };
        return ConnectionMultiplexer.Connect(options);
    }
}
