using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Windhover.Engine;

namespace Windhover.Components.Workers;

// A worker and its parent:
//
//   parent ──standard input──▶ worker     one message: length (u32 LE), JSON, and its attachment; after that, pairs of numbers (2 × i64 LE). The pipe stays
//                                         open: its end is the parent's death, upon which the worker ends itself (WorkerChannel)
//   parent ◀─standard output── worker     lines of JSON
//   parent ◀─standard error─── worker     the last lines are kept: what an abort of native code leaves behind
//
// A program that forgets to hand over would run as itself, and start a worker again, and so on: the environment of a worker forbids it to have any.

/// <summary>A process that does something which may crash, or take more than it should. Disposing kills it.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private const string Marker = "WINDHOVER_WORKER";
    private const int KeptLines = 30;
    private const string HandOver = "begin its Main with `if (WindhoverWorker.TryRun(args, out int status)) return status;`.";

    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private readonly Lock _telling = new();

    private WorkerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>The kernel's number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>The last lines that it wrote to standard error.</summary>
    public string ErrorTail
    {
        get
        {
            lock (_errors)
                return string.Join('\n', _errors);
        }
    }

    /// <summary>Starts a worker.</summary>
    /// <param name="command">The program.</param>
    /// <param name="role">What it shall be; see <see cref="WorkerCommand.IsWorker"/>.</param>
    /// <exception cref="WorkerException">It cannot be started, or this process is a worker itself.</exception>
    public static WorkerProcess Start(WorkerCommand command, string role) => Start(Prepare(command, role));

    /// <summary>
    /// Starts a worker that gives way to others (<see cref="ProcessLimits.GiveWay"/>) from its first moment: the start of the runtime alone is 0.1 s of a processor, which requests would wait
    /// for. A process has the niceness and the processors of the thread that starts it, so that is one of its own.
    /// </summary>
    /// <inheritdoc cref="Start(WorkerCommand, string)"/>
    internal static Task<WorkerProcess> StartBehindAsync(WorkerCommand command, string role, bool leaveOneProcessor)
    {
        ProcessStartInfo start = Prepare(command, role);
        var started = new TaskCompletionSource<WorkerProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            ProcessLimits.GiveWay(leaveOneProcessor);
            try
            {
                started.SetResult(Start(start));
            }
            catch (Exception error)
            {
                started.SetException(error);
            }
        });
        thread.IsBackground = true;
        thread.Start();
        return started.Task;
    }

    private static ProcessStartInfo Prepare(WorkerCommand command, string role)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (Environment.GetEnvironmentVariable(Marker) is not null)
        {
            throw new WorkerException(
                $"A worker process may not start workers. If this program does not know that it is one: {HandOver}");
        }

        var start = new ProcessStartInfo(command.FileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in command.Arguments)
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add(WorkerCommand.Switch + role);
        start.Environment[Marker] = role;
        start.Environment["DOTNET_gcServer"] = "0"; // one heap, not one per core
        start.Environment.Remove("DOTNET_GCgen0size"); // a server's: nobody else waits for a worker's collector, and there may be many workers
        return start;
    }

    private static WorkerProcess Start(ProcessStartInfo start)
    {
        try
        {
            return new WorkerProcess(Process.Start(start)!);
        }
        catch (Win32Exception error)
        {
            throw new WorkerException($"The worker '{start.FileName}' cannot be started: {error.Message}.", error);
        }
    }

    /// <summary>Sends the worker's one message.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public async Task SendAsync<T>(T message, JsonTypeInfo<T> type, ReadOnlyMemory<byte> attachment, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        Stream input = _process.StandardInput.BaseStream;
        await input.WriteAsync(length, cancellationToken).ConfigureAwait(false);
        await input.WriteAsync(json, cancellationToken).ConfigureAwait(false);
        await input.WriteAsync(attachment, cancellationToken).ConfigureAwait(false);
        await input.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the worker two numbers, whose meaning is theirs to agree on. Thread-safe. Does nothing when it has ended.</summary>
    public void Tell(long first, long second)
    {
        Span<byte> message = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(message, first);
        BinaryPrimitives.WriteInt64LittleEndian(message[sizeof(long)..], second);
        try
        {
            lock (_telling)
            {
                _process.StandardInput.BaseStream.Write(message);
                _process.StandardInput.BaseStream.Flush();
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Its end is noticed elsewhere.
        }
    }

    /// <summary>Reads a line of the worker's.</summary>
    /// <returns>Null when it has ended.</returns>
    /// <exception cref="WorkerException">It says something else than a worker does.</exception>
    public async Task<T?> ReceiveAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        string? line = await _process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return line is null ? null : JsonSerializer.Deserialize(line, type);
        }
        catch (JsonException error)
        {
            throw new WorkerException($"The worker '{_process.StartInfo.FileName}' does not know that it is one: {HandOver}", error);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit status; 128 and the number of the signal where one ended it.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_errors)
        {
            _errors.Enqueue(line.Length > 1000 ? line[..1000] : line);
            if (_errors.Count > KeptLines)
                _errors.Dequeue();
        }
    }
}

/// <summary>A worker process could not be started, or ended when it should not; the message says how.</summary>
public sealed class WorkerException(string message, Exception? inner = null) : Exception(message, inner);
