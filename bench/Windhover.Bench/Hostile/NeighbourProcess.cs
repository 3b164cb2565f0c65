using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text;

namespace Windhover.Bench.Hostile;

// NeighbourLoad in a process of its own. To it goes a line with the milliseconds of a phase; when all that was due in it is answered, one comes back:
//
//   ERRORS LAST-ERROR LOST LATENCY LATENCY …     errors since the beginning; the last one escaped, or nothing; milliseconds that the machine lost in the phase (MachineWatch); milliseconds
internal sealed class NeighbourProcess : IDisposable
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    /// <summary>Starts the process, which asks at once and until <see cref="Dispose"/>.</summary>
    public NeighbourProcess(Uri address, int rate) =>
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["hostile-load", address.ToString(), rate.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    public int Errors { get; private set; }

    public string LastError { get; private set; } = "";

    /// <summary>What the machine below took in the last phase, all processors added up, in milliseconds.</summary>
    public double Lost { get; private set; }

    /// <summary>That process: it ends with its standard input.</summary>
    public static int Serve(Uri address, int rate)
    {
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        var load = new NeighbourLoad(address, rate);
        var line = new StringBuilder(1 << 16); // kept, as is all that the load needs: there is next to nothing to collect
        load.Start();
        var watch = new MachineWatch();
        watch.Start();

        // A phase is not waited for here, since the input may end in it.
        while (Console.ReadLine() is { } milliseconds)
            _ = AnswerAsync(load, watch, TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture)), line);
        return 0;
    }

    /// <summary>The latencies of what is due within the time, in milliseconds, are added to the list. Ends when all of it is answered.</summary>
    public async Task RunAsync(TimeSpan time, List<double> latencies)
    {
        string? line;
        try
        {
            await _process.StandardInput.WriteLineAsync(time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
            await _process.StandardInput.FlushAsync();
            line = await _process.StandardOutput.ReadLineAsync().WaitAsync(time + s_silence);
        }
        catch (IOException)
        {
            line = null; // It is gone.
        }
        catch (TimeoutException error)
        {
            _process.Kill();
            throw new TimeoutException($"The neighbour's process still says nothing {s_silence.TotalSeconds} s after the phase.", error);
        }

        if (line is null)
        {
            string status = _process.WaitForExit(s_silence) ? $"has ended with {_process.ExitCode}" : "has closed its output";
            throw new InvalidOperationException($"The neighbour's process {status}. What it wrote to standard error says why.");
        }

        string[] fields = line.Split(' ');
        Errors = int.Parse(fields[0], CultureInfo.InvariantCulture);
        LastError = Uri.UnescapeDataString(fields[1]);
        Lost = double.Parse(fields[2], CultureInfo.InvariantCulture);
        latencies.AddRange(fields.Skip(3).Select(l => double.Parse(l, CultureInfo.InvariantCulture)));
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was gone before.
        }

        if (!_process.WaitForExit(s_silence))
            _process.Kill();
        _process.Dispose();
    }

    private static async Task AnswerAsync(NeighbourLoad load, MachineWatch watch, TimeSpan time, StringBuilder line)
    {
        TimeSpan lost = watch.Lost;
        IReadOnlyList<double> latencies = await load.RunAsync(time);
        lost = watch.Lost - lost;
        line.Clear().Append(CultureInfo.InvariantCulture, $"{load.Errors} {Uri.EscapeDataString(load.LastError)} {lost.TotalMilliseconds:0.0}");
        foreach (double latency in latencies)
            line.Append(CultureInfo.InvariantCulture, $" {latency:0.000}");
        Console.Out.WriteLine(line);
    }
}
