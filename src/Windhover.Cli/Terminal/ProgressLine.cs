using System.Diagnostics;
using System.Globalization;

namespace Windhover.Cli.Terminal;

/// <summary>
/// One line on standard error that says what takes long, shown when it has taken half a second, counted up, and wiped at the end. Nothing
/// is shown when standard error is not a terminal.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly string _text;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Timer? _timer;
    private bool _shown;
    private bool _disposed;

    public ProgressLine(string text)
    {
        _text = text;
        if (!Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"))
            _timer = new Timer(_ => Show(), null, Patience, Period);
    }

    private void Show()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _shown = true;
            var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            Streams.Error.Write($"\r\e[2K{Ansi.Error.Dim($"{_text} … {seconds} s")}");
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
            if (_shown)
                Streams.Error.Write("\r\e[2K");
        }
    }
}
