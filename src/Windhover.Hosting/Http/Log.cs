using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Windhover.Hosting.Http;

/// <summary>The log lines of the request's way.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{App}: the guest trapped answering {Method} {Path}: {Trap}")]
    public static partial void Trapped(ILogger logger, string app, string method, PathString path, string trap, Exception? cause);

    [LoggerMessage(2, LogLevel.Error, "{App}: the guest returned from {Method} {Path} without an answer")]
    public static partial void NoResponse(ILogger logger, string app, string method, PathString path);

    [LoggerMessage(3, LogLevel.Warning, "{App}: {Method} {Path} was stopped after {Seconds} s")]
    public static partial void TimedOut(ILogger logger, string app, string method, PathString path, double seconds);

    [LoggerMessage(4, LogLevel.Error, "{App}: the guest ended itself answering {Method} {Path}: {Exit}")]
    public static partial void Exited(ILogger logger, string app, string method, PathString path, string exit);

    [LoggerMessage(7, LogLevel.Information, "{App}: {Line}")]
    public static partial void Guest(ILogger logger, string app, string line);

    [LoggerMessage(6, LogLevel.Warning, "{App}: {Method} {Path} was stopped: {Reason}")]
    public static partial void UsedUp(ILogger logger, string app, string method, PathString path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{App}: a request was refused: {Reason}")]
    public static partial void Full(ILogger logger, string app, string reason);
}
