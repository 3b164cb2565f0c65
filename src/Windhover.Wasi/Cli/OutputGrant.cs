using System.IO.Pipelines;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Cli;

/// <summary>Where a guest's standard output or error goes.</summary>
public sealed class OutputGrant
{
    private readonly Func<IGuestBlocking, OutputStream> _create;

    private OutputGrant(Func<IGuestBlocking, OutputStream> create, bool isTerminal = false)
    {
        _create = create;
        IsTerminal = isTerminal;
    }

    /// <summary>Nowhere: everything is taken, nothing kept.</summary>
    public static OutputGrant None { get; } = new(static blocking => new NullOutputStream(blocking));

    /// <summary>The host process's own standard output.</summary>
    public static OutputGrant InheritOutput { get; } = ForConsole(Console.OpenStandardOutput, !Console.IsOutputRedirected);

    /// <summary>The host process's own standard error.</summary>
    public static OutputGrant InheritError { get; } = ForConsole(Console.OpenStandardError, !Console.IsErrorRedirected);

    /// <summary>Whether the guest is told that it talks to a terminal.</summary>
    public bool IsTerminal { get; }

    /// <summary>A stream, written synchronously; several guests may share it. The caller keeps and closes it.</summary>
    public static OutputGrant ToStream(Stream stream) => new(blocking => new StreamOutputStream(stream, blocking));

    /// <summary>A pipe, which pushes back on the guest when its reader is slow. One guest may have it; the caller completes the writer.</summary>
    public static OutputGrant ToPipe(PipeWriter writer) => new(blocking => new PipeOutputStream(writer, blocking));

    /// <summary>A stream made for each guest.</summary>
    public static OutputGrant FromFactory(Func<IGuestBlocking, OutputStream> create) => new(create);

    internal OutputStream Create(IGuestBlocking blocking) => _create(blocking);

    private static OutputGrant ForConsole(Func<Stream> open, bool isTerminal)
    {
        var stream = new Lazy<Stream>(open);
        return new(blocking => new StreamOutputStream(stream.Value, blocking), isTerminal);
    }
}
