using Windhover.Engine;

namespace Windhover.Plugins.Extism;

/// <summary>How loud a line of a plug-in's log is, and the least that is kept.</summary>
public enum ExtismLogLevel
{
    /// <summary>Every step.</summary>
    Trace,

    /// <summary>For whoever looks for a fault.</summary>
    Debug,

    /// <summary>What happens.</summary>
    Info,

    /// <summary>What looks wrong.</summary>
    Warn,

    /// <summary>What is wrong.</summary>
    Error,

    /// <summary>Nothing is kept.</summary>
    Off = int.MaxValue,
}

/// <summary>What the host gives an Extism plug-in beside its manifest.</summary>
public sealed class ExtismOptions
{
    /// <summary>Whether WASI 0.1 is there. Most plug-ins made with other tools than C and AssemblyScript import it.</summary>
    public bool Wasi { get; set; } = true;

    /// <summary>Time and memory, where the manifest says nothing.</summary>
    public PluginOptions Plugin { get; set; } = new();

    /// <summary>The least level that <see cref="Log"/> is told.</summary>
    public ExtismLogLevel LogLevel { get; set; } = ExtismLogLevel.Info;

    /// <summary>Told of each line that the plug-in logs.</summary>
    public Action<ExtismLogLevel, string>? Log { get; set; }

    internal List<(string Module, string Name, FunctionType Type, ExtismHandler Handler)> Functions { get; } = [];

    /// <summary>Provides a function of the host that takes a block and gives one, as most do: <c>extism:host/user</c>.</summary>
    public ExtismOptions AddFunction(string name, Func<byte[], byte[]> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return AddFunction(
            "extism:host/user",
            name,
            new FunctionType([ValueKind.I64], [ValueKind.I64]),
            (plugin, values) => values[0] = plugin.Write(function(plugin.Read(values[0].U64))));
    }

    /// <summary>Provides a function of the host of any type.</summary>
    public ExtismOptions AddFunction(string module, string name, FunctionType type, ExtismHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Functions.Add((module, name, type, handler));
        return this;
    }
}
