using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Logging.Bindings;
using Windhover.Capabilities.Logging.Bindings.Wasi.Logging.Logging;
using Windhover.Components.Linking;

namespace Windhover.Capabilities.Logging;

/// <summary>
/// <c>wasi:logging/logging@0.1.0-draft</c>: into the server's log, under the category <c>Windhover.Guest.APP</c>. It needs no grant: like standard error, it
/// only tells the operator.
/// </summary>
public sealed class LoggingCapability(ILoggerFactory loggers) : ICapability
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "logging";

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends { get; } = [new BackendKind("server")];

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        LoggingWorld.Define(linker, state => slot.Host<LoggingHost>(state));
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new LoggingGrant(loggers.CreateLogger($"Windhover.Guest.{request.App}"));
    }

    private sealed class LoggingGrant(ILogger logger) : CapabilityGrant
    {
        public override object CreateHost(GuestContext guest) => new LoggingHost(logger);
    }
}

/// <summary>Writes what one instance logs, up to a bound.</summary>
internal sealed partial class LoggingHost(ILogger logger) : ILogging
{
    private const int MaxChars = 16 * 1024;
    private const int MaxTotal = 1 << 20;
    private int _total;

    public void Log(Level level, string context, string message)
    {
        if (_total > MaxTotal)
            return;
        _total += Math.Min(message.Length, MaxChars) + Math.Min(context.Length, 256) + 16;
        if (_total > MaxTotal)
        {
            Write(logger, LogLevel.Warning, "windhover", "this run has logged 1 MiB; the rest is left out");
            return;
        }

        Write(logger, level switch
        {
            Level.Trace => LogLevel.Trace,
            Level.Debug => LogLevel.Debug,
            Level.Info => LogLevel.Information,
            Level.Warn => LogLevel.Warning,
            Level.Error => LogLevel.Error,
            _ => LogLevel.Critical,
        }, Clip(context, 256), Clip(message, MaxChars));
    }

    // Control signs could forge other lines, or steer the operator's terminal.
    private static string Clip(string text, int most) => string.Create(Math.Min(text.Length, most), text, static (to, text) =>
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = char.IsControl(text[i]) && text[i] != '\t' ? ' ' : text[i];
    });

    [LoggerMessage(EventId = 1, Message = "{Context}: {Text}")]
    private static partial void Write(ILogger logger, LogLevel level, string context, string text);
}
