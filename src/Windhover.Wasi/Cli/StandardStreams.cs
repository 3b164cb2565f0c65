using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Cli;

/// <summary>
/// The three standard streams of one guest. A guest may ask for each as often as it likes and drop what it got: all its handles are views of the
/// one stream, which lasts as long as the guest.
/// </summary>
internal sealed class StandardStreams(WasiOptions options, IGuestBlocking blocking) : IDisposable
{
    private InputStream? _input;
    private OutputStream? _output;
    private OutputStream? _error;

    /// <summary>A handle on standard input.</summary>
    public InputStream GetStdin() => new SharedInputStream(_input ??= options.Stdin.Create(blocking), blocking);

    /// <summary>A handle on standard output.</summary>
    public OutputStream GetStdout() => new SharedOutputStream(_output ??= options.Stdout.Create(blocking), blocking);

    /// <summary>A handle on standard error.</summary>
    public OutputStream GetStderr() => new SharedOutputStream(_error ??= options.Stderr.Create(blocking), blocking);

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

        public override Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len) => inner.Read(len);

        public override void Arm() => (_relay ??= new Relay(inner, this)).Arm();

        protected override void Dispose(bool disposing)
        {
            _relay?.Stop();
            base.Dispose(disposing);
        }
    }

    private sealed class SharedOutputStream(OutputStream inner, IGuestBlocking blocking) : OutputStream(blocking)
    {
        private Relay? _relay;

        public override bool IsReady => inner.IsReady;

        protected override Result<ulong, StreamError> PermitWrite() => inner.CheckWrite();

        protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents) => inner.Write(contents);

        protected override Result<Unit, StreamError> FlushBytes() => inner.Flush();

        public override void Arm() => (_relay ??= new Relay(inner, this)).Arm();

        protected override void Dispose(bool disposing)
        {
            _relay?.Stop();
            base.Dispose(disposing);
        }
    }
}
