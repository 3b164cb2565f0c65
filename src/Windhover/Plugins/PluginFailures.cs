using Windhover.Components.Linking;
using Windhover.Engine;
using LinkException = Windhover.Components.Linking.LinkException;

namespace Windhover.Plugins;

/// <summary>From what the engine throws to what a user of plug-ins can act on.</summary>
internal static class PluginFailures
{
    private const string NewInstance = "The instance is of no use any more: take a new one.";

    public static PluginException Translate(string plugin, string? function, Exception error, PluginOptions options)
    {
        if (error is not PluginException && BudgetExceededException.Find(error) is { } budget)
        {
            return new PluginBudgetException(
                plugin, function, budget.Message, $"Raise PluginOptions.Budget if that can be right. {NewInstance}", (error as TrapException)?.Kind ?? TrapKind.Other, error);
        }

        switch (error)
        {
            case PluginException own:
                return own;
            case HostImportException import:
                return new PluginImportException(plugin, function, import.Import, import, import.InnerException!);
            case TrapException { Kind: TrapKind.Interrupt } trap:
                return new PluginBudgetException(
                    plugin, function, $"it ran longer than {Seconds(options.CallTimeout)}", $"Raise PluginOptions.CallTimeout if that can be right. {NewInstance}", trap.Kind, trap);
            case TrapException { Kind: TrapKind.OutOfFuel } trap:
                return new PluginBudgetException(plugin, function, "it used all of its fuel", $"Raise PluginOptions.Fuel if that can be right. {NewInstance}", trap.Kind, trap);
            case TrapException { Kind: TrapKind.Host, InnerException: { } cause } trap and not { InnerException: TrapException }:
                return new PluginImportException(plugin, function, "(unknown)", trap, cause);
            case TrapException trap when trap.Message.StartsWith("cannot enter component instance", StringComparison.Ordinal):
                return new PluginTrapException(plugin, function, "an earlier call failed and left the instance without use", "Take a new instance.", trap.Kind, trap);
            case TrapException trap:
                return new PluginTrapException(plugin, function, $"it trapped: {FirstLine(trap.Message)}", NewInstance, trap.Kind, trap);
            case GuestExitException exit:
                return new PluginTrapException(
                    plugin, function, $"it ended itself with exit code {exit.ExitCode}", $"A plug-in must return, not exit. {NewInstance}", TrapKind.Other, exit);
            case ResourceLimitException limit:
                return new PluginBudgetException(
                    plugin,
                    function,
                    $"there is no room for it: {limit.Message}",
                    "Raise PluginOptions.MaxMemoryBytes or EngineOptions.MaxInstances, or dispose instances sooner.",
                    TrapKind.Other,
                    limit);
            case LinkException link:
                return new PluginMismatchException(plugin, PluginMismatchException.UnknownWorld, [link.Message], link);
            default:
                return new PluginTrapException(
                    plugin, function, $"the call was given up half-way by {error.GetType().Name}: {error.Message}", $"Mend the argument that throws. {NewInstance}", TrapKind.Host, error);
        }
    }

    /// <summary>Why a call is refused before it reaches the plug-in.</summary>
    public static PluginUseException Refusal(string plugin, bool isDisposed, bool isSameThread, string function) => (isDisposed, isSameThread) switch
    {
        (true, _) => new PluginUseException(
            plugin, function, PluginMisuse.Disposed, "it was disposed before this call", "Call it inside its `using`, or take a new instance."),
        (_, true) => new PluginUseException(
            plugin,
            function,
            PluginMisuse.Reentrance,
            "it is called from a function of the host that it is calling itself",
            "Give the import what it needs beforehand, or use another instance for the inner call."),
        _ => new PluginUseException(
            plugin,
            function,
            PluginMisuse.SecondThread,
            "another thread is in a call of the same instance",
            "Use one instance per thread: a PluginPool hands them out."),
    };

    // The backtrace after it is in Frames, and in the exception inside.
    private static string FirstLine(string message) => message.Split('\n', 2)[0];

    private static string Seconds(TimeSpan? time) =>
        time is { } t ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{t.TotalSeconds:0.###} s") : "it may";
}
