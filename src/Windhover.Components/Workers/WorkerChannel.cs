using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Windhover.Components.Workers;

/// <summary>The worker's side of <see cref="WorkerProcess"/>.</summary>
public sealed class WorkerChannel
{
    private const int MaxMessage = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Stream _input = Console.OpenStandardInput();
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <summary>Called with what the parent tells (<see cref="WorkerProcess.Tell"/>), in order, on a thread of the channel's own. To be set before anything is asked.</summary>
    public Action<long, long>? Told { get; set; }

    /// <summary>Reads the parent's message. From then on this process ends as soon as its parent does.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="lengthOfAttachment">The number of bytes that follow it.</param>
    /// <param name="attachment">Those bytes.</param>
    /// <exception cref="InvalidDataException">The parent is of another release.</exception>
    /// <exception cref="EndOfStreamException">The parent has ended.</exception>
    public T Receive<T>(JsonTypeInfo<T> type, Func<T, int> lengthOfAttachment, out byte[] attachment)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(lengthOfAttachment);
        Span<byte> prefix = stackalloc byte[4];
        _input.ReadExactly(prefix);
        int length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length is < 0 or > MaxMessage)
            throw new InvalidDataException($"A message of {length} bytes was announced.");
        byte[] json = new byte[length];
        _input.ReadExactly(json);
        T message = JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException("The message is empty.");
        attachment = new byte[lengthOfAttachment(message)];
        _input.ReadExactly(attachment);
        new Thread(WatchParent) { IsBackground = true, Name = "parent watch" }.Start();
        return message;
    }

    /// <summary>Writes a line to the parent.</summary>
    /// <remarks>From any thread. JSON has no line breaks.</remarks>
    public void Send<T>(T message, JsonTypeInfo<T> type)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, type), (byte)'\n'];
        lock (_gate)
        {
            _output.Write(line);
            _output.Flush();
        }
    }

    // Not Environment.Exit: it would wait for nothing here, but it runs handlers that may.
    private void WatchParent()
    {
        Span<byte> message = stackalloc byte[2 * sizeof(long)];
        try
        {
            while (true)
            {
                _input.ReadExactly(message);
                Told?.Invoke(BinaryPrimitives.ReadInt64LittleEndian(message), BinaryPrimitives.ReadInt64LittleEndian(message[sizeof(long)..]));
            }
        }
        catch (IOException) // its end among them
        {
            // As good as its end.
        }

        using Process self = Process.GetCurrentProcess();
        self.Kill();
    }
}
