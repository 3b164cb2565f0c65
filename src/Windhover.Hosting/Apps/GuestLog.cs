using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Io;

namespace Windhover.Hosting.Apps;

// What guests write to their standard output and error becomes lines of the log. Nobody vouches for it:
//
//   a line          ends at a line feed, or at 8 KiB; characters that a terminal or a reader of logs would obey are written as \u001b
//   run and app     have so many bytes and lines (LogBudget)

/// <summary>The log of an app's guests. Thread-safe.</summary>
internal sealed class GuestLog(BudgetMeter meter, TimeProvider time, Action<string> write)
{
    private const int MaxLine = 8 * 1024;

    private readonly LogBudget _budget = LogBudget.Of(meter, time);

    /// <summary>For both outputs of a guest, which share the run's bytes.</summary>
    public OutputGrant Output => OutputGrant.FromFactory(Open);

    internal OutputStream Open(IGuestBlocking guest) => new LineStream(this, _budget.RunOf(guest), guest);

    private byte[] Hold()
    {
        meter.Charge(BudgetKind.HostMemory, MaxLine);
        return new byte[MaxLine];
    }

    private void Unhold() => meter.Release(BudgetKind.HostMemory, MaxLine);

    private void Line(LogBudget.Run run, ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[.._budget.Spend(run, bytes.Length, out string? over)];
        if (bytes.Length > 0)
            Take(ReadableText.Of(Encoding.UTF8.GetString(bytes)));
        if (over is not null)
            Take(over);
    }

    private void Take(string line)
    {
        if (!_budget.TryTakeLine(out string? dropped))
            return;
        if (dropped is not null)
            write(dropped);
        write(line);
    }

    private sealed class LineStream(GuestLog log, LogBudget.Run run, IGuestBlocking guest) : OutputStream(guest)
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
                log.Unhold();
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
