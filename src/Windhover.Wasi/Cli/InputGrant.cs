using System.IO.Pipelines;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Cli;

/// <summary>Where a guest's standard input comes from.</summary>
public sealed class InputGrant
{
    private readonly Func<IGuestBlocking, InputStream> _create;

    private InputGrant(Func<IGuestBlocking, InputStream> create, bool isTerminal = false)
    {
        _create = create;
        IsTerminal = isTerminal;
    }

    /// <summary>Nothing: at its end from the start.</summary>
    public static InputGrant None { get; } = FromBytes(default);

    /// <summary>The host process's own standard input.</summary>
    public static InputGrant Inherit { get; } =
        new(blocking => new PipeInputStream(PipeReader.Create(Console.OpenStandardInput()), blocking), !Console.IsInputRedirected);

    /// <summary>Whether the guest is told that it talks to a terminal.</summary>
    public bool IsTerminal { get; }

    /// <summary>Fixed bytes, the same for each guest.</summary>
    public static InputGrant FromBytes(ReadOnlyMemory<byte> bytes) => new(blocking => new MemoryInputStream(bytes, blocking));

    /// <summary>What a pipe delivers. One guest may have it; the caller completes the reader.</summary>
    public static InputGrant FromPipe(PipeReader reader) => new(blocking => new PipeInputStream(reader, blocking));

    /// <summary>What a stream delivers. One guest may have it; the caller keeps and closes the stream.</summary>
    public static InputGrant FromStream(Stream stream) =>
        FromPipe(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)));

    /// <summary>A stream made for each guest.</summary>
    public static InputGrant FromFactory(Func<IGuestBlocking, InputStream> create) => new(create);

    internal InputStream Create(IGuestBlocking blocking) => _create(blocking);
}
