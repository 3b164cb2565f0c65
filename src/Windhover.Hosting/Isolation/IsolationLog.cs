using Microsoft.Extensions.Logging;

namespace Windhover.Hosting.Isolation;

internal static partial class IsolationLog
{
    [LoggerMessage(20, LogLevel.Error, "{App}: its process {Id} ended with status {Status}; requests under way are lost. {Errors}")]
    public static partial void Ended(ILogger logger, string app, int id, int status, string errors);

    [LoggerMessage(21, LogLevel.Error, "{App}: its process cannot be started again: {Reason}")]
    public static partial void NotStarted(ILogger logger, string app, string reason);

    [LoggerMessage(22, LogLevel.Information, "{App}: runs in process {Id}")]
    public static partial void Started(ILogger logger, string app, int id);

    [LoggerMessage(EventId = 23, Message = "{Line}")]
    public static partial void Relayed(ILogger logger, LogLevel level, string line);

    [LoggerMessage(24, LogLevel.Warning, "{App}: a call was refused: {Reason}. The allow-list was checked in its process before, so that process, or another one, is not what it was started as")]
    public static partial void Refused(ILogger logger, string app, string reason);
}
