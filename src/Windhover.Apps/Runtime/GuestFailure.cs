using Windhover.Engine;

namespace Windhover.Apps.Runtime;

/// <summary>Why a run of a guest failed, and the HTTP status that says so.</summary>
internal sealed record GuestFailure(int Status, string Message)
{
    public const int BadGateway = 502;

    /// <summary>Tells what ended a guest; null for exceptions that are not a guest's.</summary>
    public static GuestFailure? Of(Exception error) => error switch
    {
        TrapException { Kind: TrapKind.Interrupt, InnerException: OperationCanceledException } => new(499, "the client left"),
        TrapException { Kind: TrapKind.Interrupt } => new(504, "its time is over"),
        TrapException { InnerException: OperationCanceledException } or OperationCanceledException => new(504, "its time is over, or the client left"),
        TrapException trap => new(500, trap.Message),
        GuestExitException exit => new(500, exit.Message),
        ResourceLimitException or ServerBusyException => new(503, error.Message),
        _ when BudgetExceededException.Find(error) is { } budget => new(503, budget.Message),
        _ => null,
    };
}

/// <summary>As many guests wait for a thread as may.</summary>
internal sealed class ServerBusyException() : Exception("as many guests wait for a thread as may");
