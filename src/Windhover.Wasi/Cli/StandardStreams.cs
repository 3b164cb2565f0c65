using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Cli;

/// <summary>
/// The three standard streams of one guest. A guest may ask for each as often as it likes and drop what it got: all its handles are views of the
/// one stream, which lasts as long as the guest.
/// </summary>
internal sealed class StandardStreams(WasiOptions options, WasiContext blocking) : IDisposable
{
    private InputStream? _input;
    private OutputStream? _output;
    private OutputStream? _error;
    private OutputBudget? _budget;

    /// <summary>A handle on standard input.</summary>
    public InputStream GetStdin() => new SharedInputStream(_input ??= options.Stdin.Create(blocking), blocking);

    /// <summary>A handle on standard output.</summary>
    public OutputStream GetStdout() => new SharedOutputStream(_output ??= options.Stdout.Create(blocking), Budget, blocking);

    /// <summary>A handle on standard error.</summary>
    public OutputStream GetStderr() => new SharedOutputStream(_error ??= options.Stderr.Create(blocking), Budget, blocking);

    private OutputBudget Budget => _budget ??= new OutputBudget(blocking.Usage, options.Budget.Output);

    public void Dispose()
    {
        _input?.Dispose();
        _output?.Dispose();
        _error?.Dispose();
    }

    private sealed class SharedInputStream(InputStream inner, IGuestBlocking blocking) : InputStream(blocking)
    {
        private Relay? _relay;

        public override bool IsReady => inner.IsReady;

        public override Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len)
        {
            lock (inner)
                return inner.Read(len);
        }

        public override void Arm() => (_relay ??= new Relay(inner, this)).Arm();

        protected override void Dispose(bool disposing)
        {
            _relay?.Stop();
            base.Dispose(disposing);
        }
    }

    /// <summary>What both outputs together may still write.</summary>
    private sealed class OutputBudget(WasiUsage usage, long limit)
    {
        private long _left = limit;

        public bool TryTake(int bytes)
        {
            if (bytes > _left)
            {
                _left = 0; // what comes after a lost piece would be read as if nothing were missing
                usage.Reject(BudgetKind.Output);
                return false;
            }

            _left -= bytes;
            usage.AddOutput(bytes);
            return true;
        }
    }

    private sealed class SharedOutputStream(OutputStream inner, OutputBudget budget, IGuestBlocking blocking) : OutputStream(blocking)
    {
        private Relay? _relay;
        private bool _overrun;

        public override bool IsReady => _overrun || inner.IsReady;

        protected override Result<ulong, StreamError> PermitWrite()
        {
            if (_overrun)
                return StreamErrors.Closed;
            lock (inner)
                return inner.CheckWrite();
        }

        protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
        {
            if (_overrun)
                return StreamErrors.Closed;
            lock (budget)
            {
                if (!budget.TryTake(contents.Length))
                {
                    _overrun = true;
                    return StreamErrors.Failed(new IoError("The budget `output` is used up."));
                }
            }

            lock (inner)
            {
                // Another handle may have used the permit up meanwhile; what this one was permitted is never much.
                inner.CheckWrite();
                return inner.Write(contents);
            }
        }

        protected override Result<Unit, StreamError> FlushBytes()
        {
            lock (inner)
                return inner.Flush();
        }

        public override void Arm() => (_relay ??= new Relay(inner, this)).Arm();

        protected override void Dispose(bool disposing)
        {
            _relay?.Stop();
            base.Dispose(disposing);
        }
    }
}
