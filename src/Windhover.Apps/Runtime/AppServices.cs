using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Messaging;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Runtime;

/// <summary>What all apps of a server share.</summary>
internal sealed record AppServices(
    ComponentHost Host, LogStore Logs, ILoggerFactory Loggers, MessageTopics Topics, TimeProvider Time, AppsOptions Options, RequestLedger Requests)
{
    /// <summary>How stores are watched; null where no capability can.</summary>
    public IWatchCapability? Watches { get; } = Host.Capabilities.All.OfType<IWatchCapability>().FirstOrDefault();
}
