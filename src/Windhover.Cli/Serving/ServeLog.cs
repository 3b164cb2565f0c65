using System.Globalization;
using Microsoft.Extensions.Logging;
using Windhover.Cli.Terminal;

namespace Windhover.Cli.Serving;

/// <summary>
/// The server's log on standard error: one line per entry, `time level message`, a guest's backtrace joined by ` | `. WINDHOVER_DEBUG=1 adds
/// the host's stack, on lines of its own.
/// </summary>
internal sealed class ServeLog(TimeProvider time) : ILoggerProvider
{
    private static readonly bool Debug = Environment.GetEnvironmentVariable("WINDHOVER_DEBUG") is "1" or "true";

    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string message, Exception? exception)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var text = $"{now} {(level >= LogLevel.Error ? "error" : level == LogLevel.Warning ? "warning" : "info")} {string.Join(" | ", lines)}";
        if (exception is not null)
            text += Debug ? $"\n{exception}" : $" ({exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")})";
        lock (_gate)
            Streams.Error.WriteLine(text);
    }

    private sealed class Logger(ServeLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Write(logLevel, formatter(state, exception), exception);
        }
    }
}
