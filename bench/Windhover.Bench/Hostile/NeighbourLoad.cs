using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Windhover.Bench.Hostile;

// The neighbour's clients: an open loop, one request each 1/rate s whether or not the ones before were answered, each on a connection that is free.
// A latency counts from when the request was due, so a server that stalls is charged with all who wait. The generator's thread runs before all others of the machine
// (where the system lets it), since it stands for clients elsewhere: what it waits for a core is not the server's doing.
internal sealed partial class NeighbourLoad(Uri address, int rate)
{
    private static readonly byte[] s_request = "GET / HTTP/1.1\r\nHost: neighbour\r\n\r\n"u8.ToArray();

    private readonly Stack<Socket> _free = new();

    public int Errors { get; private set; }

    public string LastError { get; private set; } = "";

    /// <summary>Asks for a time; the latencies in milliseconds are added.</summary>
    public void Run(TimeSpan time, List<double> latencies)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (OperatingSystem.IsLinux())
                    _ = setpriority(0, 0, -10); // of this thread
                Ask(time, latencies);
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("The neighbour cannot be asked.", failure);
    }

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);

    private void Ask(TimeSpan time, List<double> latencies)
    {
        var busy = new List<(Socket Socket, long Due, byte[] Buffer, int Length)>();
        var read = new List<Socket>();
        long period = Stopwatch.Frequency / rate, next = Stopwatch.GetTimestamp(), end = next + (long)(time.TotalSeconds * Stopwatch.Frequency);
        long patience = end + (10 * Stopwatch.Frequency);
        while (next < end || busy.Count > 0)
        {
            long now = Stopwatch.GetTimestamp();
            if (now > patience)
                throw new TimeoutException("The neighbour does not answer.");
            while (next < end && next <= now)
            {
                Socket socket = Take();
                socket.Send(s_request);
                busy.Add((socket, next, new byte[1024], 0));
                next += period;
            }

            read.Clear();
            read.AddRange(busy.Select(b => b.Socket));
            int wait = (int)Math.Clamp(((next < end ? next : now + (Stopwatch.Frequency / 100)) - Stopwatch.GetTimestamp()) * 1_000_000 / Stopwatch.Frequency, 0, 10_000);
            if (read.Count > 0)
                Socket.Select(read, null, null, wait);
            else if (wait > 0)
                Thread.Sleep(TimeSpan.FromMicroseconds(wait));
            now = Stopwatch.GetTimestamp();
            foreach (Socket socket in read)
            {
                int at = busy.FindIndex(b => ReferenceEquals(b.Socket, socket));
                (_, long due, byte[] buffer, int length) = busy[at];
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
                    busy[at] = (socket, due, buffer, length);
                    continue;
                }

                latencies.Add((now - due) * 1000d / Stopwatch.Frequency);
                busy.RemoveAt(at);
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
}
