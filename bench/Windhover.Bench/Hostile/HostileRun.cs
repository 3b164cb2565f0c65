using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Windhover.Hosting.Tests.Hostile;

namespace Windhover.Bench.Hostile;

// Each named attack of docs/hostile.md on a real server in a process of its own, with a neighbour that is asked 500 times a second all the while:
//
//   attack 1.5 s, not counted · calm 0.5 s · attack 0.5 s · calm 0.5 s · …     `rounds` of each, so that what else the machine does falls on both alike
//
// On a virtual machine the hypervisor takes the processors away now and then (10 to 300 ms in 10 s where this was written; plain Kestrel's p99 then is 3 ms instead of 0.7). Up to three times
// as many rounds are made until there are enough without, and of all those are counted in which the least was lost (MachineWatch), calm and attacked alike.
//
// The neighbour's clients are a third process (NeighbourLoad says why), before all others of the machine; this one, with the attackers' clients, is after all others.
//
// While an attack lasts, four clients make it, each again as soon as it was answered but at most 20 times a second. Printed are the neighbour's p99 calm and under
// attack, their ratio, its errors, and what the server's process holds before and after. The first rows are controls: nothing, and two threads of another program
// that only count, which is what this machine does to a server whatever the server does.
internal static class HostileRun
{
    private const int Rate = 500;
    private const int Clients = 4;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(string filter, int part, int parts, int rounds)
    {
        string guests = FindGuests();
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["hostile-server", guests]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.TryAdd("DOTNET_GCgen0size", "0x1800000"); // as ./windhover has it
        using var server = Process.Start(start)!;
        var address = new Uri((await server.StandardOutput.ReadLineAsync())!);
        var load = new NeighbourProcess(address, Rate);
        ThreadOrder.AfterOthers(); // and not those two, which would inherit it
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 600 }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        await load.RunAsync(TimeSpan.FromSeconds(10), []); // tiers of the JIT
        var all = Attacks(client, address).Where((a, i) => (i == 0 || i % parts == part) && Regex.IsMatch(a.Name, filter, RegexOptions.CultureInvariant)).ToList();
        Console.WriteLine("| attack | p99 calm (ms) | p99 attacked (ms) | ratio | median attacked | errors | collector's pauses: count, all, longest | RSS, maps, files, threads before | after |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        int missed = 0;
        var ratios = new List<double>();
        var allCalm = new List<double>();
        var attackedP99 = new List<(string Name, double P99)>();
        foreach ((string name, Func<CancellationToken, Task> attack) in all)
        {
            int errors = load.Errors;
            Footprint before = Footprint.Of(server.Id);
            for (int i = 0; i < 3; i++)
                await Attack(attack, load); // tiers of the JIT again, and connections reach the collector's oldest generation
            await GivenBackAsync(client);
            await client.GetStringAsync("/pauses");
            List<(double Lost, List<double> Latencies)> calmWindows = [], attackedWindows = [];
            for (int i = 0; i < rounds * 3 && (Undisturbed(calmWindows) < rounds || Undisturbed(attackedWindows) < rounds); i++)
            {
                calmWindows.Add(await Attack(static _ => Task.CompletedTask, load));
                attackedWindows.Add(await Attack(attack, load));
                await GivenBackAsync(client);
            }

            await load.RunAsync(TimeSpan.Zero, []); // the errors since the last window are this attack's too
            string pauses = await client.GetStringAsync("/pauses");
            List<double> calm = Least(calmWindows, rounds), attacked = Least(attackedWindows, rounds);
            double ratio = P(attacked, 0.99) / P(calm, 0.99);
            allCalm.AddRange(calm);
            attackedP99.Add((name, P(attacked, 0.99)));
            ratios.Add(ratio);
            bool miss = ratio > 3 || load.Errors > errors;
            missed += miss ? 1 : 0;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| `{name}` | {P(calm, 0.99):0.00} | {P(attacked, 0.99):0.00} | {ratio:0.0}{(miss ? " **miss**" : "")} | {P(attacked, 0.5):0.00} | {load.Errors - errors} | {pauses} | {before} | {Footprint.Of(server.Id)} |"));
        }

        await client.PostAsync("/collect", null);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{all.Count} attacks, {missed} missed, median ratio {P(ratios, 0.5):0.0}, greatest {ratios.Max():0.0}; errors {load.Errors} {load.LastError}; in the end {Footprint.Of(server.Id)}"));
        // The calm windows of one attack are few requests, and their p99 is now 0.5 ms, now 15: all calm windows together say what the machine does of itself.
        double calmP99 = P(allCalm, 0.99);
        List<(string Name, double P99)> beyond = [.. attackedP99.Where(a => a.P99 > 3 * calmP99)];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"calm p99 of all {allCalm.Count} requests {calmP99:0.00} ms: beyond three times that {beyond.Count} ({string.Join(", ", beyond.Select(b => $"{b.Name} {b.P99 / calmP99:0.0}"))}), greatest {attackedP99.Max(a => a.P99) / calmP99:0.0}"));
        load.Dispose();
        server.StandardInput.Close();
        await server.WaitForExitAsync();
        return missed;
    }

    private static async Task<(double Lost, List<double> Latencies)> Attack(Func<CancellationToken, Task> attack, NeighbourProcess load)
    {
        ThreadOrder.AfterOthers(); // again: it misses a thread that the runtime is just starting, and then all that the pool starts from that one
        using var end = new CancellationTokenSource();
        var latencies = new List<double>();
        Task attacking = Task.Run(() => attack(end.Token));
        await load.RunAsync(Window, latencies);
        double lost = load.Lost;
        await end.CancelAsync();
        await attacking;
        return (lost, latencies);
    }

    private static int Undisturbed(List<(double Lost, List<double> Latencies)> windows) => windows.Count(w => w.Lost == 0);

    private static List<double> Least(List<(double Lost, List<double> Latencies)> windows, int count) => [.. windows.OrderBy(w => w.Lost).Take(count).SelectMany(w => w.Latencies)];

    private static IEnumerable<(string Name, Func<CancellationToken, Task> Attack)> Attacks(HttpClient client, Uri address)
    {
        yield return ("(nothing)", _ => Task.CompletedTask);
        yield return ("(two busy threads of another program)", BusyAsync);
        yield return ("10,000 requests at once", end => FloodAsync(client, "/environment_probe", end));
        yield return ("(10,000 requests at once for Kestrel alone)", end => FloodAsync(client, "/plain", end));
        yield return ("clients that leave", end => LeaveAsync(address, end));
        yield return ("slow bodies", end => SlowBodiesAsync(address, end));
        foreach ((string name, byte[] bomb) in Bombs())
            yield return (name, end => LoadBombAsync(client, bomb, end));
        foreach (Attack attack in Windhover.Hosting.Tests.Hostile.Attack.All)
        {
            string path = "/" + attack.Name.Replace("PORT", address.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            var target = new Uri(address.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            yield return (attack.Name, end => Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => RepeatAsync(client, target, end))));
        }
    }

    private static async Task RepeatAsync(HttpClient client, Uri target, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(target, CancellationToken.None);
            }
            catch (HttpRequestException)
            {
                // Broken off, as many of them must be.
            }

            TimeSpan rest = TimeSpan.FromMilliseconds(50) - Stopwatch.GetElapsedTime(began);
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, CancellationToken.None);
        }
    }

    // They have no input to end with: where this process is killed before it kills them, they end after 30 s of a processor.
    private static async Task BusyAsync(CancellationToken end)
    {
        Process[] busy = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Process.Start("chrt", ["--other", "0", "sh", "-c", "ulimit -t 30; while :; do :; done"]))];
        await Task.Delay(Timeout.Infinite, end).ContinueWith(static _ => { }, TaskScheduler.Default);
        foreach (Process process in busy)
        {
            process.Kill();
            process.Dispose();
        }
    }

    // 10,000 in all, as many as 500 connections carry at a time: the window ends before them.
    private static async Task FloodAsync(HttpClient client, string path, CancellationToken end) =>
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async _ =>
        {
            for (int i = 0; i < 20 && !end.IsCancellationRequested; i++)
                using (await client.GetAsync(path, CancellationToken.None))
                {
                }
        }));

    private static async Task LeaveAsync(Uri address, CancellationToken end)
    {
        string[] paths = ["spin", "sleep_forever", "body_endless"];
        for (int i = 0; !end.IsCancellationRequested; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, address.Port, CancellationToken.None);
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET /{paths[i % 3]} HTTP/1.1\r\nHost: x\r\n\r\n"));
            await Task.Delay(10, CancellationToken.None);
        }
    }

    // 100 clients that say they have a megabyte, and send a byte now and then.
    private static async Task SlowBodiesAsync(Uri address, CancellationToken end)
    {
        List<Socket> sockets = [];
        for (int i = 0; i < 100; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, address.Port, CancellationToken.None);
            await socket.SendAsync("POST /read_endless HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx"u8.ToArray());
            sockets.Add(socket);
        }

        while (!end.IsCancellationRequested)
        {
            foreach (Socket socket in sockets)
            {
                try
                {
                    await socket.SendAsync("x"u8.ToArray());
                }
                catch (SocketException)
                {
                    // Sent away.
                }
            }

            await Task.Delay(50, CancellationToken.None);
        }

        sockets.ForEach(s => s.Dispose());
    }

    private static IEnumerable<(string Name, byte[] Binary)> Bombs()
    {
        string text = string.Concat(Enumerable.Repeat("(loop ", 5000)) + new string(')', 5000);
        yield return ("compile: loops within each other", Engine.WatCompiler.Compile($"(component (core module (func {text})))"));
        string calls = string.Concat(Enumerable.Repeat("(func (call 0) (call 0) (call 0) (call 0) (call 0))", 20_000));
        yield return ("compile: 20,000 functions", Engine.WatCompiler.Compile($"(component (core module {calls}))"));
    }

    private static async Task LoadBombAsync(HttpClient client, byte[] bomb, CancellationToken end)
    {
        using var content = new ByteArrayContent(bomb);
        try
        {
            using HttpResponseMessage answer = await client.PostAsync("/load", content, end);
        }
        catch (OperationCanceledException)
        {
            // The window is over.
        }
    }

    private static async Task GivenBackAsync(HttpClient client)
    {
        long began = Stopwatch.GetTimestamp();
        while (await client.GetStringAsync("/held") is { Length: > 0 } held)
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(20))
                throw new InvalidOperationException($"Still held: {held}");
            await Task.Delay(5);
        }
    }

    private static string FindGuests()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "Windhover.slnx")))
                return Path.Combine(d.FullName, "guests");
        }

        throw new InvalidOperationException("The bench runs outside of the repository.");
    }

    private static double P(List<double> values, double part) => values.Order().ElementAt((int)(values.Count * part));
}
