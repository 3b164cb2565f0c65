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
// The generator's thread runs before all others of the machine and those of the attackers' clients after all others (where the system lets them), since both stand for
// clients elsewhere: what they wait for a core, or take from the server, is not the server's doing.
internal sealed partial class NeighbourLoad(Uri address, int rate) : IDisposable
{
    private static readonly byte[] s_request = "GET / HTTP/1.1\r\nHost: neighbour\r\n\r\n"u8.ToArray();

    private readonly Stack<Socket> _free = new();
    private readonly byte[][] _buffers = [.. Enumerable.Range(0, 4096).Select(_ => new byte[1024])];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Phase? _phase;
    private volatile bool _end;

    public int Errors { get; private set; }

    public string LastError { get; private set; } = "";

    /// <summary>Begins to ask, on a thread of its own, until <see cref="Dispose"/>.</summary>
    public void Start()
    {
        if (OperatingSystem.IsLinux())
        {
            foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
                _ = setpriority(0, int.Parse(Path.GetFileName(task), System.Globalization.CultureInfo.InvariantCulture), 10); // new ones inherit it
        }

        var thread = new Thread(() =>
        {
            try
            {
                if (OperatingSystem.IsLinux())
                    _ = setpriority(0, 0, -10); // of this thread
                Ask();
                _ended.SetResult();
            }
            catch (Exception error)
            {
                _ended.SetException(new InvalidOperationException("The neighbour cannot be asked.", error));
            }
        });
        thread.IsBackground = true;
        thread.Start();
    }

    /// <summary>The latencies of what is due within the time, in milliseconds, are added to the list. Ends when all of it is answered.</summary>
    public async Task RunAsync(TimeSpan time, List<double> latencies)
    {
        var phase = new Phase(latencies);
        _phase = phase;
        await Task.WhenAny(_ended.Task, Task.Delay(time)).Unwrap();
        _phase = null;
        await Task.WhenAny(_ended.Task, phase.CloseAsync()).Unwrap();
    }

    public void Dispose()
    {
        _end = true;
        _ended.Task.GetAwaiter().GetResult();
    }

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);

    private void Ask()
    {
        var busy = new List<(Socket Socket, long Due, Phase? Phase, byte[] Buffer, int Length)>();
        var buffers = new Stack<byte[]>(_buffers);
        var read = new List<Socket>();
        long period = Stopwatch.Frequency / rate, next = Stopwatch.GetTimestamp(), answered = next;
        while (!_end || busy.Count > 0)
        {
            long now = Stopwatch.GetTimestamp();
            if (busy.Count > 0 && Stopwatch.GetElapsedTime(answered).TotalSeconds > 20)
                throw new TimeoutException("The neighbour does not answer.");
            while (!_end && next <= now)
            {
                Socket socket = Take();
                Phase? phase = _phase;
                phase?.Asked();
                socket.Send(s_request);
                busy.Add((socket, next, phase, buffers.Pop(), 0));
                next += period;
            }

            read.Clear();
            foreach ((Socket socket, _, _, _, _) in busy)
                read.Add(socket);
            Wait(read, TimeSpan.FromTicks(Math.Clamp((next - Stopwatch.GetTimestamp()) * TimeSpan.TicksPerSecond / Stopwatch.Frequency, 0, TimeSpan.TicksPerSecond / 100)));
            now = Stopwatch.GetTimestamp();
            foreach (Socket socket in read)
            {
                int at = busy.FindIndex(b => ReferenceEquals(b.Socket, socket));
                (_, long due, Phase? phase, byte[] buffer, int length) = busy[at];
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
                    busy[at] = (socket, due, phase, buffer, length);
                    continue;
                }

                answered = now;
                phase?.Answered((now - due) * 1000d / Stopwatch.Frequency);
                busy.RemoveAt(at);
                buffers.Push(buffer);
                if (text.StartsWith("HTTP/1.1 200"u8) && text.EndsWith("Hello from C\n"u8))
                {
                    _free.Push(socket);
                    continue;
                }

                Errors++;
                LastError = System.Text.Encoding.ASCII.GetString(text);
                socket.Dispose();
            }
        }
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
        long[] duration = [time.Ticks / TimeSpan.TicksPerSecond, time.Ticks % TimeSpan.TicksPerSecond * 100];
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

    private sealed class Phase(List<double> latencies)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open = 1; // the phase itself

        public void Asked() => Interlocked.Increment(ref _open);

        public void Answered(double latency)
        {
            latencies.Add(latency);
            Leave();
        }

        public Task CloseAsync()
        {
            Leave();
            return _answered.Task;
        }

        private void Leave()
        {
            if (Interlocked.Decrement(ref _open) == 0)
                _answered.TrySetResult();
        }
    }
}
