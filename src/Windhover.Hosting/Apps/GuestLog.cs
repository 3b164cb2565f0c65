using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Io;

namespace Windhover.Hosting.Apps;

// What guests write to their standard output and error becomes lines of the log. Nobody vouches for it:
//
//   a line        ends at a line feed, or at 8 KiB; characters that a terminal or a reader of logs would obey are written as \u001b
//   a run         `log` bytes; the rest is dropped, with one line that says so
//   the app       `log-lines` in a second, all its runs together; the rest is dropped, with one line that counts them

/// <summary>The log of an app's guests. Thread-safe.</summary>
internal sealed class GuestLog
{
    private const int MaxLine = 8 * 1024;

    private readonly BudgetMeter _meter;
    private readonly TimeProvider _time;
    private readonly Action<string> _write;
    private readonly ConditionalWeakTable<IGuestBlocking, RunLog> _runs = [];
    private readonly Lock _lock = new();
    private double _tokens;
    private long _filled;
    private long _dropped;

    public GuestLog(BudgetMeter meter, TimeProvider time, Action<string> write)
    {
        _meter = meter;
        _time = time;
        _write = write;
        _tokens = meter.Budget.LogLines;
        _filled = time.GetTimestamp();
    }

    /// <summary>For both outputs of a guest, which share the run's bytes.</summary>
    public OutputGrant Output => OutputGrant.FromFactory(Open);

    internal OutputStream Open(IGuestBlocking guest) => new LineStream(this, _runs.GetValue(guest, static _ => new RunLog()), guest);

    private byte[] Hold()
    {
        _meter.Charge(BudgetKind.HostMemory, MaxLine);
        return new byte[MaxLine];
    }

    private void Line(RunLog run, ReadOnlySpan<byte> bytes)
    {
        long limit = _meter.Budget.Log;
        if (run.Bytes == limit && run.IsOver)
            return;
        if (bytes.Length > limit - run.Bytes)
        {
            bytes = bytes[..(int)(limit - run.Bytes)];
            run.IsOver = true;
            _meter.Reject(BudgetKind.Log);
        }

        run.Bytes += bytes.Length;
        if (bytes.Length > 0)
            Take(ReadableText.Of(Encoding.UTF8.GetString(bytes)));
        if (run.IsOver)
        {
            run.Bytes = limit;
            Take($"{_meter.Exceeded(BudgetKind.Log).Message}: the rest of this run is not logged");
        }
    }

    private void Take(string line)
    {
        long dropped;
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            double rate = _meter.Budget.LogLines;
            _tokens = Math.Min(rate, _tokens + (_time.GetElapsedTime(_filled, now).TotalSeconds * rate));
            _filled = now;
            if (_tokens < 1)
            {
                _dropped++;
                _meter.Reject(BudgetKind.LogLines);
                return;
            }

            _tokens--;
            dropped = _dropped;
            _dropped = 0;
        }

        if (dropped > 0)
            _write(string.Create(CultureInfo.InvariantCulture, $"{dropped} lines were dropped: {_meter.Exceeded(BudgetKind.LogLines).Message}"));
        _write(line);
    }

    private sealed class RunLog
    {
        public long Bytes { get; set; }

        public bool IsOver { get; set; }
    }

    private sealed class LineStream(GuestLog log, RunLog run, IGuestBlocking guest) : OutputStream(guest)
    {
        private readonly byte[] _line = log.Hold();
        private int _length;
        private bool _disposed;

        public override bool IsReady => true;

        protected override Result<ulong, StreamError> PermitWrite() => 64UL * 1024;

        protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
        {
            while (!contents.IsEmpty)
            {
                int end = contents.IndexOf((byte)'\n');
                ReadOnlySpan<byte> part = contents[..Math.Min(end < 0 ? contents.Length : end, MaxLine - _length)];
                part.CopyTo(_line.AsSpan(_length));
                _length += part.Length;
                bool isWhole = part.Length == end;
                contents = contents[(part.Length + (isWhole ? 1 : 0))..];
                if (isWhole || _length == MaxLine)
                    Emit();
            }

            return Result.Ok();
        }

        protected override Result<Unit, StreamError> FlushBytes() => Result.Ok();

        protected override void Dispose(bool disposing)
        {
            if (_length > 0)
                Emit();
            if (!_disposed)
                log._meter.Release(BudgetKind.HostMemory, MaxLine);
            _disposed = true;
            base.Dispose(disposing);
        }

        private void Emit()
        {
            int length = _length;
            _length = 0;
            log.Line(run, _line.AsSpan(0, length > 0 && _line[length - 1] == '\r' ? length - 1 : length));
        }
    }
}
