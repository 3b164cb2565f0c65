using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Windhover.Bench.Hostile;

// The neighbour's clients: an open loop, one request each 1/rate s whether or not the ones before were answered, each on a connection that is free.
// A latency counts from when the request was due, so a server that stalls is charged with all who wait; it counts for the phase in which it was due.
//
// It never pauses between phases: what a server does that was idle (threads asleep, memory cold) came to one request in a hundred, which is the p99.
//
// It has a process of its own, apart from the attackers' clients: where both shared one, the pauses of its garbage collector and the thread pool under 500 clients were
// charged to the server. Here there is next to nothing to collect: what the loop needs is there before it begins.
//
// Its thread runs under SCHED_FIFO, so before all others of the machine (being nice is only a preference: a thread that wakes may wait for another's turn to end), and
// the attackers' clients run after all others, since both stand for clients elsewhere: what they wait for a core, or take from the server, is not the server's doing.
internal sealed partial class NeighbourLoad(Uri address, int rate)
{
    private const int MostAtOnce = 4096;
    private static readonly byte[] s_request = "GET / HTTP/1.1\r\nHost: neighbour\r\n\r\n"u8.ToArray();

    private readonly Stack<Socket> _free = new(MostAtOnce);
    private readonly List<(Socket Socket, long Due, Phase? Phase, byte[] Buffer, int Length)> _busy = new(MostAtOnce);
    private readonly Stack<byte[]> _buffers = new(Enumerable.Range(0, MostAtOnce).Select(_ => new byte[1024]));
    private readonly List<Socket> _read = new(MostAtOnce);
    private readonly List<double> _latencies = new(1 << 16);
    private volatile Phase? _phase;

    public int Errors { get; private set; }

    public string LastError { get; private set; } = "";

    /// <summary>Begins to ask, on a thread of its own, until the process ends; it ends by itself, with an exception, when the neighbour cannot be asked.</summary>
    public void Start()
    {
        var thread = new Thread(() =>
        {
            if (!ThreadOrder.BeforeOthers())
                Console.Error.WriteLine("The neighbour's clients run without SCHED_FIFO: what they wait for a processor is charged to the server.");
            Ask();
        });
        thread.IsBackground = true;
        thread.Start();
    }

    /// <summary>
    /// The latencies of what is due within the time from now on, in milliseconds, when all of it is answered. One phase at a time: the list is the next one's too.
    /// </summary>
    public async Task<IReadOnlyList<double>> RunAsync(TimeSpan time)
    {
        _latencies.Clear();
        long now = Stopwatch.GetTimestamp();
        var phase = new Phase(now, now + (long)(time.TotalSeconds * Stopwatch.Frequency), _latencies);
        _phase = phase;
        await phase.AllAnswered;
        return _latencies;
    }

    private void Ask()
    {
        long period = Stopwatch.Frequency / rate, next = Stopwatch.GetTimestamp(), answered = next;
        while (true)
        {
            long now = Stopwatch.GetTimestamp();
            if (_busy.Count > 0 && Stopwatch.GetElapsedTime(answered).TotalSeconds > 20)
                throw new TimeoutException("The neighbour does not answer.");
            for (; next <= now; next += period)
            {
                Socket socket = Take();
                Phase? phase = PhaseOf(next);
                socket.Send(s_request);
                _busy.Add((socket, next, phase, _buffers.Pop(), 0));
            }

            _read.Clear();
            foreach ((Socket socket, _, _, _, _) in _busy)
                _read.Add(socket);
            Wait(_read, TimeSpan.FromTicks(Math.Clamp((next - Stopwatch.GetTimestamp()) * TimeSpan.TicksPerSecond / Stopwatch.Frequency, 0, TimeSpan.TicksPerSecond / 100)));
            now = Stopwatch.GetTimestamp();
            foreach (Socket socket in _read)
            {
                if (Receive(socket, now))
                    answered = now;
            }
        }
    }

    private Phase? PhaseOf(long due)
    {
        if (_phase is not { } phase || due < phase.Begin)
            return null;
        if (due < phase.End)
        {
            phase.Asked();
            return phase;
        }

        _phase = null;
        phase.Close();
        return null;
    }

    // Whether that was the answer's end.
    private bool Receive(Socket socket, long now)
    {
        int at = 0;
        while (!ReferenceEquals(_busy[at].Socket, socket))
            at++;
        (_, long due, Phase? phase, byte[] buffer, int length) = _busy[at];
        int received = 0;
        try
        {
            received = socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
        }
        catch (SocketException)
        {
            // As its end.
        }

        length += received;
        ReadOnlySpan<byte> text = buffer.AsSpan(0, length);
        if (received > 0 && !text.EndsWith("Hello from C\n"u8) && length < buffer.Length && text.StartsWith("HTTP/1.1 200"u8[..Math.Min(length, 12)]))
        {
            _busy[at] = (socket, due, phase, buffer, length);
            return false;
        }

        _busy.RemoveAt(at);
        _buffers.Push(buffer);
        if (text.StartsWith("HTTP/1.1 200"u8) && text.EndsWith("Hello from C\n"u8))
        {
            _free.Push(socket);
        }
        else
        {
            Errors++;
            LastError = System.Text.Encoding.ASCII.GetString(text);
            socket.Dispose();
        }

        phase?.Answered((now - due) * 1000d / Stopwatch.Frequency); // last, for who waits reads the errors
        return true;
    }

    // Those that can be read stay in the list. Socket.Select counts in milliseconds and spins for what is less: half a processor, before all others of the machine.
    private static void Wait(List<Socket> sockets, TimeSpan time)
    {
        if (!OperatingSystem.IsLinux())
        {
            if (sockets.Count > 0)
                Socket.Select(sockets, null, null, time);
            else
                Thread.Sleep(time);
            return;
        }

        const short Readable = 1;
        Span<PollDescriptor> descriptors = stackalloc PollDescriptor[Math.Min(sockets.Count, 1000)];
        for (int i = 0; i < descriptors.Length; i++)
            descriptors[i] = new PollDescriptor { Handle = (int)sockets[i].Handle, Events = Readable };
        ReadOnlySpan<long> duration = [time.Ticks / TimeSpan.TicksPerSecond, time.Ticks % TimeSpan.TicksPerSecond * 100];
        _ = ppoll(descriptors, (nuint)descriptors.Length, duration, 0);
        sockets.RemoveRange(descriptors.Length, sockets.Count - descriptors.Length);
        for (int i = descriptors.Length - 1; i >= 0; i--)
        {
            if (descriptors[i].Happened == 0)
                sockets.RemoveAt(i);
        }
    }

    [LibraryImport("libc")]
    private static partial int ppoll(Span<PollDescriptor> descriptors, nuint count, ReadOnlySpan<long> time, nint signals);

    private struct PollDescriptor
    {
        public int Handle;
        public short Events;
        public short Happened;
    }

    // One that the server has closed meanwhile, since it was idle for two minutes, is no error.
    private Socket Take()
    {
        while (_free.TryPop(out Socket? free))
        {
            if (!free.Poll(0, SelectMode.SelectRead))
                return free;
            free.Dispose();
        }

        return Connect();
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, address.Port);
        return socket;
    }

    // Only the generator's thread comes here, but for who waits.
    private sealed class Phase(long begin, long end, List<double> latencies)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open = 1; // the phase itself

        public long Begin => begin;

        public long End => end;

        public Task AllAnswered => _answered.Task;

        public void Asked() => _open++;

        public void Answered(double latency)
        {
            latencies.Add(latency);
            Close();
        }

        public void Close()
        {
            if (--_open == 0)
                _answered.SetResult();
        }
    }
}
