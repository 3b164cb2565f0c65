using Microsoft.Extensions.Logging;
using Windhover.Hosting.Capabilities.Otel;

namespace Windhover.Apps.Operation;

/// <summary>What the server logs about a guest, or a guest by <c>wasi:otel</c> (category <c>Windhover.Guest.APP</c> or <c>Windhover.Guest.APP/COMPONENT</c>) goes into the app's log.</summary>
internal sealed class GuestLogProvider(LogStore store) : ILoggerProvider
{
    private const string Prefix = "Windhover.Guest.";

    public ILogger CreateLogger(string categoryName)
    {
        if (!categoryName.StartsWith(Prefix, StringComparison.Ordinal))
            return Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        string[] name = categoryName[Prefix.Length..].Split('/', 2);
        return new Logger(store, name[0], name.Length == 2 ? name[1] : null);
    }

    public void Dispose()
    {
    }

    private sealed class Logger(LogStore store, string app, string? component) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                store.Write(logLevel, app, component, eventId.Name == OtelCapability.CapabilityName ? "otel" : "host", formatter(state, exception));
        }
    }
}
