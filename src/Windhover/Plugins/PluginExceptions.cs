using Windhover.Engine;

namespace Windhover.Plugins;

/// <summary>
/// Something went wrong with a plug-in. The message names the plug-in, the function where there is one, and what to do; the host goes on.
/// </summary>
public abstract class PluginException : Exception
{
    private protected PluginException(string plugin, string? function, string what, string remedy, Exception? inner = null)
        : base($"Plug-in '{plugin}'{(function is null ? "" : $", function `{function}`")}: {what.TrimEnd('.')}. {remedy}", inner)
    {
        Plugin = plugin;
        Function = function;
        Remedy = remedy;
    }

    /// <summary>The plug-in's name.</summary>
    public string Plugin { get; }

    /// <summary>The function that was called, <c>interface#function</c> or <c>function</c>; null when none was.</summary>
    public string? Function { get; }

    /// <summary>What to do, in one sentence.</summary>
    public string Remedy { get; }
}

/// <summary>A file cannot become a plug-in: it cannot be read, is not WebAssembly, or is malformed.</summary>
public sealed class PluginLoadException : PluginException
{
    internal PluginLoadException(string plugin, string what, string remedy, Exception? inner = null)
        : base(plugin, null, what, remedy, inner)
    {
    }
}

/// <summary>The allow-list does not hold the plug-in's digest, or is itself not to be trusted.</summary>
public sealed class PluginNotAllowedException : PluginException
{
    internal PluginNotAllowedException(string plugin, string what, string remedy)
        : base(plugin, null, what, remedy)
    {
    }
}

/// <summary>A plug-in was built for another world, or another version of it, than the host offers.</summary>
public sealed class PluginMismatchException : PluginException
{
    internal const string UnknownWorld = "?";
    private const string CoreRemedy = "Provide what is missing, or use a plug-in that was built for this host.";

    internal PluginMismatchException(string plugin, string world, IReadOnlyList<string> findings, Exception? inner = null)
        : base(
            plugin,
            null,
            $"it does not {(world == UnknownWorld ? "link" : $"fit the world `{world}`")}: {(findings.Count == 0 ? inner?.Message ?? "" : string.Join("; ", findings))}",
            world == UnknownWorld || world.StartsWith('(') || world.StartsWith("extism:", StringComparison.Ordinal)
                ? CoreRemedy
                : $"Build the plug-in from the host's WIT for `{world}`, or let the host offer the version that it was built for.",
            inner)
    {
        World = world;
        Findings = findings;
    }

    /// <summary>The world that the host asked for, with its version.</summary>
    public string World { get; }

    /// <summary>What does not fit, one sentence each.</summary>
    public IReadOnlyList<string> Findings { get; }
}

/// <summary>A plug-in trapped in the middle of a call or while it started. Its instance is of no use any more.</summary>
public class PluginTrapException : PluginException
{
    internal PluginTrapException(string plugin, string? function, string what, string remedy, TrapKind kind, Exception inner)
        : base(plugin, function, what, remedy, inner)
    {
        Kind = kind;
        Frames = inner is TrapException trap ? trap.Frames : [];
    }

    /// <summary>Why it stopped.</summary>
    public TrapKind Kind { get; }

    /// <summary>The plug-in's backtrace, innermost first.</summary>
    public IReadOnlyList<WasmFrame> Frames { get; }
}

/// <summary>A plug-in met its budget: time, fuel or memory.</summary>
public sealed class PluginBudgetException : PluginTrapException
{
    internal PluginBudgetException(string plugin, string? function, string what, string remedy, TrapKind kind, Exception inner)
        : base(plugin, function, what, remedy, kind, inner)
    {
    }
}

/// <summary>A function of the host that a plug-in called threw. The exception is inside; the plug-in's instance is of no use any more.</summary>
public sealed class PluginImportException : PluginTrapException
{
    internal PluginImportException(string plugin, string? function, string import, Exception inner, Exception cause)
        : base(
            plugin,
            function,
            $"the host's function `{import}`, which it called, threw {cause.GetType().Name}: {cause.Message}",
            "Mend the host's implementation, or let it answer with an error that the WIT declares; then take a new instance.",
            TrapKind.Host,
            inner) => (Import, Cause) = (import, cause);

    /// <summary>The import, <c>interface#function</c> or <c>function</c>.</summary>
    public string Import { get; }

    /// <summary>What the host's function threw.</summary>
    public Exception Cause { get; }
}

/// <summary>Why a call was refused before it reached the plug-in.</summary>
public enum PluginMisuse
{
    /// <summary>The plug-in was disposed, or its pool took it back.</summary>
    Disposed,

    /// <summary>Another thread is in a call of the same plug-in.</summary>
    SecondThread,

    /// <summary>The call comes from a function of the host that the same plug-in is calling.</summary>
    Reentrance,

    /// <summary>An earlier call failed and left the instance without use.</summary>
    Failed,

    /// <summary>The component has no such function, or it is called with the wrong arguments.</summary>
    Arguments,
}

/// <summary>A plug-in was called against its rules (docs/plugins.md, "Threads"). The plug-in itself is unharmed.</summary>
public sealed class PluginUseException : PluginException
{
    internal PluginUseException(string plugin, string? function, PluginMisuse misuse, string what, string remedy, Exception? inner = null)
        : base(plugin, function, what, remedy, inner) => Misuse = misuse;

    /// <summary>The rule.</summary>
    public PluginMisuse Misuse { get; }
}
