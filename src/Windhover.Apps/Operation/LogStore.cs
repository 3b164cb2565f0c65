using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Windhover.Components.Bindings;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Io;

namespace Windhover.Apps.Operation;

/// <summary>One line of a log.</summary>
/// <param name="Number">Its place among all lines of this process, from 1.</param>
/// <param name="Time">When.</param>
/// <param name="Level">How bad.</param>
/// <param name="App">The app; empty for the server's own.</param>
/// <param name="Component">The component, where it is known.</param>
/// <param name="Source"><c>host</c>, <c>otel</c>, <c>stdout</c> or <c>stderr</c>.</param>
/// <param name="Message">The text; a backtrace has several lines.</param>
/// <param name="Trace">The W3C trace that it belongs to.</param>
/// <param name="Request">The number of the request that it was written for, where it is known.</param>
internal sealed record LogLine(
    long Number, DateTimeOffset Time, LogLevel Level, string App, string? Component, string Source, string Message, string? Trace, long? Request);

// The last lines of each app, in memory: for `windhover logs`, the dashboard and the page of a failing request. Each app has a ring of its own, so that
// one that chatters does not wash away what another said; an app that says nothing has none. Lines also go to whoever listens (the console, OpenTelemetry).
internal sealed class LogStore(TimeProvider time)
{
    public const int LinesPerApp = 500;

    /// <summary>A guest can write what it likes: longer lines are cut.</summary>
    public const int MaxLineLength = 8 * 1024;

    private readonly ConcurrentDictionary<string, Ring> _rings = new(StringComparer.Ordinal);
    private long _number;

    /// <summary>Called with each line, on the thread that wrote it.</summary>
    public event Action<LogLine>? Written;

    /// <summary>The number of the last line.</summary>
    public long Last => Volatile.Read(ref _number);

    /// <param name="level">How bad.</param>
    /// <param name="app">The app; empty for the server's own.</param>
    /// <param name="component">The component, where it is known.</param>
    /// <param name="source"><c>host</c>, <c>otel</c>, <c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="message">The text.</param>
    /// <param name="request">What it was written for, where that is not <see cref="RequestLedger.Current"/>: on a thread that the engine brought.</param>
    public void Write(LogLevel level, string app, string? component, string source, string message, LiveRequest? request = null)
    {
        request ??= RequestLedger.Current;
        var line = new LogLine(
            Interlocked.Increment(ref _number), time.GetUtcNow(), level, app, component, source,
            message.Length <= MaxLineLength ? message : message[..MaxLineLength] + "…",
            Activity.Current?.TraceId.ToHexString() ?? request?.Trace,
            request?.Number);
        _rings.GetOrAdd(app, static _ => new Ring()).Add(line);
        Written?.Invoke(line);
    }

    /// <summary>The lines after a number, oldest first.</summary>
    public IReadOnlyList<LogLine> Read(string? app, long after = 0, int most = LinesPerApp, Func<LogLine, bool>? where = null)
    {
        IEnumerable<LogLine> lines = app is not null
            ? _rings.TryGetValue(app, out Ring? ring) ? ring.After(after) : []
            : _rings.Values.SelectMany(r => r.After(after)).OrderBy(l => l.Number);
        return [.. (where is null ? lines : lines.Where(where)).TakeLast(most)];
    }

    /// <summary>A standard stream of a guest, line by line into the log.</summary>
    public OutputGrant Output(string app, string component, string source) =>
        OutputGrant.FromFactory(blocking => new LogOutputStream(this, app, component, source, blocking));

    /// <summary>One line as JSON.</summary>
    public static string ToJson(LogLine line)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, line);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter writer, LogLine line)
    {
        writer.WriteStartObject();
        writer.WriteNumber("number", line.Number);
        writer.WriteString("time", line.Time);
        writer.WriteString("level", line.Level.ToString().ToLowerInvariant());
        if (line.App.Length > 0)
            writer.WriteString("app", line.App);
        if (line.Component is not null)
            writer.WriteString("component", line.Component);
        writer.WriteString("source", line.Source);
        writer.WriteString("message", line.Message);
        if (line.Trace is not null)
            writer.WriteString("trace", line.Trace);
        if (line.Request is { } request)
            writer.WriteNumber("request", request);
        writer.WriteEndObject();
    }

    private sealed class Ring
    {
        private readonly Lock _lock = new();
        private readonly Queue<LogLine> _lines = new();

        public void Add(LogLine line)
        {
            lock (_lock)
            {
                _lines.Enqueue(line);
                if (_lines.Count > LinesPerApp)
                    _lines.Dequeue();
            }
        }

        public LogLine[] After(long number)
        {
            lock (_lock)
                return [.. _lines.Where(l => l.Number > number)];
        }
    }
}

/// <summary>Cuts what a guest writes into lines.</summary>
internal sealed class LineCutter(Action<string> write)
{
    private readonly List<byte> _line = [];

    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int end = bytes.IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = end < 0 ? bytes : bytes[..end];
            int room = LogStore.MaxLineLength - _line.Count;
            _line.AddRange(part.Length <= room ? part : part[..Math.Max(0, room)]);
            if (end < 0)
                return;
            Flush();
            bytes = bytes[(end + 1)..];
        }
    }

    public void Flush()
    {
        if (_line.Count == 0)
            return;
        string text = Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_line)).TrimEnd('\r');
        _line.Clear();
        write(text);
    }
}

/// <summary>A guest's standard stream that ends in the log. Never full.</summary>
internal sealed class LogOutputStream : OutputStream
{
    private readonly LineCutter _lines;

    public LogOutputStream(LogStore store, string app, string component, string source, IGuestBlocking blocking) : base(blocking) =>
        _lines = new LineCutter(text => store.Write(source == "stderr" ? LogLevel.Warning : LogLevel.Information, app, component, source, text));

    public override bool IsReady => true;

    protected override Result<ulong, StreamError> PermitWrite() => 64UL * 1024;

    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
    {
        _lines.Add(contents);
        return Result.Ok();
    }

    protected override Result<Unit, StreamError> FlushBytes() => Result.Ok();

    protected override void Dispose(bool disposing)
    {
        _lines.Flush();
        base.Dispose(disposing);
    }
}
